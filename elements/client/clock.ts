/** Time, so that tests can turn it. Every timer of the client goes through here. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once, `ms` from now. Returns its undo. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Timers by name: setting one again replaces it, and one call stops them all. */
export class Timers {
  readonly #clock: Clock;
  readonly #undos = new Map<string, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(name: string): boolean {
    return this.#undos.has(name);
  }

  set(name: string, ms: number, callback: () => void): void {
    this.clear(name);
    this.#undos.set(name, this.#clock.after(ms, () => {
      this.#undos.delete(name);
      callback();
    }));
  }

  clear(name: string): void {
    this.#undos.get(name)?.();
    this.#undos.delete(name);
  }

  clearAll(): void {
    for (const undo of this.#undos.values()) undo();
    this.#undos.clear();
  }
}
