import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GroupRead, SharedRead } from '../../../server/store/group-read.ts';

/** A read that answers when it is told to. */
class Reads {
  readonly asked: (readonly number[])[] = [];
  #waiting: { resolve(found: Map<string, number>): void; reject(error: unknown): void }[] = [];
  #begun: (() => void)[] = [];

  read = (keys: readonly number[]): Promise<Map<string, number>> => {
    this.asked.push(keys);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#begun.shift()?.();
    });
  };

  async begun(): Promise<void> {
    if (this.#waiting.length === 0) await new Promise<void>((resolve) => this.#begun.push(resolve));
  }

  async finish(): Promise<void> {
    await this.begun();
    this.#waiting.shift()!.resolve(new Map(this.asked.at(-1)!.filter((key) => key > 0).map((key) => [String(key), key * 10])));
  }

  async fail(): Promise<void> {
    await this.begun();
    this.#waiting.shift()!.reject(new Error('hangs'));
  }
}

describe('reads of one kind', () => {
  it('that are asked for in one turn, or while others are on their way, are one statement, each key once', async () => {
    const reads = new Reads();
    const group = new GroupRead<number, number>(reads.read, String, 100);
    const first = Promise.all([group.one(1), group.one(2), group.one(1), group.one(-1)]);
    await reads.begun();
    const second = Promise.all([group.one(1), group.all([3, 4])]);
    assert.deepEqual(reads.asked, [[1, 2, -1]]);
    await reads.finish();
    assert.deepEqual(await first, [10, 20, 10, undefined]);
    await reads.finish();
    assert.deepEqual((await second)[0], 10, 'what was asked for later is read later, also where it was just read');
    assert.deepEqual(reads.asked, [[1, 2, -1], [1, 3, 4]]);
    assert.equal((await group.all([])).size, 0);
  });

  it('wait a few turns for the rest of a crowd, and not for one or two', async () => {
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    for (const [together, asked] of [[3, [[1, 2, 3], [4, 5]]], [2, [[1, 2], [4], [5]]]] as const) {
      const reads: number[][] = [];
      const group = new GroupRead<number, number>(async (keys) => {
        reads.push([...keys]);
        await turn();
        return new Map();
      }, String, 100);
      const first = Promise.all([1, 2, 3].slice(0, together).map((key) => group.one(key)));
      await turn();
      const fourth = group.one(4);
      await first;
      for (let waited = 0; waited < 2; waited++) await turn();
      await Promise.all([fourth, group.one(5)]);
      assert.deepEqual(reads, asked);
    }
  });

  it('are so many at a time, in the order they came', async () => {
    const asked: number[][] = [];
    const group = new GroupRead<number, number>(async (keys) => {
      asked.push([...keys]);
      return new Map(keys.map((key) => [String(key), key]));
    }, String, 3);
    assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map((key) => group.one(key))), [1, 2, 3, 4, 5]);
    await group.all([6, 7, 8, 9]);
    assert.deepEqual(asked, [[1, 2, 3], [4, 5], [6, 7, 8, 9]]);
  });

  it('fail together, and go on with what came after', async () => {
    const reads = new Reads();
    const group = new GroupRead<number, number>(reads.read, String, 100);
    const failing = Promise.allSettled([group.one(1), group.one(2)]);
    await reads.begun();
    const next = group.one(3);
    await reads.fail();
    assert.deepEqual((await failing).map(({ status }) => status), ['rejected', 'rejected']);
    await reads.finish();
    assert.equal(await next, 30);
  });

  it('that waited for long behind one that failed are not tried: a database that hangs would let them wait for ever', async () => {
    const reads = new Reads();
    let now = 0;
    const group = new GroupRead<number, number>(reads.read, String, 1, () => now);
    const outcomes = Promise.allSettled([group.one(1), group.one(2), group.one(3)]);
    await reads.begun();
    now = 6_000;
    const young = group.one(4);
    await reads.fail();
    assert.deepEqual((await outcomes).map(({ status }) => status), ['rejected', 'rejected', 'rejected']);
    await reads.finish();
    assert.equal(await young, 40);
  });
});

describe('reads in the very same words', () => {
  it('share one that begins after all of them were asked for', async () => {
    const shared = new SharedRead();
    let begun = 0;
    const finish: (() => void)[] = [];
    const read = (): Promise<number> => {
      begun += 1;
      const own = begun;
      return new Promise((resolve) => finish.push(() => resolve(own)));
    };
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const first = [shared.ask('a', read), shared.ask('a', read)];
    assert.equal(begun, 0);
    await turn();
    const later = [shared.ask('a', read), shared.ask('a', read)];
    await turn();
    assert.equal(begun, 1, 'one of a kind at a time');
    finish[0]!();
    assert.deepEqual(await Promise.all(first), [1, 1]);
    await turn();
    finish[1]!();
    assert.deepEqual(await Promise.all(later), [2, 2], 'nobody gets what was read before they asked');
    const other = shared.ask('b', read);
    await turn();
    finish[2]!();
    assert.equal(await other, 3);
  });

  it('fail together, and are asked again by whoever comes after', async () => {
    const shared = new SharedRead();
    const failing = [1, 2].map(() => shared.ask('a', () => Promise.reject(new Error('no'))));
    assert.deepEqual((await Promise.allSettled(failing)).map(({ status }) => status), ['rejected', 'rejected']);
    assert.equal(await shared.ask('a', () => Promise.resolve(1)), 1);
  });
});
