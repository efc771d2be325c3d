import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

const everyMs = 60_000;
/** Causes that are told apart; strangers can make up as many as they like. */
const maxCauses = 100;

/** For what strangers can cause as often as they like: each cause is told once a minute, so that nobody floods the log. */
export class OccasionalLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #toldAt = new Map<string, number>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  warn(message: string, fields: { cause: string }): void {
    const now = this.#clock.now();
    const toldAt = this.#toldAt.get(fields.cause);
    if (toldAt !== undefined && Math.abs(now - toldAt) < everyMs) return;
    if (toldAt === undefined && this.#toldAt.size >= maxCauses) this.#toldAt.clear();
    this.#toldAt.set(fields.cause, now);
    this.#log.warn(message, fields);
  }
}
