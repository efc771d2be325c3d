import type { Member, Message, Person } from '#protocol/models';
import type { Value } from './sql.ts';
import { fromStoredText } from './stored-text.ts';

/** A row as drivers give it. Some give big integers as text, so columns are read by the functions below only. */
export type Row = Readonly<Record<string, Value>>;

export function text(value: Value | undefined): string {
  return fromStoredText(String(value));
}

export function integer(value: Value | undefined): number {
  return Number(value);
}

/** `{ [name]: value }`, or nothing where the column is NULL: what is absent has no key. */
export function optional<K extends string, T extends string | number>(
  name: K, value: Value | undefined, read: (value: Value | undefined) => T,
): { [P in K]?: T } {
  return value === null || value === undefined ? {} : ({ [name]: read(value) } as { [P in K]?: T });
}

/** The columns that `toMessage` reads, under names that begin with `prefix`. */
export function messageColumns(table: string, prefix = ''): string {
  return ['seq', 'changed_seq', 'ordinal', 'sender_id', 'client_msg_id', 'body', 'sent_at', 'edited_at', 'deleted_at']
    .map((column) => `${table}.${column} AS ${prefix}${column}`)
    .join(', ');
}

export function toMessage(row: Row, prefix = ''): Message {
  const column = (name: string) => row[prefix + name];
  return {
    seq: integer(column('seq')),
    changedSeq: integer(column('changed_seq')),
    ordinal: integer(column('ordinal')),
    senderId: text(column('sender_id')),
    clientMsgId: text(column('client_msg_id')),
    text: text(column('body')),
    at: integer(column('sent_at')),
    ...optional('editedAt', column('edited_at'), integer),
    ...optional('deletedAt', column('deleted_at'), integer),
  };
}

/** The columns that `toPerson` reads of a table joined as `table`, whose row may be missing. */
export function personColumns(table: string): string {
  return `${table}.name AS ${table}_name, ${table}.avatar AS ${table}_avatar`;
}

/** Someone of whom nothing is stored goes by their id. */
export function toPerson(row: Row, id: string, table: string): Person {
  return { id, name: text(row[`${table}_name`] ?? id), ...optional('avatar', row[`${table}_avatar`], text) };
}

export const memberColumns = 'm.user_id, m.joined_at, m.left_at, m.changed_seq, m.read_seq, m.read_count';

export function toMember(row: Row): Member {
  return {
    userId: text(row.user_id),
    changedSeq: integer(row.changed_seq),
    joinedAt: integer(row.joined_at),
    ...optional('leftAt', row.left_at, integer),
    readSeq: integer(row.read_seq),
  };
}
