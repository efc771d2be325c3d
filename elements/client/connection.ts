import { closeCodes, protocolVersion, rhythms, subprotocol, verdictOf } from '#protocol/codes';
import type { ServerFrame, ServerFrameOf } from '#protocol/frames';
import { backoffMs } from './backoff.ts';
import { Timers } from './clock.ts';
import type { ClientSocket, ConnectionHint, Environment } from './environment.ts';
import { ChatterClientError } from './errors.ts';

/**
 * Asked for a token at each connect, and again when one ends. `refresh` is true when the last token was refused or has ended.
 * To throw a `ChatterClientError` that is not `retryable` is to give up, with its message; anything else is tried again.
 */
export type TokenProvider = (context: { refresh: boolean }) => Promise<string>;

export type ConnectionState =
  /** `connect()` was not called yet, or `close()` was. */
  | { status: 'idle' }
  | { status: 'connecting'; attempt: number }
  | { status: 'online' }
  /** Lost; the next try is at `retryAt` (milliseconds since 1970). `offline`: the browser says there is no network. */
  | { status: 'waiting'; attempt: number; retryAt: number; offline: boolean }
  /** Given up, because coming back unchanged cannot work: `message` says why. */
  | { status: 'stopped'; closeCode: number; message: string };

/** A try that has not come to `ready` by then has failed: token, network and server together. */
const dialTimeoutMs = 30_000;
/** Only a connection that has held this long makes the count of tries start over (C7). */
const settledMs = 5_000;
const watchEveryMs = 5_000;
/** An answer to "are you there?" has this long when there is a reason to doubt. */
const probeMs = 5_000;
/**
 * A timer that is later than this was not merely held back (browsers do that to pages in the background, by up to a
 * minute): the machine slept, and the server has let go of us after 60 s of silence.
 */
const sleptMs = 75_000;

export interface ConnectionOptions {
  url: string;
  tokenProvider: TokenProvider;
  environment: Environment;
  onReady: (frame: ServerFrameOf<'ready'>) => void;
  /** Any frame after `ready` that is not the connection's own business. */
  onFrame: (frame: ServerFrame) => void;
  /** A connection that was ready is not any more. */
  onLost: () => void;
  onStateChange: () => void;
}

/** One try to connect and, if it comes to that, its connection. What an older one says is ignored (by identity). */
interface Dial {
  socket?: ClientSocket;
}

/** One logical connection: as long as it is wanted, it comes back (C3-C9). */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #environment: Environment;
  readonly #timers: Timers;
  #state: ConnectionState = { status: 'idle' };
  #dial: Dial | undefined;
  /** Tries since a connection has last held. */
  #attempt = 0;
  #needsFreshToken = false;
  #heardAt = 0;
  /** When an answer was asked for; undefined when none is awaited. */
  #askedAt: number | undefined;
  #stopHints: (() => void) | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#environment = options.environment;
    this.#timers = new Timers(options.environment.clock);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  connect(): void {
    if (this.#state.status !== 'idle' && this.#state.status !== 'stopped') return;
    if (this.#state.status === 'stopped') this.#needsFreshToken = true;
    this.#stopHints ??= this.#environment.onHint((hint) => this.#onHint(hint));
    void this.#connectNow();
  }

  reconnectNow(): void {
    if (this.#state.status === 'stopped') this.connect();
    if (this.#state.status === 'waiting') void this.#connectNow();
  }

  close(): void {
    this.#stopHints?.();
    this.#stopHints = undefined;
    this.#attempt = 0;
    this.#leave({ status: 'idle' });
  }

  /** To be called while `state` is online only: what cannot be sent now is not kept (messages queue, frames never do). */
  send(frame: object): void {
    this.#dial?.socket?.send(JSON.stringify(frame));
  }

  async #connectNow(): Promise<void> {
    const { openSocket } = this.#environment;
    const dial: Dial = {};
    this.#attempt += 1;
    this.#leave({ status: 'connecting', attempt: this.#attempt });
    this.#dial = dial;
    this.#timers.set('dial', dialTimeoutMs, () => this.#retryLater());
    const whileWanted = <A extends unknown[]>(callback: (...args: A) => void) => (...args: A) => {
      if (this.#dial === dial) callback(...args);
    };
    try {
      const token = await this.#options.tokenProvider({ refresh: this.#needsFreshToken });
      if (this.#dial !== dial) return;
      this.#needsFreshToken = false;
      dial.socket = openSocket(this.#options.url, subprotocol, {
        onOpen: whileWanted(() => this.send({ kind: 'hello', ref: 1, version: protocolVersion, token })),
        onMessage: whileWanted((text: string) => this.#onMessage(text)),
        onClose: whileWanted((code: number, reason: string) => this.#onClose(code, reason)),
      });
    } catch (error) {
      if (this.#dial !== dial) return;
      if (error instanceof ChatterClientError && !error.retryable) this.#stop(closeCodes.unauthorized, error.message);
      else this.#retryLater();
    }
  }

  #onMessage(text: string): void {
    const frame = parsed(text);
    this.#heardAt = this.#environment.clock.now();
    this.#askedAt = undefined;
    if (frame?.kind === 'ready') this.#onReady(frame);
    else if (frame?.kind === 'goaway') this.#onGoaway(frame);
    else if (frame && this.#state.status === 'online') this.#options.onFrame(frame);
  }

  #onReady(frame: ServerFrameOf<'ready'>): void {
    this.#timers.clear('dial');
    this.#timers.set('settled', settledMs, () => {
      this.#attempt = 0;
    });
    this.#watch();
    this.#setState({ status: 'online' });
    this.#options.onReady(frame);
  }

  #onGoaway({ minMs, maxMs }: ServerFrameOf<'goaway'>): void {
    this.#timers.set('goaway', minMs + this.#environment.random() * (maxMs - minMs), () => this.#reconnect());
  }

  #onClose(code: number, reason: string): void {
    const verdict = verdictOf(code);
    if (verdict === 'stop') return this.#stop(code, reason || sentenceOf(code));
    if (verdict === 'refresh') this.#needsFreshToken = true;
    this.#retryLater();
  }

  #onHint(hint: ConnectionHint): void {
    if (this.#state.status === 'online') this.#probe();
    else if (this.#state.status === 'waiting') {
      if (hint === 'offline') this.#setState({ ...this.#state, offline: true });
      else void this.#connectNow();
    }
  }

  /** Looks now and then whether the other side still lives (C8), and whether we have slept. */
  #watch(): void {
    const { clock } = this.#environment;
    const dueAt = clock.now() + watchEveryMs;
    this.#timers.set('watch', watchEveryMs, () => {
      const now = clock.now();
      const silenceMs = now - this.#heardAt;
      if (now - dueAt > sleptMs) return this.#reconnect();
      if (this.#askedAt !== undefined && now - this.#askedAt >= rhythms.graceMs) return this.#reconnect();
      if (this.#askedAt === undefined && silenceMs >= rhythms.heartbeatMs) this.#ask();
      this.#watch();
    });
  }

  /** There is a reason to doubt the connection: asks, and does not wait as long as usual for the answer. */
  #probe(): void {
    if (this.#timers.has('probe')) return;
    this.#ask();
    this.#timers.set('probe', probeMs, () => {
      if (this.#askedAt !== undefined) this.#reconnect();
    });
  }

  #ask(): void {
    this.#askedAt ??= this.#environment.clock.now();
    this.send({ kind: 'heartbeat' });
  }

  /** Gives this connection up for another: at once, if it has held. */
  #reconnect(): void {
    if (this.#attempt === 0) void this.#connectNow();
    else this.#retryLater();
  }

  #retryLater(): void {
    const { clock, random, isOffline } = this.#environment;
    const waitMs = backoffMs(Math.max(1, this.#attempt), random);
    this.#leave({ status: 'waiting', attempt: this.#attempt, retryAt: clock.now() + waitMs, offline: isOffline() });
    this.#timers.set('retry', waitMs, () => void this.#connectNow());
  }

  #stop(closeCode: number, message: string): void {
    this.#leave({ status: 'stopped', closeCode, message });
  }

  /** Ends what there is, in whatever state it is. */
  #leave(next: ConnectionState): void {
    const wasOnline = this.#state.status === 'online';
    this.#timers.clearAll();
    this.#dial?.socket?.close();
    this.#dial = undefined;
    this.#askedAt = undefined;
    this.#setState(next);
    if (wasOnline) this.#options.onLost();
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.#options.onStateChange();
  }
}

function parsed(text: string): ServerFrame | undefined {
  try {
    return JSON.parse(text) as ServerFrame;
  } catch {
    // Not from a server that speaks this protocol; the heads will tell what was lost.
    return undefined;
  }
}

function sentenceOf(closeCode: number): string {
  switch (closeCode) {
    case closeCodes.unauthorized: return 'The chat server did not accept the token. Sign in again.';
    case closeCodes.revoked: return 'Your access to the chat has ended. Sign in again.';
    case closeCodes.displaced: return 'This chat is open in too many places. Close some, and reload this one.';
    case closeCodes.unsupportedVersion: return 'The chat server speaks another version. Reload the page.';
    default: return `The chat server refused the connection (${closeCode}). Reload the page.`;
  }
}
