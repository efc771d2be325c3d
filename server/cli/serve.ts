import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { openGuestAuth } from '../auth/guest-auth.ts';
import type { Auth } from '../auth/auth.ts';
import { createJwtAuth, type JwtAlgorithm, type JwtTrust } from '../auth/jwt-auth.ts';
import { type Config, ConfigError, limitsOf } from '../config.ts';
import { type Bus, type Chatter, createChatter, openRedisBus } from '../index.ts';
import { createLog, type Log } from '../log.ts';
import { metricsApp } from '../routes/metrics.ts';
import { listen, urlOf } from './listen.ts';

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
  if (config.guests) log.warn('Guests are let in who just say who they are (CHATTER_GUESTS): that is for trying things out.');
  const bus = busOf(config, log);
  const chatter = await createChatter({
    auth, log, bus, database: config.database, databaseConnections: config.databaseConnections, origins: config.origins,
    basePath: config.basePath, directory: config.directory, limits: limitsOf(config), trustedProxies: config.trustedProxies, drainPercent: config.drainPercent,
    metricsToken: config.metricsToken,
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
  let metrics: Server | undefined;
  try {
    metrics = await listenForMetrics(chatter, config, log);
    await listen(server, { host: config.host, port: config.port, variable: 'CHATTER_PORT' }, log);
  } catch (error) {
    metrics?.close();
    await close();
    throw error;
  }
  const url = `${urlOf(server, config.host)}${pathOf(config.basePath)}`;
  log.info(`Chatter runs at ${url}`);
  if (metrics) log.info(`Its metrics are at ${urlOf(metrics, config.host)}/metrics`);
  return { url, close: () => closeAll(server, close, metrics, log) };
}

/** A server of their own, where there is a port for it. */
async function listenForMetrics(chatter: Chatter, { host, metricsPort, metricsToken }: Config, log: Log): Promise<Server | undefined> {
  if (metricsPort === undefined && metricsToken === undefined) return undefined;
  // What Node tells of the process begins with the first reading.
  await chatter.metrics();
  if (metricsPort === undefined) return undefined;
  const app = metricsApp(() => chatter.metrics(), metricsToken);
  const server = createServer({ headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs }, getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  await listen(server, { host, port: metricsPort, variable: 'CHATTER_METRICS_PORT' }, log);
  return server;
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

/** While those who are there are sent away, whoever comes is told to go elsewhere, and one can see how far that is. */
async function closeAll(server: Server, closeChatter: () => Promise<void>, metrics: Server | undefined, log: Log): Promise<void> {
  log.info('Going away.');
  await closeChatter();
  const isClosed = closed(server);
  server.closeAllConnections();
  await isClosed;
  if (!metrics) return;
  const areMetricsClosed = closed(metrics);
  metrics.closeAllConnections();
  await areMetricsClosed;
}

/** Stops listening at once. Resolves when the last connection has ended. */
function closed(server: Server): Promise<void> {
  return new Promise<void>((resolve) => void server.close(() => resolve()));
}

function pathOf(basePath: string): string {
  return basePath === '' ? '' : `/${basePath.replace(/^\/|\/$/g, '')}`;
}
