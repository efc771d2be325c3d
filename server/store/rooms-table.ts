import type { Fact } from '#protocol/models';
import { compareText } from './compare-text.ts';
import type { Connection } from './database.ts';
import { firstMembersKept, writeMembers, type MemberFact } from './members-table.ts';
import { namedPeople } from './people-table.ts';
import {
  lastMessageTables, requireRoom, roomColumns, toHead, toRecord, toRoomRow, type RoomRow,
} from './room-rows.ts';
import { text } from './rows.ts';
import { searchText } from './search-text.ts';
import { sql } from './sql.ts';
import type { Change, RoomDraft, RoomRecord } from './store.ts';
import { toStoredJson } from './stored-text.ts';

export async function createRoom(
  connection: Connection, tenant: string, draft: RoomDraft, { id, epoch, now }: { id: string; epoch: string; now: number },
): Promise<{ room: RoomRecord; facts: Fact[]; created: boolean }> {
  const people = await namedPeople(connection, tenant, draft.members);
  const room: RoomRow = {
    tenant, id, kind: draft.kind, ...(draft.name === undefined ? {} : { name: draft.name }), epoch,
    seq: people.length, messageCount: 0, deletedCount: 0, memberCount: people.length,
    firstMembers: people.map((person) => person.id).sort(compareText).slice(0, firstMembersKept), namedSeq: 0, activeAt: now,
  };
  // A key that someone else took in the meantime is no error: whoever came first made the room.
  await connection.run(connection.dialect.insertMissing(
    'rooms',
    {
      tenant: 'text', id: 'text', kind: 'text', name: 'text', search_text: 'text', natural_key: 'text', epoch: 'text', seq: 'integer',
      message_count: 'integer', deleted_count: 'integer', member_count: 'integer', first_members: 'text', named_seq: 'integer',
      active_at: 'integer', changed_at: 'integer',
    },
    [[
      tenant, id, room.kind, room.name ?? null, nameSearchText(room.name), draft.key ?? null, epoch, room.seq,
      room.messageCount, room.deletedCount, room.memberCount, toStoredJson(room.firstMembers), room.namedSeq, room.activeAt, now,
    ]],
  ));
  if (draft.key !== undefined) {
    const [holder] = await connection.all(sql`SELECT id FROM rooms WHERE tenant = ${tenant} AND natural_key = ${draft.key}`);
    const holderId = text(holder?.id);
    if (holderId !== id) return { room: toRecord(await requireRoom(connection, tenant, holderId)), facts: [], created: false };
  }
  const facts = people.map((person, index): MemberFact => {
    const seq = index + 1;
    return { seq, kind: 'member', member: { userId: person.id, changedSeq: seq, joinedAt: now, readSeq: seq }, person };
  });
  await writeMembers(connection, { tenant, room: id }, facts.map(({ member }) => ({ ...member, readCount: 0 })));
  return { room: toRecord(room), facts, created: true };
}

export async function renameRoom(
  connection: Connection, tenant: string, id: string, name: string | undefined, by: string | undefined, now: number,
): Promise<Change> {
  const room = await requireRoom(connection, tenant, id, by);
  if (room.name === name) return { facts: [], people: [], head: toHead(room) };
  const seq = room.seq + 1;
  await connection.run(sql`
    UPDATE rooms SET seq = ${seq}, named_seq = ${seq}, name = ${name ?? null}, search_text = ${nameSearchText(name)}, changed_at = ${now}
    WHERE tenant = ${tenant} AND id = ${id}`);
  return { facts: [nameFact({ namedSeq: seq, name })], people: [], head: toHead({ ...room, seq }) };
}

export async function listRooms(
  connection: Connection, tenant: string, { cursor, limit }: { cursor?: string; limit: number },
): Promise<{ rooms: RoomRecord[]; next?: string }> {
  const after = cursor === undefined ? sql`` : sql`AND r.id > ${cursor}`;
  const rows = await connection.all(sql`
    SELECT ${roomColumns} FROM rooms r ${lastMessageTables}
    WHERE r.tenant = ${tenant} ${after} ORDER BY r.id LIMIT ${limit + 1}`);
  const rooms = rows.slice(0, limit).map((row) => toRecord(toRoomRow(row)));
  return { rooms, ...(rows.length > limit ? { next: rooms.at(-1)!.id } : {}) };
}

export function nameFact({ namedSeq, name }: { namedSeq: number; name?: string }): Fact {
  return { seq: namedSeq, kind: 'room', ...(name === undefined ? {} : { name }) };
}

/** A room without a name is found by its members only. */
function nameSearchText(name: string | undefined): string {
  return name === undefined ? '' : searchText(name);
}
