import { savepoint, type Connection, type Database } from './database.ts';
import { ChatterError } from '../errors.ts';
import { applySendsAndMarks, type Mark, type Send } from './send-batch.ts';
import type { Outcome } from './write-queue.ts';

/** Any other write: rare enough to go statement by statement. */
export interface Edit {
  kind: 'edit';
  tenant: string;
  /** The room it changes; a new room and people have none to lock. */
  room?: string;
  apply(connection: Connection): Promise<unknown>;
}

export type Write = Send | Mark | Edit;

/** One transaction for all of `writes`, in their order: on disk when this resolves, or none of it done when it rejects. */
export function commitWrites(database: Database, writes: readonly Write[], now: () => number): Promise<Outcome[]> {
  return database.transaction(async (connection) => {
    await lockRooms(connection, writes);
    const outcomes: Outcome[] = [];
    for (const run of runsOf(writes)) {
      if (run.kind === 'edit') outcomes.push(await applyEdit(connection, run.edit));
      else outcomes.push(...(await applySendsAndMarks(connection, run.writes, now())));
    }
    return outcomes;
  });
}

async function lockRooms(connection: Connection, writes: readonly Write[]): Promise<void> {
  const lock = connection.dialect.lockRooms(writes.flatMap(({ tenant, room }) => (room === undefined ? [] : [{ tenant, room }])));
  if (lock) await connection.run(lock);
}

/** A refusal is this one's alone. Trouble with the database is everyone's: nothing more can be done in this transaction. */
async function applyEdit(connection: Connection, edit: Edit): Promise<Outcome> {
  try {
    return { value: await savepoint(connection, () => edit.apply(connection)) };
  } catch (error) {
    if (error instanceof ChatterError && error.code === 'unavailable') throw error;
    return { error };
  }
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
