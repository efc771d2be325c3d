import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openGuestAuth } from '../auth/guest-auth.ts';
import type { Auth } from '../auth/auth.ts';
import { createJwtAuth, type JwtAlgorithm, type JwtTrust } from '../auth/jwt-auth.ts';
import { type Config, ConfigError, limitsOf } from '../config.ts';
import { type Bus, createChatter, openRedisBus } from '../index.ts';
import { createLog, type Log } from '../log.ts';

/** Slow senders of requests hold a socket no longer than this; the upgrade is a request too. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;

export interface RunningServer {
  url: string;
  /** Answers what has begun, sends everyone away and lets go of everything. */
  close(): Promise<void>;
}

/** `chatter-server`: a server of its own. Throws a sentence where it cannot start. */
export async function serve(config: Config): Promise<RunningServer> {
  const log = createLog(config.logLevel);
  const auth = await authOf(config);
  const bus = busOf(config, log);
  const chatter = await createChatter({
    auth, log, bus, database: config.database, origins: config.origins, basePath: config.basePath,
    directory: config.directory, limits: limitsOf(config), trustedProxies: config.trustedProxies,
  }).catch(async (error: unknown) => {
    await bus?.close();
    throw error;
  });
  const close = async (): Promise<void> => {
    await chatter.close();
    await bus?.close();
  };
  const server = createServer({ headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs }, chatter.listener);
  chatter.attach(server);
  try {
    await listen(server, config);
  } catch (error) {
    await close();
    throw error;
  }
  const url = urlOf(server, config);
  log.info(`Chatter runs at ${url}`);
  return { url, close: () => closeAll(server, close, log) };
}

async function authOf(config: Config): Promise<Auth> {
  if (config.guests) return openGuestAuth({ secretFile: guestFileOf(config.database) });
  const trust = trustOf(config);
  if (!trust) {
    throw new ConfigError(
      'This server does not know who people are. Set CHATTER_JWT_SECRET to a secret that your back end signs tokens with:\n' +
      '  CHATTER_JWT_SECRET="$(openssl rand -base64 48)" chatter-server\n' +
      'or, to try things out, CHATTER_GUESTS=yes, which lets everyone be whom they say.',
    );
  }
  return createJwtAuth({ ...trust, issuer: config.jwtIssuer, audience: config.jwtAudience });
}

/** Where Redis cannot be reached the server starts all the same, and says so. */
function busOf({ redis, redisPrefix }: Config, log: Log): Bus | undefined {
  if (redis === undefined) return undefined;
  try {
    return openRedisBus({ url: redis, prefix: redisPrefix, log });
  } catch (error) {
    throw new ConfigError(`CHATTER_REDIS: ${(error as Error).message}`);
  }
}

function trustOf(config: Config): JwtTrust | undefined {
  const algorithms = config.jwtAlgorithms as JwtAlgorithm[] | undefined;
  if (config.jwtSecrets) return { secrets: config.jwtSecrets };
  if (config.jwtPublicKey) return { publicKey: config.jwtPublicKey, algorithm: algorithms?.[0] };
  return config.jwksUrl ? { jwksUrl: config.jwksUrl, algorithms } : undefined;
}

/** Beside the database, because guests and their rooms belong together. */
function guestFileOf(database: string): string {
  const file = /^sqlite:(?:\/\/)?(.+)$/.exec(database)?.[1];
  return file === undefined || file.startsWith(':') ? 'chatter.guests.secret' : `${file}.guests.secret`;
}

function listen(server: Server, { host, port }: Config): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(sentenceOf(error, host, port)));
    server.listen(port, host, resolve);
  });
}

function sentenceOf(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} is taken by something else: stop that, or set CHATTER_PORT to another one.`,
    EACCES: `Port ${port} is for the administrator of this machine: set CHATTER_PORT to one of 1024 or more.`,
    ENOTFOUND: `CHATTER_HOST is "${host}", which is no address of this machine.`,
    EADDRNOTAVAIL: `CHATTER_HOST is "${host}", which is no address of this machine.`,
  };
  return new Error(reasons[error.code ?? ''] ?? `The server cannot listen: ${error.message}.`, { cause: error });
}

function urlOf(server: Server, { host, basePath }: Config): string {
  const { port } = server.address() as AddressInfo;
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}${basePath === '' ? '' : `/${basePath.replace(/^\/|\/$/g, '')}`}`;
}

async function closeAll(server: Server, closeChatter: () => Promise<void>, log: Log): Promise<void> {
  log.info('Going away.');
  const isClosed = new Promise<void>((resolve) => void server.close(() => resolve()));
  await closeChatter();
  server.closeAllConnections();
  await isClosed;
}
