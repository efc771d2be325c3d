import type { Changes, Fact, Member, Message, MessagePage, Person, RoomSummary } from '#protocol/models';
import type { Head } from '#protocol/frames';
import { systemClock, type Clock } from '../clock.ts';
import { type Metrics, noMetrics } from '../metrics.ts';
import { listChangedRooms } from './changed-rooms.ts';
import { readChanges } from './changes.ts';
import type { Connection, Database, OnQuery } from './database.ts';
import { measuredDatabase } from './measured-database.ts';
import { GroupedReads } from './grouped-reads.ts';
import { openDatabase } from './open-database.ts';
import { changeMembers, findMember, listMembers, seenBy, toMembersPage } from './members-table.ts';
import { deleteMessage, findMessage, importMessages, readHistory } from './messages-table.ts';
import { findCompanions, newsAmong, personKey, searchPeople } from './people-table.ts';
import { randomId } from './random-id.ts';
import { listSummaries } from './room-lists.ts';
import { roomKey, type RoomRow, toHead, toRecord } from './room-rows.ts';
import { createRoom, listRooms, renameRoom } from './rooms-table.ts';
import { sql } from './sql.ts';
import type { SqliteDriver } from './sqlite-driver.ts';
import { noSuchRoom, storeClosed } from './store-errors.ts';
import { readRevocations, writeRevocation } from './revocations-table.ts';
import type { Change, MessageDraft, ReadState, Revocation, RoomDraft, RoomPlace, RoomRecord, Store } from './store.ts';
import { BatchWriter, type Edit, type Write } from './write-batch.ts';
import { WriteQueue } from './write-queue.ts';

/** Messages of an import that one transaction takes, and their characters: databases take statements of some megabytes only. */
const importedAtOnce = 1_000;
const importedCharacters = 1_000_000;

export interface SequelizeStoreOptions {
  /** `sqlite:path/to/file`, `postgres://user:password@host/database`, or `mysql://…` for MySQL and MariaDB. */
  url: string;
  /** Connections to keep, where the database is a server. */
  connections?: number;
  clock?: Clock;
  newId?: () => string;
  /** Told each statement before it runs. */
  onQuery?: OnQuery;
  /** Instead of the SQLite that is found (see `sqlite-driver.ts`). */
  sqliteDriver?: SqliteDriver;
  metrics?: Metrics;
}

/** Opens the database, and brings its tables to this version. Throws a sentence where that cannot be. */
export async function openSequelizeStore({
  url, connections = 10, clock = systemClock, newId = randomId, onQuery, sqliteDriver, metrics = noMetrics,
}: SequelizeStoreOptions): Promise<SequelizeStore> {
  const database = await openDatabase(url, { connections, clock, onQuery, sqliteDriver });
  const store = new SequelizeStore(measuredDatabase(database, metrics), { clock, newId, metrics });
  // Whoever has filled them may have gone before the database looked.
  store.lookAtTables();
  return store;
}

/** The store in a database. What it writes goes through one queue, whose every batch is one transaction. */
export class SequelizeStore implements Store {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #queue: WriteQueue<Write>;
  readonly #reads: GroupedReads;
  readonly #reading = new Set<Promise<unknown>>();
  /** Rows that were written, and after how many the database looks at its tables. */
  #growth = { rows: 0, lookAt: 200 };
  #closing: Promise<void> | undefined;

  /** Use `openSequelizeStore`: the database must have its tables. */
  constructor(database: Database, { clock, newId, metrics }: { clock: Clock; newId: () => string; metrics: Metrics }) {
    this.#database = database;
    this.#clock = clock;
    this.#newId = newId;
    this.#reads = new GroupedReads(database.reader);
    const batches = new BatchWriter(database, () => clock.now());
    this.#queue = new WriteQueue(async (writes) => {
      const begunAt = performance.now();
      try {
        const outcomes = await batches.commit(writes);
        this.#grow(writes);
        return outcomes;
      } finally {
        metrics.transactionTook(writes.length, performance.now() - begunAt);
      }
    }, { onWaiting: (count) => metrics.writesWaiting(count) });
  }

  async putPeople(tenant: string, people: readonly Person[]): Promise<Person[]> {
    // Nearly always nothing is new, and then nothing is written.
    const known = await this.#read(() => this.#reads.people.all(people.map(({ id }) => ({ tenant, id }))));
    const news = newsAmong(people, known, tenant);
    return news.length === 0 ? [] : this.#queue.add({ kind: 'people', tenant, people: news }) as Promise<Person[]>;
  }

  async people(tenant: string, ids: readonly string[]): Promise<Person[]> {
    const known = await this.#read(() => this.#reads.people.all(ids.map((id) => ({ tenant, id }))));
    return [...new Set(ids)].map((id) => known.get(personKey({ tenant, id }))).filter((person) => person !== undefined);
  }

  searchPeople(tenant: string, query: string, limit: number, sharingRoomWith?: string): Promise<Person[]> {
    return this.#read((connection) => searchPeople(connection, tenant, query, limit, sharingRoomWith));
  }

  companions(tenant: string, user: string, among: readonly string[]): Promise<string[]> {
    return this.#read((connection) => findCompanions(connection, tenant, user, among));
  }

  createRoom(tenant: string, draft: RoomDraft): Promise<{ room: RoomRecord; facts: Fact[]; created: boolean }> {
    const ids = { id: this.#newId(), epoch: this.#newId() };
    return this.#edit({ tenant, naturalKey: draft.key, apply: (connection) => createRoom(connection, tenant, draft, { ...ids, now: this.#clock.now() }) });
  }

  async room(tenant: string, room: string): Promise<RoomRecord | undefined> {
    const found = await this.#read(() => this.#reads.rooms.one({ tenant, room }));
    return found && toRecord(found);
  }

  rooms(tenant: string, page: { cursor?: string; limit: number }): Promise<{ rooms: RoomRecord[]; next?: string }> {
    return this.#read((connection) => listRooms(connection, tenant, page));
  }

  async heads(tenant: string, rooms: readonly string[]): Promise<Head[]> {
    const keys = [...new Set(rooms)].map((room) => ({ tenant, room }));
    const found = await this.#read(() => this.#reads.rooms.all(keys));
    return keys.map((key) => found.get(roomKey(key))).filter((room) => room !== undefined).map(toHead);
  }

  changedRooms(page: { since: number; after?: RoomPlace; limit: number }): Promise<RoomPlace[]> {
    return this.#read((connection) => listChangedRooms(connection, page));
  }

  summary(tenant: string, room: string, user: string): Promise<RoomSummary | undefined> {
    return this.#read(() => this.#reads.summaries.one({ tenant, room, user }));
  }

  async summaries(
    tenant: string, user: string, page: { cursor?: string; limit: number; query?: string },
  ): Promise<{ rooms: RoomSummary[]; next?: string }> {
    const isFirst = page.cursor === undefined && page.query === undefined;
    if (isFirst) return (await this.#read(() => this.#reads.firstPages.one({ tenant, user, limit: page.limit })))!;
    return this.#read((connection) => listSummaries(connection, tenant, user, page));
  }

  renameRoom(tenant: string, room: string, name: string | undefined, by?: string): Promise<Change> {
    return this.#edit({ tenant, room, apply: (connection) => renameRoom(connection, tenant, room, name, by, this.#clock.now()) });
  }

  member(tenant: string, room: string, user: string): Promise<Member | undefined> {
    return this.#read((connection) => findMember(connection, tenant, room, user));
  }

  members(
    tenant: string, room: string, page: { cursor?: string; limit: number },
  ): Promise<{ members: Member[]; people: Person[]; next?: string }> {
    return this.#read(async (connection) => {
      const all = page.cursor === undefined ? await this.#reads.smallRooms.one({ tenant, room }) : undefined;
      return all ? toMembersPage(all, page.limit) : listMembers(connection, tenant, room, page);
    });
  }

  memberIds(tenant: string, room: string): Promise<string[]> {
    return this.#read(async () => {
      const ids = await this.#reads.memberIds.one({ tenant, room });
      if (!ids) await this.#mustFind(tenant, room);
      return ids ?? [];
    });
  }

  changeMembers(
    tenant: string, room: string, change: { add?: readonly string[]; remove?: readonly string[] }, by?: string,
  ): Promise<Change> {
    return this.#edit({ tenant, room, apply: (connection) => changeMembers(connection, tenant, room, change, by, this.#clock.now()) });
  }

  appendMessage(
    tenant: string, draft: MessageDraft,
  ): Promise<{ message: Message; head: Head; epoch: string; duplicate: boolean }> {
    return this.#queue.add({ kind: 'send', tenant, ...draft }) as ReturnType<Store['appendMessage']>;
  }

  async importMessages(
    tenant: string, room: string, drafts: readonly (Omit<MessageDraft, 'room'> & { at: number })[],
  ): Promise<{ added: number }> {
    let added = 0;
    // A part at a time, and others in between: an import must not hold up the people who chat.
    for (const part of partsOf(drafts)) {
      added += await this.#edit({ tenant, room, rows: part.length, apply: (connection) => importMessages(connection, tenant, room, part, this.#clock.now()) });
    }
    return { added };
  }

  deleteMessage(tenant: string, room: string, seq: number, by?: string): Promise<Change & { message: Message }> {
    return this.#edit({ tenant, room, apply: (connection) => deleteMessage(connection, tenant, room, seq, by, this.#clock.now()) });
  }

  message(tenant: string, room: string, seq: number): Promise<Message | undefined> {
    return this.#read((connection) => findMessage(connection, tenant, room, seq));
  }

  history(
    tenant: string, room: string, page: { before?: number; after?: number; around?: number; limit: number },
  ): Promise<MessagePage> {
    return this.#read(async (connection) => {
      const found = await this.#mustFind(tenant, room);
      const question = JSON.stringify(['history', tenant, room, found.messageCount, page]);
      return this.#reads.shared.ask(question, () => readHistory(connection, found, page));
    });
  }

  changes(tenant: string, room: string, after: number, limit: number): Promise<Changes> {
    return this.#read(async (connection) => {
      const found = await this.#mustFind(tenant, room);
      if (after >= found.seq) return { facts: [], upTo: found.seq, more: false, people: [] };
      const question = JSON.stringify(['changes', tenant, room, found.seq, after, limit]);
      return this.#reads.shared.ask(question, () => readChanges(connection, found, after, limit));
    });
  }

  markRead(tenant: string, room: string, user: string, seq: number): Promise<ReadState & { moved: boolean }> {
    return this.#queue.add({ kind: 'mark', tenant, room, user, seq }) as ReturnType<Store['markRead']>;
  }

  seenBy(
    tenant: string, room: string, seq: number, exceptUser: string, limit: number,
  ): Promise<{ count: number; people: Person[] }> {
    return this.#read((connection) => seenBy(connection, tenant, room, seq, exceptUser, limit));
  }

  writeRevocation(revocation: Omit<Revocation, 'revision'>): Promise<number> {
    return this.#edit({ tenant: revocation.tenant, apply: (connection) => writeRevocation(connection, revocation) });
  }

  revocations(after: number, limit: number): Promise<Revocation[]> {
    return this.#read((connection) => readRevocations(connection, after, limit));
  }

  async check(): Promise<void> {
    await this.#read((connection) => connection.all(sql`SELECT 1 FROM rooms LIMIT 1`));
  }

  /** Has the database look at tables that have grown. Without it all is as right, and may be much slower. */
  lookAtTables(): void {
    const { lookAtTables } = this.#database.dialect;
    if (lookAtTables) this.#read((connection) => connection.run(lookAtTables)).catch(() => undefined);
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#finish());
  }

  /** Tables that were empty a moment ago are looked at soon, and then ever more seldom: later the database does it by itself. */
  #grow(writes: readonly Write[]): void {
    this.#growth.rows += writes.reduce((rows, write) => rows + (write.kind === 'edit' ? write.rows ?? 1 : 1), 0);
    if (this.#growth.rows < this.#growth.lookAt) return;
    this.#growth.lookAt = 2 * this.#growth.rows;
    this.lookAtTables();
  }

  async #finish(): Promise<void> {
    await this.#queue.close();
    await Promise.allSettled(this.#reading);
    await this.#database.close();
  }

  async #mustFind(tenant: string, room: string): Promise<RoomRow> {
    const found = await this.#reads.rooms.one({ tenant, room });
    if (!found) throw noSuchRoom();
    return found;
  }

  #edit<T>(edit: Omit<Edit, 'kind' | 'apply'> & { apply(connection: Connection): Promise<T> }): Promise<T> {
    return this.#queue.add({ kind: 'edit', ...edit }) as Promise<T>;
  }

  /** Closing waits for what is being read. */
  async #read<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#closing) throw storeClosed();
    const reading = work(this.#database.reader);
    this.#reading.add(reading);
    try {
      return await reading;
    } finally {
      this.#reading.delete(reading);
    }
  }
}

/** At least one, so that a room which does not exist is told also where there is nothing to import. */
function partsOf<Draft extends { text: string }>(drafts: readonly Draft[]): Draft[][] {
  const parts: Draft[][] = [[]];
  let characters = 0;
  for (const draft of drafts) {
    const part = parts.at(-1)!;
    characters += draft.text.length;
    if (part.length === 0 || (part.length < importedAtOnce && characters <= importedCharacters)) {
      part.push(draft);
    } else {
      parts.push([draft]);
      characters = draft.text.length;
    }
  }
  return parts;
}
