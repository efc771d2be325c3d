import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';

/** It sings this often, and is to be heard within `echoMs`. */
const everyMs = 2_000;
const echoMs = 1_000;
const maxMissed = 2;

export interface CanaryOptions {
  clock: Clock;
  /** Says the words on a topic that nobody else speaks on. */
  sing(words: string): Promise<void>;
  /** Too often nothing came back, or it could not be said. */
  onLost(error: unknown): void;
}

/** Says something to itself by way of the broker: a connection may have ended long ago and look well. */
export class Canary {
  readonly #options: CanaryOptions;
  #expected: string | undefined;
  #onHeard = (): void => {};
  #missed = 0;
  #stopTimer = (): void => {};
  #isStopped = false;

  constructor(options: CanaryOptions) {
    this.#options = options;
  }

  /** Sings once. Resolves when it was heard. */
  once(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onHeard = resolve;
      this.#sing().catch(reject);
    });
  }

  /** Sings again and again from now on. */
  watch(): void {
    this.#stopTimer = this.#options.clock.after(everyMs, () => this.#sound());
  }

  heard(words: string): void {
    if (words !== this.#expected) return;
    this.#expected = undefined;
    this.#missed = 0;
    this.#onHeard();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopTimer();
  }

  #sound(): void {
    const { clock, onLost } = this.#options;
    this.#sing().catch((error: unknown) => {
      if (!this.#isStopped) onLost(error);
    });
    this.#stopTimer = clock.after(echoMs, () => {
      if (this.#expected !== undefined) this.#missed += 1;
      if (this.#missed >= maxMissed) return onLost(new Error('what is published does not come back'));
      this.#stopTimer = clock.after(everyMs - echoMs, () => this.#sound());
    });
  }

  #sing(): Promise<void> {
    this.#expected = randomUUID();
    return this.#options.sing(this.#expected);
  }
}
