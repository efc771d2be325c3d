import { z } from 'zod';
import { limits } from '#protocol/codes';
import { type DirectoryPolicy, directoryPolicies } from './actions/access.ts';
import { configurableLimits, type Limits } from './context.ts';
import { type LogLevel, logLevels } from './log.ts';

export interface Setting<T = unknown> {
  readonly variable: string;
  /** What it is for, in a sentence. */
  readonly doc: string;
  /** What holds where it is not set, as one would write it. */
  readonly fallback: string | undefined;
  readonly schema: z.ZodType<T, string>;
}

const word = z.string().trim();
const port = word.regex(/^\d{1,5}$/, 'a port number, or 0 for any that is free').transform(Number)
  .refine((value) => value <= 65_535, 'a port number, or 0 for any that is free');
const isOn = word.toLowerCase().pipe(z.enum(['1', 'true', 'yes', 'on', '0', 'false', 'no', 'off'], 'yes or no'))
  .transform((value) => ['1', 'true', 'yes', 'on'].includes(value));
const list = word.transform((value) => value.split(',').map((part) => part.trim()).filter((part) => part !== ''));
/** People copy an origin from the address bar, with the slash at its end. */
const origins = list.transform((values) => values.map((value) => value.replace(/\/$/, ''))).refine((values) => values.every(isOrigin), 'origins like https://www.example.com, with commas between, or *');
const webAddress = word.refine((value) => /^https?:\/\//.test(value) && URL.canParse(value), 'an address like https://login.example.com/jwks.json');
const basePath = word.regex(/^\/?[\w./-]*$/, 'a path like /chat');

/** One row a setting: the variable, the sentence about it, the default, and what is accepted. */
export const settings = {
  host: setting('CHATTER_HOST', 'Address to listen on; `0.0.0.0` is every network this machine is in.', 'localhost', word.min(1)),
  port: setting('CHATTER_PORT', 'Port to listen on; `PORT` is understood too.', '3000', port),
  database: setting('CHATTER_DATABASE', 'Where rooms live: `sqlite:` and the path of a file, or the address of a database, `postgres://…` or `mysql://…` (MariaDB too).', 'sqlite:chatter.sqlite3', word.min(1)),
  databaseConnections: whole('CHATTER_DATABASE_CONNECTIONS', 'Connections to the database, where it is a server.', 10, 1_000),
  redis: setting('CHATTER_REDIS', 'Redis, by which several servers on one database hear of each other: `redis://…` (`rediss://` with TLS), `redis+sentinel://host:26379,host:26379/name` or `redis+cluster://host:6379,host:6379`.', undefined,
    word.regex(/^(rediss?|rediss?\+(sentinel|cluster)):\/\/./, 'an address like redis://localhost:6379')),
  redisPrefix: setting('CHATTER_REDIS_PREFIX', 'What all names in Redis begin with: give each installation its own where they share a Redis.', 'chatter', word.regex(/^[\w.-]{1,64}$/, 'letters, digits, and _ . -')),
  origins: setting('CHATTER_ORIGINS', 'Origins of pages that may use this server besides its own, with commas between; `*` is all.', '', origins),
  basePath: setting('CHATTER_BASE_PATH', 'Path that the server is mounted at, behind a proxy that keeps it.', '', basePath),
  jwtSecrets: setting('CHATTER_JWT_SECRET', 'Secret that tokens are signed with (HS256), 32 bytes or more. While you replace it: both, with a comma between.', undefined,
    list.refine((values) => values.length > 0, 'a secret of 32 bytes or more')),
  jwtPublicKey: setting('CHATTER_JWT_PUBLIC_KEY', 'Or: the public key (PEM) that tokens are checked with.', undefined,
    word.transform((value) => value.replaceAll('\\n', '\n')).refine((value) => value.includes('BEGIN PUBLIC KEY'), 'a PEM that begins with -----BEGIN PUBLIC KEY-----')),
  jwksUrl: setting('CHATTER_JWKS_URL', 'Or: where the public keys are published (JWKS).', undefined, webAddress),
  jwtAlgorithms: setting('CHATTER_JWT_ALGORITHMS', 'Algorithms of public keys to accept, with commas between; by default what the keys say.', undefined, list),
  jwtIssuer: setting('CHATTER_JWT_ISSUER', 'Tokens have to be of this issuer (`iss`).', undefined, word.min(1)),
  jwtAudience: setting('CHATTER_JWT_AUDIENCE', 'Tokens have to be meant for this audience (`aud`).', undefined, word.min(1)),
  guests: setting('CHATTER_GUESTS', 'Lets people in who just say who they are: for trying things out, and never where NODE_ENV=production.', 'no', isOn),
  directory: setting('CHATTER_DIRECTORY', 'Whom people can find and write to: `tenant` (everyone), `shared` (those they share a room with) or `none`.', 'tenant',
    word.pipe(z.enum(directoryPolicies, `one of ${directoryPolicies.join(', ')}`))),
  metricsPort: setting('CHATTER_METRICS_PORT', 'Port that answers `/metrics` (Prometheus) and nothing else, on the same address; keep it inside.', undefined, port),
  metricsToken: setting('CHATTER_METRICS_TOKEN', 'Or: `/metrics` on the port of the server, for who sends this as a bearer token.', undefined, word.min(16, '16 characters or more')),
  trustedProxies: whole('CHATTER_TRUSTED_PROXIES', 'Proxies in front of the server, whose `X-Forwarded-For` tells the address that limits are kept for.', 0, 10),
  drainPercent: whole('CHATTER_DRAIN_PERCENT', 'Percent of its connections that a server of several sends away a second when it is stopped.', 2, 100),
  logLevel: setting('CHATTER_LOG_LEVEL', `How much is said on the standard error output: ${logLevels.join(', ')}.`, 'info',
    word.pipe(z.enum(logLevels, `one of ${logLevels.join(', ')}`))),
  helloTimeoutMs: limit('helloTimeoutMs', 'Milliseconds in which a connection has to say who it is.', 600_000),
  frameBytes: limit('frameBytes', 'Bytes of one frame or request.', 16 * 1024 * 1024),
  textCharacters: limit('textCharacters', 'Characters of one message.', limits.textCharacters),
  roomsPerConnection: limit('roomsPerConnection', 'Rooms that one connection may have open.', 10_000),
  connectionsPerUser: limit('connectionsPerUser', 'Connections that one person may have to one server.', 100_000),
  sendsPerSecond: limit('sendsPerSecond', 'Messages a second of one person in one room, in the long run.', 1_000_000),
  sendBurst: limit('sendBurst', 'Messages of one person in one room at once.', 1_000_000),
  roomSendsPerSecond: limit('roomSendsPerSecond', 'Messages a second of all people in one room, in the long run.', 1_000_000),
  roomSendBurst: limit('roomSendBurst', 'Messages of all people in one room at once.', 1_000_000),
  tenantSendsPerSecond: limit('tenantSendsPerSecond', 'Messages a second of one tenant, in the long run.', 1_000_000),
  tenantSendBurst: limit('tenantSendBurst', 'Messages of one tenant at once.', 1_000_000),
  framesPerSecond: limit('framesPerSecond', 'Frames a second of one connection, in the long run.', 1_000_000),
  frameBurst: limit('frameBurst', 'Frames of one connection at once.', 1_000_000),
  requestsPerSecond: limit('requestsPerSecond', 'Requests a second of one person over all connections and REST, in the long run.', 1_000_000),
  requestBurst: limit('requestBurst', 'Requests of one person at once.', 1_000_000),
  connectionsPerAddress: limit('connectionsPerAddress', 'Connections from one address (IPv6: one /64) to one server.', 1_000_000),
  connectsPerSecond: limit('connectsPerSecond', 'New connections a second from one address, in the long run.', 1_000_000),
  connectBurst: limit('connectBurst', 'New connections from one address at once.', 1_000_000),
} satisfies Record<string, Setting>;

export interface Config extends Limits {
  host: string;
  port: number;
  database: string;
  databaseConnections: number;
  redis?: string;
  redisPrefix: string;
  origins: string[];
  basePath: string;
  jwtSecrets?: string[];
  jwtPublicKey?: string;
  jwksUrl?: string;
  jwtAlgorithms?: string[];
  jwtIssuer?: string;
  jwtAudience?: string;
  guests: boolean;
  directory: DirectoryPolicy;
  metricsPort?: number;
  metricsToken?: string;
  trustedProxies: number;
  drainPercent: number;
  logLevel: LogLevel;
}

/** What is wrong with the settings, a sentence a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The settings that an environment makes. Throws `ConfigError`, which names every variable that is wrong and what is right. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const problems: string[] = [];
  const values = Object.fromEntries(Object.entries(settings).map(([name, { variable, fallback, schema }]) => {
    const given = environment[variable] ?? (name === 'port' ? environment['PORT'] : undefined);
    // Set to nothing is not set: that is how a compose file leaves a thing out.
    const text = given === undefined || given.trim() === '' ? fallback : given;
    if (text === undefined) return [name, undefined];
    const parsed = schema.safeParse(text);
    if (parsed.success) return [name, parsed.data];
    problems.push(`${variable} should be ${parsed.error.issues[0]?.message ?? 'something else'}${isSecret(variable) ? '' : `; it is "${text}"`}.`);
    return [name, undefined];
  }));
  problems.push(...problemsOfTrust(values as Partial<Config>));
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return values as unknown as Config;
}

/**
 * Variables that look like settings and are none: mostly misspelt. Not a reason to refuse, because some hosts put variables of
 * their own beside them (a Kubernetes service called "chatter" does).
 */
export function unknownVariables(environment: Record<string, string | undefined>): string[] {
  const known = new Set<string>(Object.values(settings).map(({ variable }) => variable));
  return Object.keys(environment).filter((name) => name.startsWith('CHATTER_') && !known.has(name));
}

/** The limits among the settings. */
export function limitsOf(config: Config): Limits {
  return Object.fromEntries(configurableLimits.map((name) => [name, config[name]])) as unknown as Limits;
}

/** The settings as text, for `--help`. */
export function describeSettings(): string {
  const width = Math.max(...Object.values(settings).map(({ variable }) => variable.length));
  return Object.values(settings).map(({ variable, doc, fallback }: Setting) =>
    `  ${variable.padEnd(width)}  ${doc.replaceAll('`', '')}${fallback ? ` (${fallback})` : ''}`).join('\n');
}

function setting<T>(variable: string, doc: string, fallback: string | undefined, schema: z.ZodType<T, string>): Setting<T> {
  return { variable, doc, fallback, schema };
}

function limit(name: (typeof configurableLimits)[number], doc: string, most: number): Setting<number> {
  return whole(`CHATTER_${name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`, doc, limits[name], most);
}

function whole(variable: string, doc: string, fallback: number, most: number): Setting<number> {
  const least = Math.min(fallback, 1);
  const right = `a whole number from ${least} to ${most}`;
  const schema = word.regex(/^\d+$/, right).transform(Number).refine((value) => value >= least && value <= most, right);
  return setting(variable, doc, String(fallback), schema);
}

function problemsOfTrust(config: Partial<Config>): string[] {
  const trust = [config.jwtSecrets && 'CHATTER_JWT_SECRET', config.jwtPublicKey && 'CHATTER_JWT_PUBLIC_KEY', config.jwksUrl && 'CHATTER_JWKS_URL']
    .filter((name): name is string => typeof name === 'string');
  if (config.guests) trust.push('CHATTER_GUESTS');
  return trust.length > 1 ? [`${trust.join(' and ')} are ways to know who people are: choose one of them.`] : [];
}

/** Also what holds a password. */
function isSecret(variable: string): boolean {
  return ['jwtSecrets', 'metricsToken', 'database', 'redis'].some((name) => variable === settings[name as keyof typeof settings].variable);
}

function isOrigin(value: string): boolean {
  return value === '*' || (URL.canParse(value) && new URL(value).origin === value && /^https?:/.test(value));
}
