import { ChatterError } from '../errors.ts';
import { type Connection, type Database, DatabaseTrouble } from './database.ts';
import type { Trouble } from './dialect.ts';
import { type PeopleWrite, putPeople } from './people-table.ts';
import { RoomLocks } from './room-locks.ts';
import { roomKey } from './room-rows.ts';
import { applySendsAndMarks, type Mark, type Send } from './send-batch.ts';
import { sql } from './sql.ts';
import { roomIsHeld } from './store-errors.ts';
import type { Outcome } from './write-queue.ts';

/** Any other write: rare enough to go statement by statement. */
export interface Edit {
  kind: 'edit';
  tenant: string;
  /** The room it changes; a new room and people have none to lock. */
  room?: string;
  /** The key that a new room is found by. */
  naturalKey?: string;
  /** Rows it adds, where they are many. */
  rows?: number;
  apply(connection: Connection): Promise<unknown>;
}

export type Write = Send | Mark | PeopleWrite | Edit;

/** Writes what the queue brings, each batch in one transaction. */
export class BatchWriter {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #locks: RoomLocks;

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
    this.#locks = new RoomLocks(now);
  }

  /** All of `writes`, in their order: on disk when this resolves, or none of it done when it rejects. */
  async commit(writes: readonly Write[], others: 'wait' | 'skip' = 'wait'): Promise<Outcome[]> {
    try {
      return await this.#database.transaction((connection) => this.#apply(connection, writes, others));
    } catch (error) {
      // Which room it was that was waited for in vain is not told.
      if (isA(error, 'locked') && others === 'wait') return this.commit(writes, 'skip');
      if (isTrouble(error) && !(isA(error, 'again') && writes.length > 1)) throw error;
      // It is more than the database can take, which is no trouble of anybody else's.
      if (writes.length === 1) return [{ error: new DatabaseTrouble('unavailable', error) }];
    }
    // One of them is that, or in the way of others again and again. Apart, it fails alone.
    const outcomes: Outcome[] = [];
    for (const write of writes) {
      try {
        outcomes.push(...await this.commit([write], others));
      } catch (error) {
        outcomes.push({ error });
        // A database that does not answer is not waited for once more by each of the others. A row that is held is in the way of
        // one, and so is having to give way.
        if (isA(error, 'unavailable')) return writes.map((_, index) => outcomes[index] ?? { error });
      }
    }
    return outcomes;
  }

  async #apply(connection: Connection, writes: readonly Write[], others: 'wait' | 'skip'): Promise<Outcome[]> {
    const rooms = writes.flatMap(({ tenant, room }) => (room === undefined ? [] : [{ tenant, room }]));
    const held = await this.#locks.take(connection, rooms, others);
    if (held.size === 0) return this.#applyAll(connection, writes);
    const isHeld = ({ tenant, room }: Write): boolean => room !== undefined && held.has(roomKey({ tenant, room }));
    const outcomes = await this.#applyAll(connection, writes.filter((write) => !isHeld(write)));
    return writes.map((write) => (isHeld(write) ? { error: roomIsHeld() } : outcomes.shift()!));
  }

  async #applyAll(connection: Connection, writes: readonly Write[]): Promise<Outcome[]> {
    const outcomes = new Map<Write, Outcome>();
    for (const run of runsOf(inOrder(writes))) {
      const done = run.kind === 'edit' ? [await applyEdit(connection, run.writes[0])]
        : run.kind === 'people' ? (await putPeople(connection, run.writes)).map((value) => ({ value }))
          : await applySendsAndMarks(connection, run.writes, this.#now());
      for (const [index, write] of run.writes.entries()) outcomes.set(write, done[index]!);
    }
    return writes.map((write) => outcomes.get(write)!);
  }
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
    // A row that somebody else holds is in the way of this edit alone.
    if (isTrouble(error) && !isA(error, 'locked')) throw error;
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

function isA(error: unknown, trouble: Trouble): boolean {
  return error instanceof DatabaseTrouble && error.trouble === trouble;
}

/**
 * First the people, then the rooms that are found by a key, by their keys: no lock on a room keeps these from others, and where
 * all nodes take them in the same order, none waits for another that waits for it. All else is in the order it came.
 */
function inOrder(writes: readonly Write[]): Write[] {
  const people = writes.filter((write) => write.kind === 'people');
  const keyed = writes.filter((write) => write.kind === 'edit').filter(({ naturalKey }) => naturalKey !== undefined)
    .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  if (people.length + keyed.length === 0) return [...writes];
  const first = new Set<Write>([...people, ...keyed]);
  return [...first, ...writes.filter((write) => !first.has(write))];
}

function keyOf({ tenant, naturalKey = '' }: Edit): string {
  return JSON.stringify([tenant, naturalKey]);
}

type Run = { kind: 'edit'; writes: [Edit] } | { kind: 'people'; writes: PeopleWrite[] } | { kind: 'together'; writes: (Send | Mark)[] };

/** What stands side by side and can be done together, is. */
function runsOf(writes: readonly Write[]): Run[] {
  const runs: Run[] = [];
  for (const write of writes) {
    const last = runs.at(-1);
    if (write.kind === 'edit') {
      runs.push({ kind: 'edit', writes: [write] });
    } else if (write.kind === 'people') {
      if (last?.kind === 'people') last.writes.push(write);
      else runs.push({ kind: 'people', writes: [write] });
    } else if (last?.kind === 'together') {
      last.writes.push(write);
    } else {
      runs.push({ kind: 'together', writes: [write] });
    }
  }
  return runs;
}
