import type { Person, RoomSummary } from '#protocol/models';
import type { Connection } from './database.ts';
import { containing } from './people-table.ts';
import { readRoomCursor, writeRoomCursor } from './room-cursor.ts';
import { lastMessageTables, roomColumns, toHead, toRoomRow, type RoomKey } from './room-rows.ts';
import { integer, text, type Row } from './rows.ts';
import { sql, words, type Sql } from './sql.ts';
import { fromStoredText } from './stored-text.ts';

/** A room as one person sees it. */
export type SummaryKey = RoomKey & { user: string };
/** The first page of one person's rooms. */
export interface FirstPageKey {
  tenant: string;
  user: string;
  limit: number;
}

export interface SummaryPage {
  rooms: RoomSummary[];
  next?: string;
}

/** A page of the rooms of `user`: one statement, whatever the number of rooms. */
export async function listSummaries(
  connection: Connection, tenant: string, user: string, { cursor, limit, query }: { cursor?: string; limit: number; query?: string },
): Promise<SummaryPage> {
  const after = cursor === undefined ? undefined : readRoomCursor(cursor);
  const rows = await connection.all(sql`
    SELECT ${summaryColumns(connection)} FROM (
      SELECT own.tenant, own.room_id, own.user_id, own.read_seq, own.read_count
      FROM members own JOIN rooms r ON r.tenant = own.tenant AND r.id = own.room_id
      WHERE own.tenant = ${tenant} AND own.user_id = ${user} AND own.left_at IS NULL
        ${after ? sql`AND (r.active_at < ${after.activeAt} OR (r.active_at = ${after.activeAt} AND r.id < ${after.id}))` : sql``}
        ${query === undefined ? sql`` : sql`AND ${foundBy(query)}`}
      ORDER BY r.active_at DESC, r.id DESC LIMIT ${limit + 1}
    ) page ${summaryTables} ORDER BY r.active_at DESC, r.id DESC`);
  return toPage(rows, limit);
}

/** First pages of many people by `firstPageKey`. */
export async function listFirstPages(connection: Connection, keys: readonly FirstPageKey[]): Promise<Map<string, SummaryPage>> {
  const [first] = keys;
  // Alone, it need not put all rooms of the person in order.
  if (keys.length === 1) return new Map([[firstPageKey(first!), await listSummaries(connection, first!.tenant, first!.user, first!)]]);
  const rows = await connection.all(sql`
    WITH ${connection.dialect.values(
      'k', { tenant: 'text', user_id: 'text', page_limit: 'integer' }, keys.map(({ tenant, user, limit }) => [tenant, user, limit]),
    )},
    page AS (
      SELECT own.tenant, own.room_id, own.user_id, own.read_seq, own.read_count, k.page_limit,
        ROW_NUMBER() OVER (PARTITION BY own.tenant, own.user_id, k.page_limit ORDER BY r.active_at DESC, r.id DESC) AS place
      FROM k CROSS JOIN members own CROSS JOIN rooms r
      WHERE own.tenant = k.tenant AND own.user_id = k.user_id AND own.left_at IS NULL AND r.tenant = own.tenant AND r.id = own.room_id
    )
    SELECT ${summaryColumns(connection)}, page.page_limit FROM page ${summaryTables}
    WHERE page.place <= page.page_limit + 1 ORDER BY page.place`);
  const byKey = new Map(keys.map((key): [string, Row[]] => [firstPageKey(key), []]));
  for (const row of rows) byKey.get(firstPageKey({ tenant: text(row.tenant), user: text(row.user_id), limit: integer(row.page_limit) }))!.push(row);
  return new Map(keys.map((key) => [firstPageKey(key), toPage(byKey.get(firstPageKey(key))!, key.limit)]));
}

/** Rooms as members of them see them, by `summaryKey`. */
export async function findSummaries(connection: Connection, keys: readonly SummaryKey[]): Promise<Map<string, RoomSummary>> {
  const rows = await connection.all(sql`
    WITH ${connection.dialect.values(
      'k', { tenant: 'text', room_id: 'text', user_id: 'text' }, keys.map(({ tenant, room, user }) => [tenant, room, user]),
    )}
    SELECT ${summaryColumns(connection)} FROM k CROSS JOIN members page ${summaryTables}
    WHERE page.tenant = k.tenant AND page.room_id = k.room_id AND page.user_id = k.user_id AND page.left_at IS NULL`);
  return new Map(rows.map((row) => [summaryKey({ tenant: text(row.tenant), room: text(row.id), user: text(row.user_id) }), toSummary(row)]));
}

export function summaryKey({ tenant, room, user }: SummaryKey): string {
  return JSON.stringify([tenant, room, user]);
}

export function firstPageKey({ tenant, user, limit }: FirstPageKey): string {
  return JSON.stringify([tenant, user, limit]);
}

/** Of a table of members called `page`. Picks the rooms first, and only then looks up what is shown of them: people are in thousands. */
function summaryColumns({ dialect }: Connection): Sql {
  return sql`${roomColumns}, page.user_id, page.read_seq, page.read_count, ${words(dialect.namedIn('r.tenant', 'r.first_members'))} AS people,
    CASE WHEN r.deleted_count = 0 THEN 0 ELSE (
      SELECT COUNT(*) FROM deletions d WHERE d.tenant = r.tenant AND d.room_id = r.id AND d.ordinal > page.read_count
    ) END AS deleted_unread`;
}

const summaryTables = sql`JOIN rooms r ON r.tenant = page.tenant AND r.id = page.room_id ${lastMessageTables}`;

/** One is in all of one's rooms: one's own name finds only the room with oneself. */
function foundBy(query: string): Sql {
  const pattern = containing(query);
  return sql`(r.search_text LIKE ${pattern} ESCAPE '!' OR EXISTS (
    SELECT 1 FROM members m JOIN people p ON p.tenant = m.tenant AND p.id = m.user_id
    WHERE m.tenant = r.tenant AND m.room_id = r.id AND m.left_at IS NULL AND (m.user_id <> own.user_id OR r.member_count = 1)
      AND p.search_text LIKE ${pattern} ESCAPE '!'
  ))`;
}

/** Of one row more than the page has, where there are more. */
function toPage(rows: readonly Row[], limit: number): SummaryPage {
  const rooms = rows.slice(0, limit).map(toSummary);
  return { rooms, ...(rows.length > limit ? { next: writeRoomCursor(rooms.at(-1)!) } : {}) };
}

function toSummary(row: Row): RoomSummary {
  const room = toRoomRow(row);
  const { room: id, ...head } = toHead(room);
  const user = text(row.user_id);
  const readCount = integer(row.read_count);
  const named = peopleOf(row);
  return {
    id, kind: room.kind, ...(room.name === undefined ? {} : { name: room.name }), ...head, memberCount: room.memberCount,
    people: room.firstMembers.filter((member) => member !== user).slice(0, 5).map((member) => named.get(member) ?? { id: member, name: member }),
    readSeq: integer(row.read_seq),
    readCount,
    unread: room.messageCount - readCount - integer(row.deleted_unread),
  };
}

function peopleOf({ people }: Row): Map<string, Person> {
  const named = JSON.parse(people === null ? '[]' : String(people)) as [id: string, name: string, avatar: string | null][];
  return new Map(named.map(([id, name, avatar]) => [fromStoredText(id), {
    id: fromStoredText(id), name: fromStoredText(name), ...(avatar === null ? {} : { avatar: fromStoredText(avatar) }),
  }]));
}
