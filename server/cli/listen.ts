import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../clock.ts';
import type { Log } from '../log.ts';
import { OccasionalLog } from '../occasional-log.ts';

/** Where to listen, and the setting that says the port. */
export interface ListenAddress {
  host: string;
  port: number;
  variable: string;
}

/**
 * Connections that wait to be taken. When ten thousand come back at once, the system lets go of those that find no place, and
 * each of them tries again a second later, then three, seven, fifteen: Node's own 511 make that half a minute. Linux allows up
 * to `net.core.somaxconn`, 4,096 where nobody has changed it.
 */
export const backlog = 4_096;

/**
 * Resolves when the server listens; rejects with a sentence. From then on an error of it is logged, and it goes on: where the
 * process has as many files open as it may, those who come have to wait, and those who are there need not go.
 */
export function listen(server: Server, { host, port, variable }: ListenAddress, log: Log): Promise<void> {
  const troubles = new OccasionalLog(log, systemClock);
  return new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => reject(sentenceOf(error, { host, port, variable }));
    server.once('error', refuse);
    server.listen({ port, host, backlog }, () => {
      server.off('error', refuse);
      server.on('error', (error: NodeJS.ErrnoException) => troubles.warn('A connection could not be taken.', { cause: error.code ?? error.message, error }));
      resolve();
    });
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
