import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

const everyMs = 60_000;
/** Causes that are told in one such time; strangers can make up as many as they like. */
const maxCauses = 100;

/** For what strangers can cause as often as they like: each cause is told once a minute, and only so many, so that nobody floods the log. */
export class OccasionalLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #told = new Set<string>();
  #since = -Infinity;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  warn(message: string, fields: { cause: string; error?: unknown; [field: string]: unknown }): void {
    const now = this.#clock.now();
    // Also where the clock was set back.
    if (Math.abs(now - this.#since) >= everyMs) {
      this.#told.clear();
      this.#since = now;
    }
    if (this.#told.has(fields.cause) || this.#told.size >= maxCauses) return;
    this.#told.add(fields.cause);
    this.#log.warn(message, fields);
  }
}
