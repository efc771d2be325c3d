import type { limits } from '#protocol/codes';
import type { Access } from './actions/access.ts';
import type { KnownPeople } from './actions/known-people.ts';
import type { Rates } from './actions/rates.ts';
import type { Revocations } from './actions/revocations.ts';
import type { Rosters } from './actions/rosters.ts';
import type { Identity } from './auth/auth.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Change, ReadState, Store } from './store/store.ts';
import type { TroubleLog } from './trouble-log.ts';

/** Everything an action may touch. Made once, by `createChatter`. */
export interface ServerContext {
  readonly store: Store;
  readonly access: Access;
  readonly rosters: Rosters;
  readonly revocations: Revocations;
  readonly knownPeople: KnownPeople;
  readonly rates: Rates;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly log: Log;
  readonly troubles: TroubleLog;
  readonly metrics: Metrics;
}

/** Who asks: a person, through a session of the socket or (without `session`) through REST. */
export interface Actor extends Identity {
  readonly session?: string;
}

/** Tells the sessions of all nodes what was committed. Never throws, never waits. */
export interface Announcer {
  /** A room's log grew. */
  changed(tenant: string, room: string, change: Change): void;
  /** A person's read marker moved; `bySession` knows already. */
  read(tenant: string, room: string, user: string, state: ReadState, bySession?: string): void;
  /** Something was revoked, or taken back: the other nodes should read what. */
  revoked(): void;
}

/** The limits that an operator may set; their defaults, and what they mean, are in `protocol/codes.ts`. */
export const configurableLimits = [
  'helloTimeoutMs', 'frameBytes', 'textCharacters', 'roomsPerConnection', 'connectionsPerUser',
  'sendsPerSecond', 'sendBurst', 'roomSendsPerSecond', 'roomSendBurst', 'tenantSendsPerSecond', 'tenantSendBurst',
  'framesPerSecond', 'frameBurst', 'requestsPerSecond', 'requestBurst', 'connectionsPerAddress', 'connectsPerSecond', 'connectBurst',
] as const satisfies readonly (keyof typeof limits)[];
export type Limits = { readonly [Name in (typeof configurableLimits)[number]]: number };
