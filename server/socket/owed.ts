import type { Clock } from '../clock.ts';

/** What could not be told is tried again after this long. */
const againMs = 1_000;

/**
 * What could not be told, and is owed: of all that concerns the same thing the newest, and one timer for all of it, so that a
 * database that is away for long makes no more of it than there are things (G9).
 */
export class Owed<T> {
  readonly #clock: Clock;
  readonly #pay: (item: T) => void;
  #items = new Map<string, T>();
  #stopWaiting: (() => void) | undefined;
  #isClosed = false;

  constructor(clock: Clock, pay: (item: T) => void) {
    this.#clock = clock;
    this.#pay = pay;
  }

  get(key: string): T | undefined {
    return this.#items.get(key);
  }

  add(key: string, item: T): void {
    if (this.#isClosed) return;
    this.#items.set(key, item);
    this.#stopWaiting ??= this.#clock.after(againMs, () => {
      this.#stopWaiting = undefined;
      const items = this.#items;
      this.#items = new Map();
      for (const one of items.values()) this.#pay(one);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#stopWaiting?.();
    this.#items.clear();
  }
}
