import type { Connection } from './database.ts';
import { integer, text } from './rows.ts';
import { sql } from './sql.ts';
import type { RoomPlace } from './store.ts';

/** One statement over an index, whatever the number of rooms, people and tenants. */
export async function listChangedRooms(
  connection: Connection, { since, after, limit }: { since: number; after?: RoomPlace; limit: number },
): Promise<RoomPlace[]> {
  const behind = after === undefined ? sql`` : sql`AND (r.changed_at > ${after.changedAt} OR (r.changed_at = ${after.changedAt}
    AND (r.tenant > ${after.tenant} OR (r.tenant = ${after.tenant} AND r.id > ${after.room}))))`;
  const rows = await connection.all(sql`
    SELECT r.tenant, r.id, r.epoch, r.seq, r.named_seq, r.changed_at, (
      SELECT MAX(m.changed_seq) FROM members m WHERE m.tenant = r.tenant AND m.room_id = r.id
    ) AS member_seq
    FROM rooms r WHERE r.changed_at >= ${Math.max(since, after?.changedAt ?? since)} ${behind}
    ORDER BY r.changed_at, r.tenant, r.id LIMIT ${limit}`);
  return rows.map((row) => ({
    tenant: text(row.tenant), room: text(row.id), epoch: text(row.epoch), seq: integer(row.seq),
    peopleSeq: Math.max(integer(row.named_seq), integer(row.member_seq)), changedAt: integer(row.changed_at),
  }));
}
