import { ChatterError } from '../errors.ts';
import { type Connection, type Database, DatabaseTrouble } from './database.ts';
import { applySendsAndMarks, type Mark, type Send } from './send-batch.ts';
import { sql } from './sql.ts';
import type { Outcome } from './write-queue.ts';

/** Any other write: rare enough to go statement by statement. */
export interface Edit {
  kind: 'edit';
  tenant: string;
  /** The room it changes; a new room and people have none to lock. */
  room?: string;
  /** Rows it adds, where they are many. */
  rows?: number;
  apply(connection: Connection): Promise<unknown>;
}

export type Write = Send | Mark | Edit;

/** One transaction for all of `writes`, in their order: on disk when this resolves, or none of it done when it rejects. */
export async function commitWrites(database: Database, writes: readonly Write[], now: () => number): Promise<Outcome[]> {
  try {
    return await database.transaction((connection) => applyWrites(connection, writes, now));
  } catch (error) {
    if (isTrouble(error)) throw error;
    if (writes.length === 1) throw new DatabaseTrouble('unavailable', error);
  }
  // One of them is more than the database can take. Apart, it fails alone.
  const outcomes: Outcome[] = [];
  for (const write of writes) {
    outcomes.push(await commitWrites(database, [write], now).then(([outcome]) => outcome!, (error: unknown) => ({ error })));
  }
  return outcomes;
}

async function applyWrites(connection: Connection, writes: readonly Write[], now: () => number): Promise<Outcome[]> {
  await lockRooms(connection, writes);
  const outcomes: Outcome[] = [];
  for (const run of runsOf(writes)) {
    if (run.kind === 'edit') outcomes.push(await applyEdit(connection, run.edit));
    else outcomes.push(...(await applySendsAndMarks(connection, run.writes, now())));
  }
  return outcomes;
}

async function lockRooms(connection: Connection, writes: readonly Write[]): Promise<void> {
  const lock = connection.dialect.lockRooms(writes.flatMap(({ tenant, room }) => (room === undefined ? [] : [[tenant, room]])), 'wait');
  if (lock) await connection.run(lock);
}

/**
 * Whole or not at all, within a transaction that goes on either way: a refusal is this edit's alone. Trouble is everyone's,
 * and so is a savepoint that cannot be gone back to, for then SQLite has rolled back by itself and no transaction is left.
 */
async function applyEdit(connection: Connection, edit: Edit): Promise<Outcome> {
  await connection.run(sql`SAVEPOINT edit`);
  let outcome: Outcome;
  try {
    outcome = { value: await edit.apply(connection) };
  } catch (error) {
    if (isTrouble(error)) throw error;
    await connection.run(sql`ROLLBACK TO SAVEPOINT edit`);
    outcome = { error };
  }
  await connection.run(sql`RELEASE SAVEPOINT edit`);
  return outcome;
}

/** Whether the database is in trouble, so that nothing more can be done in this transaction. */
function isTrouble(error: unknown): boolean {
  return error instanceof ChatterError && error.code === 'unavailable';
}

type Run = { kind: 'edit'; edit: Edit } | { kind: 'together'; writes: (Send | Mark)[] };

/** What stands side by side and can be done together, is. */
function runsOf(writes: readonly Write[]): Run[] {
  const runs: Run[] = [];
  for (const write of writes) {
    const last = runs.at(-1);
    if (write.kind === 'edit') runs.push({ kind: 'edit', edit: write });
    else if (last?.kind === 'together') last.writes.push(write);
    else runs.push({ kind: 'together', writes: [write] });
  }
  return runs;
}
