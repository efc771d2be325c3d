import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { limits as protocolLimits } from '#protocol/codes';
import { type Access, type DirectoryPolicy, MembershipAccess } from './actions/access.ts';
import { KnownPeople } from './actions/known-people.ts';
import { Rates } from './actions/rates.ts';
import { type Revocable, Revocations } from './actions/revocations.ts';
import { restore, revoke } from './actions/revoke.ts';
import { Rosters } from './actions/rosters.ts';
import type { Auth } from './auth/auth.ts';
import { GuestAuth } from './auth/guest-auth.ts';
import { createJwtAuth } from './auth/jwt-auth.ts';
import type { Bus } from './bus/bus.ts';
import { loneBus } from './bus/memory-bus.ts';
import { ClientAddresses } from './client-address.ts';
import { type Clock, systemClock } from './clock.ts';
import { configurableLimits, type Limits, type ServerContext } from './context.ts';
import { createLog, type Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { PrometheusMetrics } from './prometheus-metrics.ts';
import { RevocableAuth } from './revocable-auth.ts';
import { createApp } from './routes/app.ts';
import { OriginPolicy } from './routes/origin-policy.ts';
import { Hub } from './socket/hub.ts';
import { Sessions } from './socket/sessions.ts';
import type { SessionDoor, SessionSocket } from './socket/session-socket.ts';
import { TroubleLog } from './trouble-log.ts';
import { Upgrades } from './socket/upgrade.ts';
import type { Store } from './store/store.ts';

export { type Access, type DirectoryPolicy, MembershipAccess, type RoomAct } from './actions/access.ts';
export { directKey } from './actions/create-room.ts';
export type { Revocable } from './actions/revocations.ts';
export type { Roster } from './actions/rosters.ts';
export { type Auth, type Identity, TokenEndedError } from './auth/auth.ts';
export { type GuestAuth, openGuestAuth } from './auth/guest-auth.ts';
export { createJwtAuth, type JwtAlgorithm, type JwtAuthOptions, type JwtTrust } from './auth/jwt-auth.ts';
export type { Bus } from './bus/bus.ts';
export { MemoryBroker } from './bus/memory-bus.ts';
export { openRedisBus, type RedisBusOptions } from './bus/redis-bus.ts';
export { parseConversationLine, type SpokenLine } from './cli/conversation.ts';
export { importConversations, type ImportProgress, type ImportSummary } from './cli/import.ts';
export { type Clock, systemClock } from './clock.ts';
export type { Limits } from './context.ts';
export { ChatterError } from './errors.ts';
export { createLog, type Log, type LogLevel } from './log.ts';
export type { SessionDoor, SessionSocket } from './socket/session-socket.ts';
export type { RoomDraft, Store } from './store/store.ts';

export interface ChatterOptions {
  /** Who people are: `createJwtAuth`, `openGuestAuth`, or your own. */
  auth?: Auth;
  /** Short for the usual `auth`: tokens signed with this secret of 32 bytes or more (HS256). */
  jwtSecret?: string;
  /** Where rooms live: a database URL, or a store of your own, which `close()` then leaves open. */
  database?: string;
  /** Connections to the database, where it is a server (10). */
  databaseConnections?: number;
  store?: Store;
  /** How the nodes of a cluster hear of each other. A lone node needs none. */
  bus?: Bus;
  /** Who may do what; by default members may, and people find each other as `directory` says. */
  access?: Access;
  directory?: DirectoryPolicy;
  /** Origins of pages that may use this server, besides its own; `*` is all of them. */
  origins?: readonly string[];
  /** Where the server is mounted, like `/chat`. */
  basePath?: string;
  limits?: Partial<Limits>;
  /**
   * How many proxies stand in front of the server and add to `X-Forwarded-For` (0): by what they say, limits are kept for
   * each address. Where none is trusted the header is not read, and what comes from loopback and private addresses is not
   * limited by address: a proxy is there, or one's own network, and all people behind it would share one address.
   */
  trustedProxies?: number;
  /** Percent of its connections that a server of several sends away a second when it is closed (2), and never fewer than 20. */
  drainPercent?: number;
  /** Opens `/metrics` to whoever sends this as a bearer token; without it, `metrics()` is the only way to them. */
  metricsToken?: string;
  /** The built `chatter.js`, where it is not in its usual place. */
  elementsFile?: string;
  clock?: Clock;
  log?: Log;
}

export interface Chatter {
  /** The HTTP side, for a Hono app: `host.route('/chat', chatter.app)`. */
  readonly app: Hono;
  /** The HTTP side, for any Node server: paths with the base path and without it are both understood. */
  readonly listener: RequestListener;
  /** Takes an upgrade that is Chatter's; answers `false`, and has touched nothing, where it is not. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Listens to the upgrades of a server. Returns its undo. */
  attach(server: Server): () => void;
  /** A session without a websocket: for another transport, or for tests. */
  connect(socket: SessionSocket): SessionDoor;
  /**
   * Lets somebody in no more: a person, whole tenant, one token, or all that a person has got so far. Their sessions end within
   * 2 s on all nodes (32 s where the nodes cannot hear of each other); on this one when it resolves.
   */
  revoke(tenant: string, what: Revocable): Promise<void>;
  /** Takes back that a person or a tenant was revoked. */
  restore(tenant: string, what: Extract<Revocable, { kind: 'tenant' | 'person' }>): Promise<void>;
  /** What the server counts, in the text form of Prometheus, with what Node tells of the process. */
  metrics(): Promise<string>;
  /** Answers what has begun, sends everyone away, and lets go of everything that it opened itself. */
  close(): Promise<void>;
}

/** A chat server, to be mounted into any Node server. Nothing listens, and no timer keeps the process alive. */
export async function createChatter(options: ChatterOptions): Promise<Chatter> {
  const clock = options.clock ?? systemClock;
  const log = options.log ?? createLog('info');
  const metrics = new PrometheusMetrics();
  const basePath = normalBasePath(options.basePath);
  const hostAuth = await authOf(options);
  const ownStore = options.store ? undefined : await openStore(mustName(options.database), { connections: options.databaseConnections, metrics });
  const store = options.store ?? ownStore!;
  const ownBus = options.bus ? undefined : loneBus();
  const bus = options.bus ?? ownBus!;
  const rosters = new Rosters(store, clock);
  const revocations = new Revocations({ store, clock, log });
  const auth = new RevocableAuth(hostAuth, revocations);
  const limits = limitsOf(options.limits);
  const hub = new Hub({ node: randomUUID(), store, bus, rosters, clock, log, metrics, onRevoked: () => void revocations.refresh() });
  const context: ServerContext = {
    store, rosters, revocations, clock, limits, log, metrics, troubles: new TroubleLog(log, clock),
    access: options.access ?? new MembershipAccess(options.directory),
    knownPeople: new KnownPeople(store),
    rates: new Rates(limits, clock, metrics),
    announcer: hub,
  };
  const sessions = new Sessions(context, auth, hub, { drainPercent: options.drainPercent ?? 2, busMode: () => bus.mode });
  metrics.watch({ sessions: () => sessions.counts, openRooms: () => hub.openRooms, presentPeople: () => hub.presentPeople, bus });
  const origins = new OriginPolicy(options.origins ?? []);
  const addresses = new ClientAddresses(options.trustedProxies ?? 0, log);
  const upgrades = new Upgrades({ path: `${basePath}/ws`, origins, addresses, sessions, context });
  const app = createApp({
    context, auth, guests: hostAuth instanceof GuestAuth ? hostAuth : undefined, origins, addresses, basePath, elementsFile: options.elementsFile,
    isOver: () => sessions.isOver,
    health: { check: () => store.check(), busMode: () => bus.mode, isClosing: () => sessions.isClosing },
    metrics: { read: () => metrics.text(), token: options.metricsToken },
  });
  const handleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => upgrades.handle(request, socket, head);
  let closing: Promise<void> | undefined;

  return {
    app,
    // Without `false` this would put other globals in the place of the host's Request and Response.
    listener: getRequestListener(app.fetch, { overrideGlobalObjects: false }),
    handleUpgrade,
    attach: (server) => attach(server, handleUpgrade),
    connect: (socket) => sessions.connect(socket),
    revoke: (tenant, what) => revoke(context, tenant, what),
    restore: (tenant, what) => restore(context, tenant, what),
    metrics: () => metrics.text(),
    close: () => (closing ??= closeAll()),
  };

  async function closeAll(): Promise<void> {
    await sessions.close();
    hub.close();
    revocations.close();
    await ownBus?.close();
    await options.auth?.close?.();
    await ownStore?.close();
  }
}

/** Opens the rooms in a database, like `sqlite:chatter.sqlite3`. Whoever opens it closes it. */
export async function openStore(database: string, options: { connections?: number; metrics?: Metrics } = {}): Promise<Store> {
  // Not loaded by those who bring their own store.
  const { openSequelizeStore } = await import('./store/sequelize-store.ts');
  return openSequelizeStore({ url: database, ...options });
}

async function authOf({ auth, jwtSecret }: ChatterOptions): Promise<Auth> {
  if (auth && jwtSecret !== undefined) throw new Error('createChatter takes auth or jwtSecret, not both.');
  if (auth) return auth;
  if (jwtSecret !== undefined) return createJwtAuth({ secrets: [jwtSecret] });
  throw new Error('createChatter has to know who people are: give it jwtSecret, or auth: await createJwtAuth(…).');
}

function mustName(database: string | undefined): string {
  if (database !== undefined) return database;
  throw new Error('createChatter needs a place for rooms: give it database: "sqlite:chatter.sqlite3", or a store.');
}

function limitsOf(given: Partial<Limits> = {}): Limits {
  return Object.fromEntries(configurableLimits.map((name) => [name, given[name] ?? protocolLimits[name]])) as unknown as Limits;
}

/** `chat/` and `/chat` are the same place; the root is the empty path. */
function normalBasePath(path = ''): string {
  const inner = path.split('/').filter((part) => part !== '').join('/');
  return inner === '' ? '' : `/${inner}`;
}

/**
 * An upgrade that nobody takes would hang for ever. Where ours is the only listener, it is refused; where there are others,
 * it may be theirs, and theirs to refuse.
 */
function attach(server: Server, handleUpgrade: Chatter['handleUpgrade']): () => void {
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (handleUpgrade(request, socket, head) || server.listenerCount('upgrade') > 1) return;
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy());
  };
  server.on('upgrade', onUpgrade);
  return () => server.off('upgrade', onUpgrade);
}
