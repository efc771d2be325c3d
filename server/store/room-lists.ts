import type { RoomSummary } from '#protocol/models';
import type { Connection } from './database.ts';
import { containing, findPeople } from './people-table.ts';
import { readRoomCursor, writeRoomCursor } from './room-cursor.ts';
import { lastMessageTables, roomColumns, toHead, toRoomRow } from './room-rows.ts';
import { integer, type Row } from './rows.ts';
import { sql, type Sql } from './sql.ts';

/** A page of the rooms of `user`: two statements, whatever the number of rooms. */
export async function listSummaries(
  connection: Connection, tenant: string, user: string, { cursor, limit, query }: { cursor?: string; limit: number; query?: string },
): Promise<{ rooms: RoomSummary[]; next?: string }> {
  const after = cursor === undefined ? undefined : readRoomCursor(cursor);
  const rows = await summaryRows(connection, tenant, user, sql`
    ${after ? sql`AND (r.active_at < ${after.activeAt} OR (r.active_at = ${after.activeAt} AND r.id < ${after.id}))` : sql``}
    ${query === undefined ? sql`` : sql`AND ${foundBy(query)}`}
    ORDER BY r.active_at DESC, r.id DESC LIMIT ${limit + 1}`);
  const rooms = await toSummaries(connection, tenant, user, rows.slice(0, limit));
  return { rooms, ...(rows.length > limit ? { next: writeRoomCursor(rooms.at(-1)!) } : {}) };
}

export async function findSummary(
  connection: Connection, tenant: string, room: string, user: string,
): Promise<RoomSummary | undefined> {
  const rows = await summaryRows(connection, tenant, user, sql`AND own.room_id = ${room}`);
  const [summary] = await toSummaries(connection, tenant, user, rows);
  return summary;
}

/** Picks the rooms first, and only then looks up what is shown of them: people are in thousands of rooms. */
function summaryRows(connection: Connection, tenant: string, user: string, which: Sql): Promise<Row[]> {
  return connection.all(sql`
    SELECT ${roomColumns}, page.read_seq, page.read_count,
      CASE WHEN r.deleted_count = 0 THEN 0 ELSE (
        SELECT COUNT(*) FROM deletions d WHERE d.tenant = r.tenant AND d.room_id = r.id AND d.ordinal > page.read_count
      ) END AS deleted_unread
    FROM (
      SELECT own.tenant, own.room_id, own.read_seq, own.read_count
      FROM members own JOIN rooms r ON r.tenant = own.tenant AND r.id = own.room_id
      WHERE own.tenant = ${tenant} AND own.user_id = ${user} AND own.left_at IS NULL ${which}
    ) page
    JOIN rooms r ON r.tenant = page.tenant AND r.id = page.room_id ${lastMessageTables}
    ORDER BY r.active_at DESC, r.id DESC`);
}

/** One is in all of one's rooms: one's own name finds only the room with oneself. */
function foundBy(query: string): Sql {
  const pattern = containing(query);
  return sql`(r.search_text LIKE ${pattern} ESCAPE '!' OR EXISTS (
    SELECT 1 FROM members m JOIN people p ON p.tenant = m.tenant AND p.id = m.user_id
    WHERE m.tenant = r.tenant AND m.room_id = r.id AND m.left_at IS NULL AND (m.user_id <> own.user_id OR r.member_count = 1)
      AND p.search_text LIKE ${pattern} ESCAPE '!'
  ))`;
}

async function toSummaries(connection: Connection, tenant: string, user: string, rows: readonly Row[]): Promise<RoomSummary[]> {
  const rooms = rows.map(toRoomRow);
  const shown = rooms.map(({ firstMembers }) => firstMembers.filter((id) => id !== user).slice(0, 5));
  const people = new Map((await findPeople(connection, tenant, shown.flat())).map((person) => [person.id, person]));
  return rooms.map((room, index) => {
    const row = rows[index]!;
    const { room: id, ...head } = toHead(room);
    const readCount = integer(row.read_count);
    return {
      id, kind: room.kind, ...(room.name === undefined ? {} : { name: room.name }), ...head, memberCount: room.memberCount,
      people: shown[index]!.map((userId) => people.get(userId) ?? { id: userId, name: userId }),
      readSeq: integer(row.read_seq),
      readCount,
      unread: room.messageCount - readCount - integer(row.deleted_unread),
    };
  });
}
