import { rhythms } from '#protocol/codes';
import type { Clock } from '../clock.ts';
import type { SessionSocket } from './session-socket.ts';

/** A peer that has been silent so long is gone (C8). */
const silenceMs = 60_000;

/** Whether the other end of a socket is still there. By the clock that nobody sets: a machine's time that is put right says nothing of that. */
export class Liveness {
  readonly #socket: SessionSocket;
  readonly #clock: Clock;
  #heardAt: number;
  #pingedAt: number;

  constructor(socket: SessionSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    this.#heardAt = this.#pingedAt = clock.monotonic();
  }

  /** The other end said something. */
  heard(): void {
    this.#heardAt = this.#clock.monotonic();
  }

  /** Where the other end can be pinged: whoever is there has been heard since. */
  get isGone(): boolean {
    return this.#socket.ping !== undefined && this.isSilent;
  }

  get isSilent(): boolean {
    return this.#clock.monotonic() - this.#heardAt >= silenceMs;
  }

  /** Pings who has been silent for a while. */
  tick(): void {
    if (this.#clock.monotonic() - Math.max(this.#heardAt, this.#pingedAt) >= rhythms.heartbeatMs) this.#ping();
  }

  /** Pings at once, unless that was done and is not answered yet. */
  ask(): void {
    if (!this.#owesAnswer) this.#ping();
  }

  /** Of two that are not known to be gone, whether it is rather this one (C11). */
  isLikelierGoneThan(other: Liveness): boolean {
    if (this.#owesAnswer !== other.#owesAnswer) return this.#owesAnswer;
    // Who was asked just now may be about to answer.
    if (this.#owesAnswer && this.#pingedAt !== other.#pingedAt) return this.#pingedAt < other.#pingedAt;
    return this.#heardAt < other.#heardAt;
  }

  get #owesAnswer(): boolean {
    return this.#pingedAt > this.#heardAt;
  }

  #ping(): void {
    if (!this.#socket.ping) return;
    this.#pingedAt = this.#clock.monotonic();
    this.#socket.ping();
  }
}
