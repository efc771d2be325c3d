import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where to listen, and the setting that says the port. */
export interface ListenAddress {
  host: string;
  port: number;
  variable: string;
}

/** Resolves when the server listens; rejects with a sentence. */
export function listen(server: Server, { host, port, variable }: ListenAddress): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(sentenceOf(error, { host, port, variable })));
    server.listen(port, host, resolve);
  });
}

/** Address of a server that listens, as one of this machine would write it. */
export function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function sentenceOf(error: NodeJS.ErrnoException, { host, port, variable }: ListenAddress): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} is taken by something else: stop that, or set ${variable} to another one.`,
    EACCES: `Port ${port} is for the administrator of this machine: set ${variable} to one of 1024 or more.`,
    ENOTFOUND: `CHATTER_HOST is "${host}", which is no address of this machine.`,
    EADDRNOTAVAIL: `CHATTER_HOST is "${host}", which is no address of this machine.`,
  };
  return new Error(reasons[error.code ?? ''] ?? `The server cannot listen: ${error.message}.`, { cause: error });
}
