import type { Message, MessagePage, Person } from '#protocol/models';
import { bodyHash } from './body-hash.ts';
import type { Connection } from './database.ts';
import { namedPeople } from './people-table.ts';
import { requireRoom, toHead, type RoomKey, type RoomRow } from './room-rows.ts';
import { messageColumns, personColumns, text, toMessage, toPerson, type Row } from './rows.ts';
import { sql, words, type Sql } from './sql.ts';
import { noSuchMessage } from './store-errors.ts';
import type { Change, MessageDraft } from './store.ts';

/** What makes a message one, for ever (G2). */
export type MessageKey = RoomKey & Pick<MessageDraft, 'senderId' | 'clientMsgId'>;

export interface StoredMessage {
  message: Message;
  bodyHash: string;
}

export async function findMessage(
  connection: Connection, tenant: string, room: string, seq: number,
): Promise<Message | undefined> {
  const [row] = await connection.all(sql`
    SELECT ${words(messageColumns('m'))} FROM messages m WHERE m.tenant = ${tenant} AND m.room_id = ${room} AND m.seq = ${seq}`);
  return row && toMessage(row);
}

/** Of a room that was read before: a message which comes in between makes the page longer, and never the count. */
export async function readHistory(
  connection: Connection, { tenant, id: room, messageCount }: RoomRow,
  { before, after, around, limit }: { before?: number; after?: number; around?: number; limit: number },
): Promise<MessagePage> {
  const page = (condition: Sql, order: 'ASC' | 'DESC') => connection.all(sql`
    SELECT ${words(`${messageColumns('m')}, ${personColumns('p')}`)}
    FROM messages m LEFT JOIN people p ON p.tenant = m.tenant AND p.id = m.sender_id
    WHERE m.tenant = ${tenant} AND m.room_id = ${room} ${condition} ORDER BY m.seq ${words(order)} LIMIT ${limit}`);
  const older = async (condition: Sql) => (await page(condition, 'DESC')).reverse();

  let rows: Row[];
  if (after !== undefined) {
    rows = await page(sql`AND m.seq > ${after}`, 'ASC');
  } else if (before !== undefined) {
    rows = await older(sql`AND m.seq < ${before}`);
  } else if (around !== undefined) {
    const [earlier, later] = await Promise.all([older(sql`AND m.seq < ${around}`), page(sql`AND m.seq >= ${around}`, 'ASC')]);
    // The one in the middle counts to the newer half; where a half is short the other fills the page.
    const laterCount = Math.min(later.length, Math.max(Math.ceil(limit / 2), limit - earlier.length));
    const earlierCount = Math.min(earlier.length, limit - laterCount);
    rows = [...earlier.slice(earlier.length - earlierCount), ...later.slice(0, laterCount)];
  } else {
    rows = await older(sql``);
  }

  const messages = rows.map((row) => toMessage(row));
  const [first, last] = [messages[0], messages.at(-1)];
  const authors = new Map(rows.map((row): [string, Person] => [text(row.sender_id), toPerson(row, text(row.sender_id), 'p')]));
  return {
    messages,
    hasBefore: first ? first.ordinal > 1 : after !== undefined && messageCount > 0,
    hasAfter: last ? last.ordinal < messageCount : before !== undefined && messageCount > 0,
    people: [...authors.values()],
  };
}

export async function deleteMessage(
  connection: Connection, tenant: string, id: string, seq: number, by: string | undefined, now: number,
): Promise<Change & { message: Message }> {
  const room = await requireRoom(connection, tenant, id, by);
  const message = await findMessage(connection, tenant, id, seq);
  if (!message) throw noSuchMessage();
  if (message.deletedAt !== undefined) return { facts: [], people: [], head: toHead(room), message };

  const changedSeq = room.seq + 1;
  const tombstone = { ...message, changedSeq, text: '', deletedAt: now };
  await connection.run(sql`
    UPDATE messages SET changed_seq = ${changedSeq}, body = '', deleted_at = ${now}
    WHERE tenant = ${tenant} AND room_id = ${id} AND seq = ${seq}`);
  await connection.run(sql`INSERT INTO deletions (tenant, room_id, ordinal) VALUES (${tenant}, ${id}, ${message.ordinal})`);
  await connection.run(sql`
    UPDATE rooms SET seq = ${changedSeq}, deleted_count = ${room.deletedCount + 1}, changed_at = ${now}
    WHERE tenant = ${tenant} AND id = ${id}`);
  return {
    facts: [{ seq: changedSeq, kind: 'message', message: tombstone }],
    people: await namedPeople(connection, tenant, [message.senderId]),
    head: toHead({
      ...room, seq: changedSeq, deletedCount: room.deletedCount + 1,
      ...(room.lastMessage?.seq === seq ? { lastMessage: tombstone } : {}),
    }),
    message: tombstone,
  };
}

/** Appends drafts of one room that it does not hold yet. */
export async function importMessages(
  connection: Connection, tenant: string, id: string, drafts: readonly (Omit<MessageDraft, 'room'> & { at: number })[], now: number,
): Promise<number> {
  const room = await requireRoom(connection, tenant, id);
  const keyed = drafts.map((draft) => ({ ...draft, tenant, room: id }));
  const known = await findKnownMessages(connection, keyed);
  const added: NewMessage[] = [];
  for (const draft of keyed) {
    const key = messageKey(draft);
    if (known.has(key)) continue;
    const stored = appendTo(room, draft, draft.at);
    known.set(key, stored);
    added.push({ tenant, room: id, ...stored });
  }
  if (added.length > 0) {
    await insertMessages(connection, added);
    await saveHeads(connection, [room], now);
  }
  return added.length;
}

export function messageKey({ tenant, room, senderId, clientMsgId }: MessageKey): string {
  return JSON.stringify([tenant, room, senderId, clientMsgId]);
}

/** Those of the messages that are stored already, by `messageKey`. */
export async function findKnownMessages(
  connection: Connection, keys: readonly MessageKey[],
): Promise<Map<string, StoredMessage>> {
  if (keys.length === 0) return new Map();
  const columns = { tenant: 'text', room_id: 'text', sender_id: 'text', client_msg_id: 'text' } as const;
  const rows = await connection.all(sql`
    WITH ${connection.dialect.values('k', columns, keys.map((key) => [key.tenant, key.room, key.senderId, key.clientMsgId]))}
    SELECT m.tenant, m.room_id, m.body_hash, ${words(messageColumns('m'))} FROM k CROSS JOIN messages m
    WHERE m.tenant = k.tenant AND m.room_id = k.room_id AND m.sender_id = k.sender_id AND m.client_msg_id = k.client_msg_id`);
  return new Map(rows.map((row) => {
    const message = toMessage(row);
    const key = messageKey({ ...message, tenant: text(row.tenant), room: text(row.room_id) });
    return [key, { message, bodyHash: text(row.body_hash) }];
  }));
}

/** Gives a message the next place of its room. The row and the room are yet to be written. */
export function appendTo(room: RoomRow, draft: Omit<MessageDraft, 'room'>, at: number): StoredMessage {
  const seq = ++room.seq;
  const ordinal = ++room.messageCount;
  const { senderId, clientMsgId, text: body } = draft;
  const message = { seq, changedSeq: seq, ordinal, senderId, clientMsgId, text: body, at };
  room.lastMessage = message;
  // Only the first message may be older than the room: an imported room lies where its messages do.
  room.activeAt = ordinal === 1 ? at : Math.max(room.activeAt, at);
  return { message, bodyHash: bodyHash(body) };
}

export type NewMessage = RoomKey & StoredMessage;

export function insertMessages(connection: Connection, added: readonly NewMessage[]): Promise<void> {
  return connection.run(connection.dialect.insert(
    'messages',
    {
      tenant: 'text', room_id: 'text', seq: 'integer', changed_seq: 'integer', ordinal: 'integer', sender_id: 'text',
      client_msg_id: 'text', body_hash: 'text', body: 'text', sent_at: 'integer',
    },
    added.map(({ tenant, room, message, bodyHash: hash }) => [
      tenant, room, message.seq, message.changedSeq, message.ordinal, message.senderId, message.clientMsgId, hash, message.text,
      message.at,
    ]),
  ));
}

/** Writes what `appendTo` changed of rooms. */
export function saveHeads(connection: Connection, rooms: readonly RoomRow[], now: number): Promise<void> {
  return connection.run(connection.dialect.updateMany(
    'rooms',
    { tenant: 'text', id: 'text' },
    { seq: 'integer', message_count: 'integer', last_message_seq: 'integer', active_at: 'integer', changed_at: 'integer' },
    rooms.map((room) => [room.tenant, room.id, room.seq, room.messageCount, room.lastMessage?.seq ?? null, room.activeAt, now]),
  ));
}
