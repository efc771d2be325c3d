import { closeCodes } from '#protocol/codes';
import type { Rate } from '../actions/rate-limiter.ts';
import type { Auth } from '../auth/auth.ts';
import type { BusMode } from '../bus/bus.ts';
import type { ServerContext } from '../context.ts';
import { OccasionalLog } from '../occasional-log.ts';
import type { Hub } from './hub.ts';
import { Session } from './session.ts';
import type { SessionDoor, SessionSocket } from './session-socket.ts';
import { Tally } from './tally.ts';

/** Sockets that have not said who they are, on one node: whoever only wants to fill the house stops here (G9). */
const maxAnonymous = 5_000;
const maxAnonymousPerAddress = 500;
const tickMs = 1_000;
/** Clients come back within this long after a goaway, where all may come at once. */
const returnWithinMs = 5_000;
/** Sent away a second, however few that would be of all: for so many any server has room. */
const leastPerSecond = 20;
/** Refused frames that end a session: this many bursts at once. */
const floodBursts = 5;
/** What has begun gets this long to end. */
const patienceMs = 5_000;
const leaving = 'The server is going away.';

export interface DrainOptions {
  /** Percent of its sessions that a server sends away a second, where others take them in. */
  drainPercent: number;
  /** Whether there are others. */
  busMode(): BusMode;
}

/** All sessions of this node, and the one timer that they share: ten thousand of their own would cost more than they do. */
export class Sessions {
  readonly context: ServerContext;
  readonly auth: Auth;
  readonly hub: Hub;
  /** Strangers who were turned away. */
  readonly refusals: OccasionalLog;
  /** Frames of a session that are read, and those that are refused (F5). */
  readonly frameRate: Rate;
  readonly refusalRate: Rate;
  readonly #sessions = new Set<Session>();
  /** Those of them that have not said who they are, with their address. */
  readonly #anonymous = new Map<Session, string | undefined>();
  readonly #anonymousOf = new Tally();
  readonly #stopTicking: () => void;
  readonly #stopHearingOfRevocations: () => void;
  readonly #drainOptions: DrainOptions;
  #isClosing = false;
  #isOver = false;
  #onEmpty: () => void = () => {};

  constructor(context: ServerContext, auth: Auth, hub: Hub, drainOptions: DrainOptions) {
    this.context = context;
    this.auth = auth;
    this.hub = hub;
    this.#drainOptions = drainOptions;
    this.refusals = new OccasionalLog(context.log, context.clock);
    const { framesPerSecond: perSecond, frameBurst: burst } = context.limits;
    this.frameRate = { perSecond, burst };
    this.refusalRate = { perSecond, burst: burst * floodBursts };
    this.#stopTicking = context.clock.every(tickMs, () => {
      const [now, monotonic] = [context.clock.now(), context.clock.monotonic()];
      for (const session of this.#sessions) session.tick(now, monotonic);
    });
    this.#stopHearingOfRevocations = context.revocations.onChange(() => {
      for (const session of this.#sessions) session.endIfRevoked();
    });
  }

  /** Everyone is being sent away. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Everyone has been sent away: nothing is answered any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get counts(): { live: number; anonymous: number } {
    return { live: this.#sessions.size - this.#anonymous.size, anonymous: this.#anonymous.size };
  }

  /** Whether one more socket is welcome. */
  hasRoomFor(address: string | undefined): boolean {
    return !this.#isClosing && this.#anonymous.size < maxAnonymous && this.#anonymousOf.of(address) < maxAnonymousPerAddress;
  }

  connect(socket: SessionSocket, address?: string): SessionDoor {
    const session = new Session(this, socket);
    this.#sessions.add(session);
    this.#anonymous.set(session, address);
    this.#anonymousOf.change(address, 1);
    if (this.#isClosing) session.end(closeCodes.shutdown, leaving);
    return session;
  }

  /** The session has said who it is. */
  letIn(session: Session): void {
    const address = this.#anonymous.get(session);
    if (this.#anonymous.delete(session)) this.#anonymousOf.change(address, -1);
  }

  forget(session: Session): void {
    this.#sessions.delete(session);
    this.letIn(session);
    if (this.#sessions.size === 0) this.#onEmpty();
  }

  /** Sends everyone away to come back elsewhere (C9), and lets requests that have begun come to their end. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const session of this.#anonymous.keys()) session.end(closeCodes.shutdown, leaving);
    await this.#drain();
    await this.#settled();
    for (const session of this.#sessions) session.end(closeCodes.shutdown, leaving);
    this.#isOver = true;
    this.#stopTicking();
    this.#stopHearingOfRevocations();
  }

  /**
   * Tells each session when to go, and waits until they have. One after the other, because whoever takes them in has to read
   * for each what it missed; a server that is alone comes back itself, and whoever is few may come at once.
   */
  async #drain(): Promise<void> {
    const { drainPercent, busMode } = this.#drainOptions;
    const leavers = [...this.#sessions];
    const perSecond = busMode() === 'alone' ? Infinity : Math.max(leastPerSecond, (leavers.length * drainPercent) / 100);
    const placeMs = leavers.length > perSecond ? 1_000 / perSecond : 0;
    for (const [place, session] of leavers.entries()) {
      const [minMs, maxMs] = placeMs > 0 ? [place * placeMs, (place + 1) * placeMs] : [0, returnWithinMs];
      session.send({ kind: 'goaway', minMs: Math.floor(minMs), maxMs: Math.floor(maxMs) });
    }
    if (placeMs === 0) return;
    await new Promise<void>((resolve) => {
      const stopWaiting = this.context.clock.after(leavers.length * placeMs, resolve);
      this.#onEmpty = () => {
        stopWaiting();
        resolve();
      };
    });
  }

  /** Whoever hangs on a database that does not answer is not waited for. */
  async #settled(): Promise<void> {
    let stopWaiting = (): void => {};
    const patience = new Promise<void>((resolve) => {
      stopWaiting = this.context.clock.after(patienceMs, resolve);
    });
    await Promise.race([patience, Promise.all([...this.#sessions].map((session) => session.settled()))]);
    stopWaiting();
  }
}
