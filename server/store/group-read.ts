/** What waited so long behind a statement that failed is not tried any more: a database that hangs would let it wait for ever. */
const patienceMs = 5_000;

/**
 * So many calls in one statement are a crowd: more of it comes in the next turns of the event loop, which are long then. The
 * faster a database answers, the more statements it would be asked in that time.
 */
const crowd = 3;
const crowdTurns = 4;

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

interface Call<Key, Value> {
  keys: readonly Key[];
  since: number;
  resolve(found: ReadonlyMap<string, Value>): void;
  reject(error: unknown): void;
}

/**
 * The twin of group commit. Reads of one kind that are asked for in one turn, or while a statement of theirs is on its way, become
 * one statement: when ten thousand come back at once, their number is that of the turns, and not theirs.
 * What is answered was always read after it was asked for: whoever takes a position first and the data second can rely on it.
 */
export class GroupRead<Key, Value> {
  readonly #read: (keys: readonly Key[]) => Promise<ReadonlyMap<string, Value>>;
  readonly #keyOf: (key: Key) => string;
  readonly #keysAtOnce: number;
  readonly #now: () => number;
  #waiting: Call<Key, Value>[] = [];
  #isReading = false;

  /** `read` answers by `keyOf`, and leaves out what there is not. */
  constructor(read: (keys: readonly Key[]) => Promise<ReadonlyMap<string, Value>>, keyOf: (key: Key) => string, keysAtOnce: number, now = () => performance.now()) {
    this.#read = read;
    this.#keyOf = keyOf;
    this.#keysAtOnce = keysAtOnce;
    this.#now = now;
  }

  async one(key: Key): Promise<Value | undefined> {
    return (await this.all([key])).get(this.#keyOf(key));
  }

  /** Resolves to what was found of these, and perhaps of others. */
  all(keys: readonly Key[]): Promise<ReadonlyMap<string, Value>> {
    if (keys.length === 0) return Promise.resolve(new Map());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ keys, since: this.#now(), resolve, reject });
      if (!this.#isReading) void this.#readAll();
    });
  }

  async #readAll(): Promise<void> {
    this.#isReading = true;
    // What this turn of the event loop still brings shares the first statement.
    await turns(1);
    while (this.#waiting.length > 0) {
      const { calls, keys } = this.#next();
      try {
        const found = await this.#read(keys);
        for (const { resolve } of calls) resolve(found);
      } catch (error) {
        for (const { reject } of calls) reject(error);
        const tooLong = this.#now() - patienceMs;
        while (this.#waiting.length > 0 && this.#waiting[0]!.since < tooLong) this.#waiting.shift()!.reject(error);
      }
      if (calls.length >= crowd) await turns(crowdTurns);
    }
    this.#isReading = false;
  }

  /** Calls for so many keys, and at least one call. */
  #next(): { calls: Call<Key, Value>[]; keys: Key[] } {
    const keys = new Map<string, Key>();
    let count = 0;
    for (const call of this.#waiting) {
      if (count > 0 && keys.size + call.keys.length > this.#keysAtOnce) break;
      for (const key of call.keys) keys.set(this.#keyOf(key), key);
      count += 1;
    }
    return { calls: this.#waiting.splice(0, count), keys: [...keys.values()] };
  }
}

/** Reads that are asked for in the very same words share one, which begins after all of them were asked for. */
export class SharedRead {
  /** The one that has not begun, and the one that is under way. */
  readonly #next = new Map<string, Promise<unknown>>();
  readonly #underWay = new Map<string, Promise<unknown>>();

  ask<T>(question: string, read: () => Promise<T>): Promise<T> {
    const next = this.#next.get(question);
    if (next) return next as Promise<T>;
    const before = this.#underWay.get(question) ?? new Promise((resolve) => setImmediate(resolve));
    const begin = (): Promise<T> => {
      this.#next.delete(question);
      const reading = read();
      const done = reading.catch(() => undefined).finally(() => {
        if (this.#underWay.get(question) === done) this.#underWay.delete(question);
      });
      this.#underWay.set(question, done);
      return reading;
    };
    const asked = before.then(begin);
    this.#next.set(question, asked);
    return asked;
  }
}
