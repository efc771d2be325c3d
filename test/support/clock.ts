import type { Clock as ClientClock } from '../../elements/client/clock.ts';
import type { Clock as ServerClock } from '../../server/clock.ts';

interface Timer {
  at: number;
  callback: () => void;
}

const start = Date.UTC(2026, 0, 1);

/** Time that stands still until a test turns it: the clock of the server and of the client. */
export class ManualClock implements ServerClock, ClientClock {
  #now = start;
  readonly #timers = new Set<Timer>();

  get timerCount(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - start;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  every(ms: number, callback: () => void): () => void {
    let undo = () => {};
    const arm = (): void => {
      undo = this.after(ms, () => {
        arm();
        callback();
      });
    };
    arm();
    return () => undo();
  }

  /** Turns to the next timer that is due by `until`, and lets it ring; or to `until`, where there is none. Says which. */
  ringNext(until: number): boolean {
    let next: Timer | undefined;
    // Of those due at the same time the one that was set first rings first, as with real timers.
    for (const timer of this.#timers) if (timer.at <= until && (!next || timer.at < next.at)) next = timer;
    this.#now = Math.max(this.#now, next?.at ?? until);
    if (!next) return false;
    this.#timers.delete(next);
    next.callback();
    return true;
  }

  /** As `ringNext`, with all that are due at that time. */
  ringNextTogether(until: number): boolean {
    if (!this.ringNext(until)) return false;
    while (this.#isAnyDueNow()) this.ringNext(this.#now);
    return true;
  }

  #isAnyDueNow(): boolean {
    for (const timer of this.#timers) if (timer.at <= this.#now) return true;
    return false;
  }

  /** Turns by `ms`. `settle` is awaited before and after each timer that rings on the way. */
  async advance(ms: number, settle: () => Promise<void> = settled): Promise<void> {
    const until = this.#now + ms;
    await settle();
    while (this.ringNext(until)) await settle();
  }

  /** The machine sleeps: time goes by, and no timer rings. They are late then. */
  sleep(ms: number): void {
    this.#now += ms;
  }
}

/** The clock as one process or page has it: it may go wrong, and when its owner dies no timer of it rings any more. */
export class OwnClock implements ServerClock, ClientClock {
  readonly #clock: ManualClock;
  readonly #undos = new Set<() => void>();
  #aheadMs = 0;
  #isOver = false;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now() + this.#aheadMs;
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  /** Is set forward, or back. Timers and `monotonic` do not mind, as real ones do not. */
  jump(ms: number): void {
    this.#aheadMs += ms;
  }

  after(ms: number, callback: () => void): () => void {
    if (this.#isOver) return () => {};
    const undo = this.#clock.after(ms, () => {
      this.#undos.delete(stop);
      callback();
    });
    const stop = () => {
      this.#undos.delete(stop);
      undo();
    };
    this.#undos.add(stop);
    return stop;
  }

  every(ms: number, callback: () => void): () => void {
    const stop = () => {
      this.#undos.delete(stop);
      undo();
    };
    const undo = this.#clock.every(ms, callback);
    this.#undos.add(stop);
    return stop;
  }

  die(): void {
    this.#isOver = true;
    for (const undo of this.#undos) undo();
  }
}

/** Lets everything run that promises have begun. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
