import type { Person } from '#protocol/models';
import type { Connection } from './database.ts';
import { appendTo, findKnownMessages, insertMessages, messageKey, saveHeads, type NewMessage } from './messages-table.ts';
import { bodyHash } from './body-hash.ts';
import { findRooms, roomKey, toHead, type RoomKey, type RoomRow } from './room-rows.ts';
import { integer, personColumns, text, toPerson } from './rows.ts';
import { sql, words } from './sql.ts';
import { noSuchRoom, usedClientMsgId } from './store-errors.ts';
import type { MessageDraft } from './store.ts';
import type { Outcome } from './write-queue.ts';

export type Send = { kind: 'send'; tenant: string } & MessageDraft;
export type Mark = { kind: 'mark'; tenant: string; room: string; user: string; seq: number };

/** Someone in a room, whether a member or not. */
interface Reader {
  key: RoomKey & { user: string };
  person: Person;
  isMember: boolean;
  readSeq: number;
  readCount: number;
  moved: boolean;
}

/**
 * Sends and read markers of many people in many rooms, in the order given, by a handful of statements: what they need is read
 * at once, they are worked out here, and what they did is written at once. The transaction holds their rooms.
 */
export async function applySendsAndMarks(
  connection: Connection, writes: readonly (Send | Mark)[], now: number,
): Promise<Outcome[]> {
  const sends = writes.filter((write) => write.kind === 'send');
  const marks = writes.filter((write) => write.kind === 'mark');
  // Together, so that the database works on one while the rows of another are read here. Never so with writes: what stood
  // behind one that failed would be done after the rollback, by itself.
  const [rooms, known, readers] = await Promise.all([
    findRooms(connection, writes), findKnownMessages(connection, sends), findReaders(connection, writes),
  ]);
  const loaded = new Map([...rooms].map(([key, { seq, messageCount }]) => [key, { seq, messageCount }]));
  const earlier = marks.filter((mark) => mark.seq < (loaded.get(roomKey(mark))?.seq ?? 0));
  const countsUpTo = await countMessagesUpTo(connection, earlier);

  const added: NewMessage[] = [];
  const touched = new Set<RoomRow>();

  function send(write: Send): Outcome {
    const room = rooms.get(roomKey(write));
    if (!room) return { error: noSuchRoom() };
    const key = messageKey(write);
    const first = known.get(key);
    if (first) {
      if (first.bodyHash !== bodyHash(write.text)) return { error: usedClientMsgId() };
      return { value: { message: first.message, head: toHead(room), epoch: room.epoch, duplicate: true } };
    }
    const sender = readers.get(readerKey(write))!;
    // They were when they asked; meanwhile the database may have been slow, and somebody quicker to take them out.
    if (!sender.isMember) return { error: noSuchRoom() };
    const stored = appendTo(room, write, now);
    known.set(key, stored);
    added.push({ tenant: write.tenant, room: write.room, ...stored });
    touched.add(room);
    room.lastSender = sender.person;
    moveMarker(sender, stored.message.seq, stored.message.ordinal);
    return { value: { message: stored.message, head: toHead(room), epoch: room.epoch, duplicate: false } };
  }

  function mark(write: Mark): Outcome {
    const room = rooms.get(roomKey(write));
    const reader = readers.get(readerKey(write));
    if (!room || !reader?.isMember) return { error: noSuchRoom() };
    const readSeq = Math.min(write.seq, room.seq);
    const before = loaded.get(roomKey(write))!;
    // All that this batch adds to a room is messages, so beyond what was loaded a place is a message.
    const readCount = readSeq < before.seq ? countsUpTo.get(markKey(write))! : before.messageCount + (readSeq - before.seq);
    const moved = moveMarker(reader, readSeq, readCount);
    const unread = room.messageCount - reader.readCount;
    return { value: { readSeq: reader.readSeq, readCount: reader.readCount, unread, moved } };
  }

  const outcomes = writes.map((write) => (write.kind === 'send' ? send(write) : mark(write)));
  if (added.length > 0) {
    await insertMessages(connection, added);
    await saveHeads(connection, [...touched], now);
  }
  await saveMarkers(connection, [...readers.values()].filter(({ moved }) => moved));
  await subtractDeleted(connection, writes, outcomes, rooms);
  return outcomes;
}

/** Moves a marker forward, never back (G10). */
function moveMarker(reader: Reader, readSeq: number, readCount: number): boolean {
  if (!reader.isMember || readSeq <= reader.readSeq) return false;
  Object.assign(reader, { readSeq, readCount, moved: true });
  return true;
}

async function findReaders(connection: Connection, writes: readonly (Send | Mark)[]): Promise<Map<string, Reader>> {
  const keys = new Map(writes.map((write) => [readerKey(write), { tenant: write.tenant, room: write.room, user: userOf(write) }]));
  const rows = await connection.all(sql`
    WITH ${connection.dialect.values(
      'k', { tenant: 'text', room_id: 'text', user_id: 'text' },
      [...keys.values()].map(({ tenant, room, user }) => [tenant, room, user]),
    )}
    SELECT k.tenant, k.room_id, k.user_id, m.read_seq, m.read_count, ${words(personColumns('p'))} FROM k
    LEFT JOIN members m ON m.tenant = k.tenant AND m.room_id = k.room_id AND m.user_id = k.user_id AND m.left_at IS NULL
    LEFT JOIN people p ON p.tenant = k.tenant AND p.id = k.user_id`);
  return new Map(rows.map((row) => {
    const key = { tenant: text(row.tenant), room: text(row.room_id), user: text(row.user_id) };
    const reader = {
      key, person: toPerson(row, key.user, 'p'), isMember: row.read_seq !== null,
      readSeq: integer(row.read_seq), readCount: integer(row.read_count), moved: false,
    };
    return [JSON.stringify(Object.values(key)), reader];
  }));
}

/** How many messages lie up to each mark, by `markKey`. */
async function countMessagesUpTo(connection: Connection, marks: readonly Mark[]): Promise<Map<string, number>> {
  if (marks.length === 0) return new Map();
  const rows = await connection.all(sql`
    WITH ${connection.dialect.values(
      'k', { tenant: 'text', room_id: 'text', seq: 'integer' }, marks.map(({ tenant, room, seq }) => [tenant, room, seq]),
    )}
    SELECT k.tenant, k.room_id, k.seq, (
      SELECT m.ordinal FROM messages m WHERE m.tenant = k.tenant AND m.room_id = k.room_id AND m.seq <= k.seq
      ORDER BY m.seq DESC LIMIT 1
    ) AS message_count FROM k`);
  return new Map(rows.map((row) =>
    [markKey({ tenant: text(row.tenant), room: text(row.room_id), seq: integer(row.seq) }), integer(row.message_count)]));
}

async function saveMarkers(connection: Connection, readers: readonly Reader[]): Promise<void> {
  if (readers.length === 0) return;
  await connection.run(connection.dialect.updateMany(
    'members',
    { tenant: 'text', room_id: 'text', user_id: 'text' },
    { read_seq: 'integer', read_count: 'integer' },
    readers.map(({ key, readSeq, readCount }) => [key.tenant, key.room, key.user, readSeq, readCount]),
  ));
}

/** Deleted messages are not unread (P1). Only rooms that have some need a look. */
async function subtractDeleted(
  connection: Connection, writes: readonly (Send | Mark)[], outcomes: readonly Outcome[], rooms: ReadonlyMap<string, RoomRow>,
): Promise<void> {
  const answers = writes.flatMap((write, index) => {
    const outcome = outcomes[index]!;
    if (write.kind !== 'mark' || !('value' in outcome) || rooms.get(roomKey(write))!.deletedCount === 0) return [];
    return [{ write, state: outcome.value as { readCount: number; unread: number } }];
  });
  if (answers.length === 0) return;
  const rows = await connection.all(sql`
    WITH ${connection.dialect.values(
      'k', { place: 'integer', tenant: 'text', room_id: 'text', read_count: 'integer' },
      answers.map(({ write, state }, place) => [place, write.tenant, write.room, state.readCount]),
    )}
    SELECT k.place, (
      SELECT COUNT(*) FROM deletions d WHERE d.tenant = k.tenant AND d.room_id = k.room_id AND d.ordinal > k.read_count
    ) AS deleted FROM k`);
  for (const row of rows) answers[integer(row.place)]!.state.unread -= integer(row.deleted);
}

function userOf(write: Send | Mark): string {
  return write.kind === 'send' ? write.senderId : write.user;
}

function readerKey(write: Send | Mark): string {
  return JSON.stringify([write.tenant, write.room, userOf(write)]);
}

function markKey({ tenant, room, seq }: RoomKey & { seq: number }): string {
  return JSON.stringify([tenant, room, seq]);
}
