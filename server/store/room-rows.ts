import type { Message, Person, RoomKind } from '#protocol/models';
import type { Head } from '#protocol/frames';
import type { Connection } from './database.ts';
import { integer, messageColumns, optional, personColumns, text, toMessage, toPerson, type Row } from './rows.ts';
import { sql, words } from './sql.ts';
import { noSuchRoom } from './store-errors.ts';
import type { RoomRecord } from './store.ts';
import { fromStoredJson } from './stored-text.ts';

export interface RoomKey {
  tenant: string;
  room: string;
}

/** A room's row with its last message. Within a transaction it is changed as the transaction goes on. */
export interface RoomRow extends RoomRecord {
  tenant: string;
  firstMembers: readonly string[];
  namedSeq: number;
  activeAt: number;
  lastMessage?: Message;
  lastSender?: Person;
}

/** What `toRoomRow` reads; goes with `roomTables`. */
export const roomColumns = words(`
  r.tenant, r.id, r.kind, r.name, r.epoch, r.seq, r.message_count, r.deleted_count, r.member_count, r.first_members, r.named_seq,
  r.active_at, ${messageColumns('last', 'last_')}, ${personColumns('sender')}`);
export const lastMessageTables = words(`
  LEFT JOIN messages last ON last.tenant = r.tenant AND last.room_id = r.id AND last.seq = r.last_message_seq
  LEFT JOIN people sender ON sender.tenant = last.tenant AND sender.id = last.sender_id`);

export function toRoomRow(row: Row): RoomRow {
  return {
    tenant: text(row.tenant),
    id: text(row.id),
    kind: text(row.kind) as RoomKind,
    ...optional('name', row.name, text),
    epoch: text(row.epoch),
    seq: integer(row.seq),
    messageCount: integer(row.message_count),
    deletedCount: integer(row.deleted_count),
    memberCount: integer(row.member_count),
    firstMembers: fromStoredJson(String(row.first_members)),
    namedSeq: integer(row.named_seq),
    activeAt: integer(row.active_at),
    ...(row.last_seq === null
      ? {}
      : { lastMessage: toMessage(row, 'last_'), lastSender: toPerson(row, text(row.last_sender_id), 'sender') }),
  };
}

/** Those of the rooms that exist, by `roomKey`; with `member` only those that they are in now. */
export async function findRooms(connection: Connection, keys: readonly RoomKey[], member?: string): Promise<Map<string, RoomRow>> {
  const distinct = [...new Map(keys.map((key) => [roomKey(key), key])).values()];
  const isIn = member === undefined ? sql`` : sql`
    AND EXISTS (SELECT 1 FROM members m WHERE m.tenant = r.tenant AND m.room_id = r.id AND m.user_id = ${member} AND m.left_at IS NULL)`;
  const rows = await connection.all(sql`
    WITH ${connection.dialect.values('k', { tenant: 'text', id: 'text' }, distinct.map(({ tenant, room }) => [tenant, room]))}
    SELECT ${roomColumns} FROM k CROSS JOIN rooms r ${lastMessageTables} WHERE r.tenant = k.tenant AND r.id = k.id ${isIn}`);
  return new Map(rows.map(toRoomRow).map((room) => [roomKey({ tenant: room.tenant, room: room.id }), room]));
}

export async function findRoom(connection: Connection, tenant: string, room: string, member?: string): Promise<RoomRow | undefined> {
  return (await findRooms(connection, [{ tenant, room }], member)).get(roomKey({ tenant, room }));
}

/** What somebody is not in does not exist for them (R1). */
export async function requireRoom(connection: Connection, tenant: string, room: string, member?: string): Promise<RoomRow> {
  const found = await findRoom(connection, tenant, room, member);
  if (!found) throw noSuchRoom();
  return found;
}

export function roomKey({ tenant, room }: RoomKey): string {
  return JSON.stringify([tenant, room]);
}

export function toRecord({ id, kind, name, epoch, seq, messageCount, deletedCount, memberCount }: RoomRow): RoomRecord {
  return { id, kind, ...(name === undefined ? {} : { name }), epoch, seq, messageCount, deletedCount, memberCount };
}

export function toHead({ id, epoch, seq, messageCount, deletedCount, activeAt, lastMessage, lastSender }: RoomRow): Head {
  return {
    room: id, epoch, seq, messageCount, deletedCount, activeAt,
    ...(lastMessage ? { lastMessage, lastSender } : {}),
  };
}
