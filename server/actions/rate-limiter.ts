import type { Clock } from '../clock.ts';

export interface Rate {
  perSecond: number;
  burst: number;
}

/** Nobody is told to come back later than this, however long the line is. */
const maxWaitMs = 30_000;
/** Clocks of machines are set back by a little all the time. */
const clockSlackMs = 1_000;

/** `burst` at once, then `perSecond`. */
export class TokenBucket {
  readonly #perTokenMs: number;
  readonly #burst: number;
  /** When it is full again, if nobody takes anything: this one number says how many tokens there are at any time. */
  #fullAt: number;
  /** The moment that whoever was refused last was told to come back at. */
  #turnAt = 0;

  constructor({ perSecond, burst }: Rate, now: number) {
    this.#perTokenMs = 1_000 / perSecond;
    this.#burst = burst;
    this.#fullAt = now;
  }

  /** Nothing is to be remembered of it: a new one would be the same. */
  isIdle(now: number): boolean {
    return this.#fullAt <= now && this.#turnAt <= now;
  }

  /** Takes one and answers 0, or answers in how many milliseconds there will be one. */
  take(now: number): number {
    const waitMs = this.waitMs(now);
    if (waitMs === 0) this.spend(now);
    return Math.ceil(waitMs);
  }

  /** In how many milliseconds there will be one. */
  waitMs(now: number): number {
    // Emptier than empty: the clock was set back, and nobody can say how full it is.
    if (this.#fullAt > this.#emptyUntil(now) + clockSlackMs) this.#fullAt = now;
    return Math.max(0, this.#fullAt - now - (this.#burst - 1) * this.#perTokenMs);
  }

  spend(now: number): void {
    this.#fullAt = Math.min(this.#emptyUntil(now), Math.max(this.#fullAt, now) + this.#perTokenMs);
  }

  /** In how many milliseconds whoever was refused last was told to come back. */
  toldMs(now: number): number {
    const toldMs = this.#turnAt - now;
    return toldMs <= maxWaitMs ? Math.max(0, toldMs) : 0;
  }

  tell(now: number, waitMs: number): void {
    this.#turnAt = now + waitMs;
  }

  /** As `waitMs`, for one who is refused: each is told another moment, or all would come for the one token that is there then. */
  nextTurnMs(now: number): number {
    const toldMs = this.toldMs(now);
    const waitMs = Math.max(this.waitMs(now), toldMs === 0 ? 0 : toldMs + this.#perTokenMs);
    this.tell(now, Math.min(maxWaitMs, waitMs));
    return this.toldMs(now);
  }

  #emptyUntil(now: number): number {
    return now + this.#burst * this.#perTokenMs;
  }
}

/** A bucket for each key. One that is full again is forgotten, and a forgotten one starts full: so the number kept may be bounded (G9). */
export class RateLimiter {
  readonly clock: Clock;
  readonly #rate: Rate;
  readonly #capacity: number;
  /** Those used last are at the end. */
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(rate: Rate, clock: Clock, capacity = 50_000) {
    this.#rate = rate;
    this.clock = clock;
    this.#capacity = capacity;
  }

  /** How many are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** 0, or in how many milliseconds to come back. */
  take(key: string): number {
    return takeOfEach([this, key]);
  }

  bucket(key: string): TokenBucket {
    const now = this.clock.now();
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#rate, now);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    for (const [oldestKey, oldest] of this.#buckets) {
      if (oldest === bucket || (this.#buckets.size <= this.#capacity && !oldest.isIdle(now))) break;
      this.#buckets.delete(oldestKey);
    }
    return bucket;
  }
}

/**
 * Takes a token of each, or, where one of them has none, none of any. Answers 0, or in how many milliseconds to come back.
 * The first one is the asker's own: it remembers when they were told to come back, so that who comes earlier is told the same
 * and does not stand in the line of the others twice.
 */
export function takeOfEach(own: readonly [RateLimiter, string], ...shared: readonly (readonly [RateLimiter, string])[]): number {
  const now = own[0].clock.now();
  const mine = own[0].bucket(own[1]);
  const toldMs = mine.toldMs(now);
  if (toldMs > 0) return Math.ceil(toldMs);
  const buckets = [mine, ...shared.map(([limiter, key]) => limiter.bucket(key))];
  const longest = buckets.reduce((one, other) => (other.waitMs(now) > one.waitMs(now) ? other : one));
  if (longest.waitMs(now) > 0) {
    const waitMs = longest.nextTurnMs(now);
    mine.tell(now, waitMs);
    return Math.ceil(waitMs);
  }
  for (const bucket of buckets) bucket.spend(now);
  return 0;
}
