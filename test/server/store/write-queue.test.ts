import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChatterError } from '../../../server/errors.ts';
import { WriteQueue, type Outcome } from '../../../server/store/write-queue.ts';

/** A commit that waits until it is told how it ends. */
class Commits {
  readonly batches: (readonly number[])[] = [];
  #waiting: { resolve(outcomes: Outcome[]): void; reject(error: unknown): void }[] = [];
  #begun: (() => void)[] = [];

  commit = (writes: readonly number[]): Promise<Outcome[]> => {
    this.batches.push(writes);
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
    this.#waiting.shift()!.resolve(this.batches.at(-1)!.map((value) => ({ value })));
  }

  async fail(error: unknown): Promise<void> {
    await this.begun();
    this.#waiting.shift()!.reject(error);
  }
}

describe('the write queue', () => {
  it('makes one transaction of what came in one turn, and the next of what came meanwhile', async () => {
    const commits = new Commits();
    const queue = new WriteQueue<number>(commits.commit);
    const first = [queue.add(1), queue.add(2)];
    await commits.begun();
    const second = [queue.add(3), queue.add(4), queue.add(5)];
    assert.deepEqual(commits.batches, [[1, 2]]);
    await commits.finish();
    assert.deepEqual(await Promise.all(first), [1, 2]);
    await commits.finish();
    assert.deepEqual(await Promise.all(second), [3, 4, 5]);
    assert.deepEqual(commits.batches, [[1, 2], [3, 4, 5]]);
  });

  it('does not try what has waited for long behind a transaction that failed: a database that hangs would let it wait for ever', async () => {
    const commits = new Commits();
    let now = 0;
    const queue = new WriteQueue<number>(commits.commit, { batchSize: 1, now: () => now });
    const outcomes = Promise.allSettled([1, 2, 3].map((value) => queue.add(value)));
    await commits.begun();
    now = 6_000;
    const young = queue.add(4);
    await commits.fail(new Error('hangs'));
    assert.deepEqual((await outcomes).map(({ status }) => status), ['rejected', 'rejected', 'rejected']);
    await commits.finish();
    assert.equal(await young, 4);
    assert.deepEqual(commits.batches, [[1], [4]]);
  });

  it('takes so many at a time, in order', async () => {
    const settled: unknown[] = [];
    const queue = new WriteQueue<number>(async (writes) => writes.map((value) => ({ value })), { batchSize: 4 });
    await Promise.all(Array.from({ length: 10 }, async (_, index) => settled.push(await queue.add(index))));
    assert.deepEqual(settled, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('fails one write alone where it is told so, and all of a batch where the commit throws; and goes on after either', async () => {
    const commits = new Commits();
    const alone = new WriteQueue<number>(async (writes) => writes.map((value) => (value === 2 ? { error: new Error('two') } : { value })));
    assert.deepEqual((await Promise.allSettled([1, 2, 3].map((value) => alone.add(value)))).map(({ status }) => status), [
      'fulfilled', 'rejected', 'fulfilled',
    ]);
    const queue = new WriteQueue<number>(commits.commit);
    const doomed = Promise.allSettled([queue.add(1), queue.add(2)]);
    await commits.fail(new Error('the disk'));
    assert.deepEqual((await doomed).map(({ status }) => status), ['rejected', 'rejected']);
    const later = queue.add(3);
    await commits.finish();
    assert.equal(await later, 3);
  });

  it('is bounded (G9): what is too much is refused with a time to come back, and nothing that was taken is lost', async () => {
    const commits = new Commits();
    const queue = new WriteQueue<number>(commits.commit, { maxWaiting: 3 });
    const first = queue.add(0);
    await commits.begun();
    const taken = [queue.add(1), queue.add(2), queue.add(3)];
    await assert.rejects(queue.add(4), (error: unknown) =>
      error instanceof ChatterError && error.code === 'unavailable' && (error.afterMs ?? 0) > 0);
    await commits.finish();
    await first;
    await commits.finish();
    assert.deepEqual(await Promise.all(taken), [1, 2, 3]);
  });

  it('finishes what was taken before it closes, and takes nothing after', async () => {
    const commits = new Commits();
    const queue = new WriteQueue<number>(commits.commit);
    const taken = queue.add(1);
    let closed = false;
    const closing = queue.close().then(() => (closed = true));
    await assert.rejects(queue.add(2), ChatterError);
    await commits.begun();
    assert.equal(closed, false);
    await commits.finish();
    assert.equal(await taken, 1);
    await closing;
    await new WriteQueue<number>(commits.commit).close();
  });
});
