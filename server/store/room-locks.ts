import type { Connection } from './database.ts';
import type { Values } from './dialect.ts';
import { roomKey, type RoomKey } from './room-rows.ts';
import { text, type Row } from './rows.ts';
import { sql } from './sql.ts';

/** A room that was waited for in vain is not waited for again for this long: who holds it may hang. */
const heldForMs = 5_000;

/**
 * Rooms that a transaction changes are its own from before it reads anything of them until its end: so the order of commits is
 * the order of `seq` (G3), on as many nodes as there are. Nobody waits for a room that others hold on to: its writes are
 * refused for now, and those of all other rooms go on.
 */
export class RoomLocks {
  readonly #now: () => number;
  /** Rooms that others hold on to, and until when that is believed. */
  readonly #held = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Locks those of the rooms that can be had, and tells which cannot. `others: 'skip'` waits for none. */
  async take(connection: Connection, rooms: readonly RoomKey[], others: 'wait' | 'skip'): Promise<ReadonlySet<string>> {
    const { dialect } = connection;
    if (!dialect.lockRooms) return nothing;
    const wanted = inOrder(rooms);
    const waitFor = wanted.filter(({ key }) => others === 'wait' && !this.#isHeld(key));
    const skip = wanted.filter((each) => !waitFor.includes(each));
    if (waitFor.length > 0) await connection.run(dialect.lockRooms(waitFor.map(({ row }) => row), 'wait'));
    if (skip.length === 0) return nothing;

    const rows = skip.map(({ row }) => row);
    const taken = keysOf(await connection.all(dialect.lockRooms(rows, 'skip')));
    const missing = skip.filter(({ key }) => !taken.has(key));
    // Those that do not exist are held by nobody.
    const held = missing.length === 0 ? nothing : keysOf(await connection.all(existing(connection, missing.map(({ row }) => row))));
    for (const { key } of skip) {
      if (held.has(key)) this.#hold(key);
      else this.#held.delete(key);
    }
    return held;
  }

  #hold(key: string): void {
    for (const [other, until] of this.#held) {
      // Those at the front were put there first.
      if (until > this.#now()) break;
      this.#held.delete(other);
    }
    this.#held.delete(key);
    this.#held.set(key, this.#now() + heldForMs);
  }

  #isHeld(key: string): boolean {
    const until = this.#held.get(key);
    if (until === undefined) return false;
    if (until > this.#now()) return true;
    this.#held.delete(key);
    return false;
  }
}

const nothing: ReadonlySet<string> = new Set();

/** The same order on all nodes, so that no two wait for each other. */
function inOrder(rooms: readonly RoomKey[]): { key: string; row: Values[number] }[] {
  const distinct = new Map(rooms.map(({ tenant, room }) => [roomKey({ tenant, room }), [tenant, room]]));
  return [...distinct].map(([key, row]) => ({ key, row })).sort((a, b) => (a.key < b.key ? -1 : 1));
}

function existing({ dialect }: Connection, keys: Values) {
  return sql`
    WITH ${dialect.values('k', { tenant: 'text', id: 'text' }, keys)}
    SELECT r.tenant, r.id FROM k CROSS JOIN rooms r WHERE r.tenant = k.tenant AND r.id = k.id`;
}

function keysOf(rows: readonly Row[]): Set<string> {
  return new Set(rows.map((row) => roomKey({ tenant: text(row.tenant), room: text(row.id) })));
}
