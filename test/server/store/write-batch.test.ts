import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, type Database, DatabaseTrouble } from '../../../server/store/database.ts';
import type { Trouble } from '../../../server/store/dialect.ts';
import { sqliteDialect } from '../../../server/store/sqlite-dialect.ts';
import { BatchWriter, type Edit } from '../../../server/store/write-batch.ts';

/** What each transaction meets: trouble, a statement that is to blame itself, or nothing. */
type Fate = Trouble | 'poison' | 'done';

/** Commits as many writes as told through a database of such a fate, and tells how each ended, and how many transactions were tried. */
async function commit(count: number, fates: readonly Fate[]): Promise<{ ends: string[]; tried: number }> {
  let tried = 0;
  const connection: Connection = { dialect: sqliteDialect, all: () => Promise.resolve([]), run: () => Promise.resolve() };
  const database: Pick<Database, 'transaction'> = {
    async transaction(work) {
      const fate = fates[tried++] ?? assert.fail('more was tried than the test says');
      if (fate === 'poison') throw new Error(fate);
      if (fate !== 'done') throw new DatabaseTrouble(fate, new Error(fate));
      return work(connection);
    },
  };
  const writes = Array.from({ length: count }, (_, index): Edit => ({ kind: 'edit', tenant: 'acme', apply: () => Promise.resolve(index) }));
  const outcomes = await new BatchWriter(database as Database, () => 0).commit(writes);
  const ends = outcomes.map((outcome) => {
    if ('value' in outcome) return String(outcome.value);
    assert.ok(outcome.error instanceof DatabaseTrouble);
    return (outcome.error.cause as Error).message;
  });
  return { ends, tried };
}

test('a batch that is done one by one fails in part: what the database cannot take, and what others are in the way of, is each alone', async () => {
  assert.deepEqual(await commit(5, ['poison', 'done', 'poison', 'done', 'poison', 'done']), { ends: ['0', 'poison', '2', 'poison', '4'], tried: 6 });
  // What waits for a row is tried once more, without those that are held.
  assert.deepEqual(await commit(4, ['again', 'again', 'locked', 'locked', 'done', 'locked', 'done']), { ends: ['again', 'locked', '2', '3'], tried: 7 });
});

test('where the database does not answer any more meanwhile, it is waited for once, and each of the rest is told so', async () => {
  assert.deepEqual(await commit(256, ['poison', 'done', 'poison', 'done', 'unavailable']), {
    ends: ['0', 'poison', '2', ...Array.from({ length: 253 }, () => 'unavailable')], tried: 5,
  });
  assert.deepEqual(await commit(3, ['again', 'unavailable']), { ends: ['unavailable', 'unavailable', 'unavailable'], tried: 2 });
  assert.deepEqual(await commit(3, ['again', 'done', 'done', 'unavailable']), { ends: ['0', '1', 'unavailable'], tried: 4 });
});
