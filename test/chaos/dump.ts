import { QueryTypes } from 'sequelize';
import { openDatabase } from './database.ts';

/** What the database holds in the end, read by plain statements: the store is what is judged here, and is not asked. */
export interface Dump {
  rooms: DumpedRoom[];
  messages: DumpedMessage[];
  members: DumpedMember[];
  /** Size of what was read, as JSON. */
  bytes: number;
}

export interface DumpedRoom {
  tenant: string;
  id: string;
  kind: string;
  name: string | undefined;
  epoch: string;
  seq: number;
  messageCount: number;
  deletedCount: number;
  memberCount: number;
  namedSeq: number;
}

export interface DumpedMessage {
  tenant: string;
  room: string;
  seq: number;
  changedSeq: number;
  ordinal: number;
  senderId: string;
  clientMsgId: string;
  text: string;
  isDeleted: boolean;
}

export interface DumpedMember {
  tenant: string;
  room: string;
  user: string;
  isPresent: boolean;
  changedSeq: number;
  readSeq: number;
  readCount: number;
}

type Row = Readonly<Record<string, unknown>>;

/** Reads everything. Throws where the database does not answer. */
export async function readDump(url: string): Promise<Dump> {
  const database = await openDatabase(url);
  const all = (table: string, columns: string) => database.query<Row>(`SELECT ${columns} FROM ${table}`, { type: QueryTypes.SELECT });
  try {
    const rooms = (await all('rooms', 'tenant, id, kind, name, epoch, seq, message_count, deleted_count, member_count, named_seq'))
      .map((row): DumpedRoom => ({
        tenant: text(row.tenant), id: text(row.id), kind: text(row.kind), name: row.name === null ? undefined : text(row.name),
        epoch: text(row.epoch), seq: Number(row.seq), messageCount: Number(row.message_count), deletedCount: Number(row.deleted_count),
        memberCount: Number(row.member_count), namedSeq: Number(row.named_seq),
      }));
    const messages = (await all('messages', 'tenant, room_id, seq, changed_seq, ordinal, sender_id, client_msg_id, body, deleted_at'))
      .map((row): DumpedMessage => ({
        tenant: text(row.tenant), room: text(row.room_id), seq: Number(row.seq), changedSeq: Number(row.changed_seq),
        ordinal: Number(row.ordinal), senderId: text(row.sender_id), clientMsgId: text(row.client_msg_id), text: text(row.body),
        isDeleted: row.deleted_at !== null,
      }));
    const members = (await all('members', 'tenant, room_id, user_id, left_at, changed_seq, read_seq, read_count'))
      .map((row): DumpedMember => ({
        tenant: text(row.tenant), room: text(row.room_id), user: text(row.user_id), isPresent: row.left_at === null,
        changedSeq: Number(row.changed_seq), readSeq: Number(row.read_seq), readCount: Number(row.read_count),
      }));
    return { rooms, messages, members, bytes: JSON.stringify([rooms, messages, members]).length };
  } finally {
    await database.close();
  }
}

function text(value: unknown): string {
  return String(value);
}
