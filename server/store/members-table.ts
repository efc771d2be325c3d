import type { Fact, Member, Person } from '#protocol/models';
import type { Connection } from './database.ts';
import { namedPeople } from './people-table.ts';
import { requireRoom, roomKey, toHead, type RoomKey } from './room-rows.ts';
import { integer, memberColumns, personColumns, text, toMember, toPerson, type Row } from './rows.ts';
import { sql, words } from './sql.ts';
import type { Change } from './store.ts';
import { toStoredJson } from './stored-text.ts';

export type MemberFact = Extract<Fact, { kind: 'member' }>;

/** A member's row. */
export interface MemberRow extends Member {
  readCount: number;
}

/** Rooms of up to so many are read whole, many at once. */
const smallRoom = 200;

/** How many ids a room row keeps for lists: five to show, and oneself. */
export const firstMembersKept = 6;

export async function findMember(
  connection: Connection, tenant: string, room: string, user: string,
): Promise<Member | undefined> {
  const [row] = await connection.all(sql`
    SELECT ${words(memberColumns)} FROM members m
    WHERE m.tenant = ${tenant} AND m.room_id = ${room} AND m.user_id = ${user} AND m.left_at IS NULL`);
  return row && toMember(row);
}

export interface MembersPage {
  members: Member[];
  people: Person[];
  next?: string;
}

export async function listMembers(
  connection: Connection, tenant: string, room: string, { cursor, limit }: { cursor?: string; limit: number },
): Promise<MembersPage> {
  const after = cursor === undefined ? sql`` : sql`AND m.user_id > ${cursor}`;
  const rows = await connection.all(sql`
    SELECT ${words(memberColumns)}, ${words(personColumns('p'))}
    FROM members m LEFT JOIN people p ON p.tenant = m.tenant AND p.id = m.user_id
    WHERE m.tenant = ${tenant} AND m.room_id = ${room} AND m.left_at IS NULL ${after}
    ORDER BY m.user_id LIMIT ${limit + 1}`);
  if (rows.length === 0) await requireRoom(connection, tenant, room);
  return toMembersPage(rows, limit);
}

/** Everyone in many small rooms, as rows for `toMembersPage`, by `roomKey`. Larger rooms, and those that do not exist, are left out. */
export async function findMembersOfSmallRooms(connection: Connection, keys: readonly RoomKey[]): Promise<Map<string, Row[]>> {
  const rows = await connection.all(sql`
    WITH ${connection.dialect.values('k', { tenant: 'text', room_id: 'text' }, keys.map(({ tenant, room }) => [tenant, room]))}
    SELECT m.tenant, m.room_id, ${words(memberColumns)}, ${words(personColumns('p'))}
    FROM k CROSS JOIN rooms r CROSS JOIN members m LEFT JOIN people p ON p.tenant = m.tenant AND p.id = m.user_id
    WHERE r.tenant = k.tenant AND r.id = k.room_id AND r.member_count <= ${smallRoom}
      AND m.tenant = r.tenant AND m.room_id = r.id AND m.left_at IS NULL
    ORDER BY m.user_id`);
  return byRoom(rows);
}

export function toMembersPage(rows: readonly Row[], limit: number): MembersPage {
  const page = rows.slice(0, limit);
  return {
    members: page.map(toMember),
    people: page.map((row) => toPerson(row, text(row.user_id), 'p')),
    ...(rows.length > limit ? { next: text(page.at(-1)!.user_id) } : {}),
  };
}

/** Ids of all who are in each room, by `roomKey`; rooms of nobody are left out. */
export async function findMemberIds(connection: Connection, keys: readonly RoomKey[]): Promise<Map<string, string[]>> {
  const rows = await connection.all(sql`
    WITH ${connection.dialect.values('k', { tenant: 'text', room_id: 'text' }, keys.map(({ tenant, room }) => [tenant, room]))}
    SELECT m.tenant, m.room_id, m.user_id FROM k CROSS JOIN members m
    WHERE m.tenant = k.tenant AND m.room_id = k.room_id AND m.left_at IS NULL ORDER BY m.user_id`);
  return new Map([...byRoom(rows)].map(([key, ofRoom]) => [key, ofRoom.map((row) => text(row.user_id))]));
}

function byRoom(rows: readonly Row[]): Map<string, Row[]> {
  const rooms = new Map<string, Row[]>();
  for (const row of rows) {
    const key = roomKey({ tenant: text(row.tenant), room: text(row.room_id) });
    const ofRoom = rooms.get(key);
    if (ofRoom) ofRoom.push(row);
    else rooms.set(key, [row]);
  }
  return rooms;
}

export async function changeMembers(
  connection: Connection, tenant: string, id: string,
  { add = [], remove = [] }: { add?: readonly string[]; remove?: readonly string[] }, by: string | undefined, now: number,
): Promise<Change> {
  const room = await requireRoom(connection, tenant, id, by);
  const concerned = [...new Set([...add, ...remove])];
  const rows = await connection.all(sql`
    WITH ${connection.dialect.values('k', { user_id: 'text' }, concerned.map((user) => [user]))}
    SELECT ${words(memberColumns)} FROM k CROSS JOIN members m
    WHERE m.tenant = ${tenant} AND m.room_id = ${id} AND m.user_id = k.user_id`);
  const members = new Map(rows.map((row): [string, MemberRow] => [text(row.user_id), toMemberRow(row)]));
  const isPresent = (member: MemberRow | undefined) => member !== undefined && member.leftAt === undefined;

  const changed: MemberRow[] = [];
  const put = (member: MemberRow) => {
    members.set(member.userId, member);
    changed.push(member);
  };
  for (const userId of add) {
    if (isPresent(members.get(userId))) continue;
    const seq = ++room.seq;
    put({ userId, changedSeq: seq, joinedAt: now, readSeq: seq, readCount: room.messageCount });
    room.memberCount += 1;
  }
  for (const userId of remove) {
    const member = members.get(userId);
    if (!member || !isPresent(member)) continue;
    put({ ...member, changedSeq: ++room.seq, leftAt: now });
    room.memberCount -= 1;
  }
  if (changed.length === 0) return { facts: [], people: [], head: toHead(room) };

  const latest = new Map(changed.map((member) => [member.userId, member]));
  await writeMembers(connection, { tenant, room: id }, [...latest.values()]);
  const first = await connection.all(sql`
    SELECT user_id FROM members WHERE tenant = ${tenant} AND room_id = ${id} AND left_at IS NULL
    ORDER BY joined_at, user_id LIMIT ${firstMembersKept}`);
  await connection.run(sql`
    UPDATE rooms SET seq = ${room.seq}, member_count = ${room.memberCount}, changed_at = ${now},
      first_members = ${toStoredJson(first.map((row) => text(row.user_id)))}
    WHERE tenant = ${tenant} AND id = ${id}`);

  const people = await namedPeople(connection, tenant, changed.map(({ userId }) => userId));
  const personOf = new Map(people.map((person) => [person.id, person]));
  const facts = changed.map(({ readCount: _own, ...member }): MemberFact =>
    ({ seq: member.changedSeq, kind: 'member', member, person: personOf.get(member.userId)! }));
  return { facts, people, head: toHead(room) };
}

/** Makes or replaces members of one room. */
export async function writeMembers(
  connection: Connection, { tenant, room }: RoomKey, members: readonly MemberRow[],
): Promise<void> {
  const keys = { tenant: 'text', room_id: 'text', user_id: 'text' } as const;
  const set = {
    joined_at: 'integer', left_at: 'integer', changed_seq: 'integer', read_seq: 'integer', read_count: 'integer',
  } as const;
  const rows = members.map(({ userId, joinedAt, leftAt, changedSeq, readSeq, readCount }) =>
    [tenant, room, userId, joinedAt, leftAt ?? null, changedSeq, readSeq, readCount]);
  await connection.run(connection.dialect.insertMissing('members', { ...keys, ...set }, rows));
  await connection.run(connection.dialect.updateMany('members', keys, set, rows));
}

export async function seenBy(
  connection: Connection, tenant: string, room: string, seq: number, exceptUser: string, limit: number,
): Promise<{ count: number; people: Person[] }> {
  const readers = sql`
    m.tenant = ${tenant} AND m.room_id = ${room} AND m.read_seq >= ${seq} AND m.left_at IS NULL AND m.user_id <> ${exceptUser}`;
  const [counted] = await connection.all(sql`SELECT COUNT(*) AS readers FROM members m WHERE ${readers}`);
  const count = integer(counted?.readers);
  if (count === 0) {
    await requireRoom(connection, tenant, room);
    return { count, people: [] };
  }
  const rows = await connection.all(sql`
    SELECT m.user_id, ${words(personColumns('p'))}
    FROM members m LEFT JOIN people p ON p.tenant = m.tenant AND p.id = m.user_id
    WHERE ${readers} ORDER BY m.user_id LIMIT ${limit}`);
  return { count, people: rows.map((row) => toPerson(row, text(row.user_id), 'p')) };
}

function toMemberRow(row: Row): MemberRow {
  return { ...toMember(row), readCount: integer(row.read_count) };
}
