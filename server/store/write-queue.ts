import { ChatterError } from '../errors.ts';
import { storeClosed } from './store-errors.ts';

/** How one write of a batch ended. */
export type Outcome = { value: unknown } | { error: unknown };

/** What waited so long behind a transaction that failed is not tried any more: a database that hangs would let it wait for ever. */
const patienceMs = 5_000;

interface Entry<Write> {
  write: Write;
  since: number;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * Group commit. While one transaction is under way, what arrives waits, and becomes the next: a busy server pays for one
 * sync to disk where an idle one pays for one each, and nobody waits for a timer.
 * Promises resolve in the order of the calls, so those of one room resolve in the order of `seq`.
 */
export class WriteQueue<Write> {
  readonly #commit: (writes: readonly Write[]) => Promise<readonly Outcome[]>;
  readonly #batchSize: number;
  readonly #maxWaiting: number;
  readonly #onWaiting: (count: number) => void;
  readonly #now: () => number;
  #waiting: Entry<Write>[] = [];
  #draining: Promise<void> | undefined;
  #closed = false;

  /** `commit` makes one transaction: it tells how each write ended, or throws where all failed. */
  constructor(
    commit: (writes: readonly Write[]) => Promise<readonly Outcome[]>,
    { batchSize = 256, maxWaiting = 10_000, onWaiting = (_count: number): void => {}, now = () => performance.now() } = {},
  ) {
    this.#commit = commit;
    this.#batchSize = batchSize;
    this.#maxWaiting = maxWaiting;
    this.#onWaiting = onWaiting;
    this.#now = now;
  }

  add(write: Write): Promise<unknown> {
    if (this.#closed) return Promise.reject(storeClosed());
    if (this.#waiting.length >= this.#maxWaiting) {
      return Promise.reject(
        new ChatterError('unavailable', 'The server has more to write than it can take. Try again in a moment.', { afterMs: 2_000 }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, since: this.#now(), resolve, reject });
      this.#onWaiting(this.#waiting.length);
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when everything that was accepted is written. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
  }

  async #drain(): Promise<void> {
    // What this turn of the event loop still brings shares the first transaction.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#batchSize);
      this.#onWaiting(this.#waiting.length);
      try {
        const outcomes = await this.#commit(batch.map(({ write }) => write));
        for (const [index, { resolve, reject }] of batch.entries()) {
          const outcome = outcomes[index]!;
          if ('value' in outcome) resolve(outcome.value);
          else reject(outcome.error);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
        const tooLong = this.#now() - patienceMs;
        while (this.#waiting.length > 0 && this.#waiting[0]!.since < tooLong) this.#waiting.shift()!.reject(error);
      }
    }
    this.#draining = undefined;
  }
}
