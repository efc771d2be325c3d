import type { Person } from '#protocol/models';
import type { Connection } from './database.ts';
import { personColumns, text, toPerson } from './rows.ts';
import { personSearchText, searchText } from './search-text.ts';
import { sql, words, type Sql } from './sql.ts';

export interface PersonKey {
  tenant: string;
  id: string;
}

/** People to be stored as they are given. */
export interface PeopleWrite {
  kind: 'people';
  tenant: string;
  room?: undefined;
  people: readonly Person[];
}

/** Those of the people who are known, by `personKey`. */
export async function findPeopleByKey(connection: Connection, keys: readonly PersonKey[]): Promise<Map<string, Person>> {
  const distinct = new Map(keys.map(({ tenant, id }) => [personKey({ tenant, id }), [tenant, id]]));
  if (distinct.size === 0) return new Map();
  const rows = await connection.all(sql`
    WITH ${connection.dialect.values('k', { tenant: 'text', id: 'text' }, [...distinct.values()])}
    SELECT p.tenant, p.id, ${words(personColumns('p'))} FROM k CROSS JOIN people p WHERE p.tenant = k.tenant AND p.id = k.id`);
  return new Map(rows.map((row) => [personKey({ tenant: text(row.tenant), id: text(row.id) }), toPerson(row, text(row.id), 'p')]));
}

/** Those of `ids` who are known, in the order of `ids`. */
export async function findPeople(connection: Connection, tenant: string, ids: readonly string[]): Promise<Person[]> {
  const found = await findPeopleByKey(connection, ids.map((id) => ({ tenant, id })));
  return [...new Set(ids)].map((id) => found.get(personKey({ tenant, id }))).filter((person) => person !== undefined);
}

/** All of `ids`: who is not known goes by the id. */
export async function namedPeople(connection: Connection, tenant: string, ids: readonly string[]): Promise<Person[]> {
  const known = new Map((await findPeople(connection, tenant, ids)).map((person) => [person.id, person]));
  return [...new Set(ids)].map((id) => known.get(id) ?? { id, name: id });
}

/** Those of `people` who are not known as they are given, each once: the last word counts. */
export function newsAmong(people: readonly Person[], known: ReadonlyMap<string, Person>, tenant: string): Person[] {
  const latest = new Map(people.map(({ id, name, avatar }) => [id, { id, name, ...(avatar === undefined ? {} : { avatar }) }]));
  return [...latest.values()].filter(({ id, name, avatar }) => {
    const before = known.get(personKey({ tenant, id }));
    return before?.name !== name || before.avatar !== avatar;
  });
}

/** Stores the people of many writes by a handful of statements, and tells of each write who was news. */
export async function putPeople(connection: Connection, writes: readonly PeopleWrite[]): Promise<Person[][]> {
  const known = await findPeopleByKey(connection, writes.flatMap(({ tenant, people }) => people.map(({ id }) => ({ tenant, id }))));
  const changed = new Map<string, PersonKey & { person: Person }>();
  const news = writes.map(({ tenant, people }) => newsAmong(people, known, tenant).map((person) => {
    const key = personKey({ tenant, id: person.id });
    known.set(key, person);
    changed.set(key, { tenant, id: person.id, person });
    return person;
  }));
  if (changed.size === 0) return news;
  const keys = { tenant: 'text', id: 'text' } as const;
  const set = { name: 'text', avatar: 'text', search_text: 'text' } as const;
  // In one order on all nodes, so that two who meet the same people do not wait for each other.
  const rows = [...changed].sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { tenant, id, person }]) => [tenant, id, person.name, person.avatar ?? null, personSearchText(person)]);
  await connection.run(connection.dialect.insertMissing('people', { ...keys, ...set }, rows));
  await connection.run(connection.dialect.updateMany('people', keys, set, rows));
  return news;
}

export function personKey({ tenant, id }: PersonKey): string {
  return JSON.stringify([tenant, id]);
}

export async function searchPeople(
  connection: Connection, tenant: string, query: string, limit: number, sharingRoomWith: string | undefined,
): Promise<Person[]> {
  const shared = sharingRoomWith === undefined ? sql`` : sql`AND EXISTS (${sharedRooms(tenant, sharingRoomWith, 'p.id')})`;
  const rows = await connection.all(sql`
    SELECT p.id, ${words(personColumns('p'))} FROM people p
    WHERE p.tenant = ${tenant} AND p.search_text LIKE ${containing(query)} ESCAPE '!' ${shared}
    ORDER BY p.search_text, p.id LIMIT ${limit}`);
  return rows.map((row) => toPerson(row, text(row.id), 'p'));
}

/** Those of `among` who are in a room with `user` now. */
export async function findCompanions(
  connection: Connection, tenant: string, user: string, among: readonly string[],
): Promise<string[]> {
  const wanted = [...new Set(among)];
  const rows = await connection.all(sql`
    WITH ${connection.dialect.values('k', { id: 'text' }, wanted.map((id) => [id]))}
    SELECT k.id FROM k WHERE EXISTS (${sharedRooms(tenant, user, 'k.id')})`);
  const found = new Set(rows.map((row) => text(row.id)));
  return wanted.filter((id) => found.has(id));
}

/** A pattern for LIKE, with `!` for its escape, that finds a folded text with a word that starts with `query`. */
export function containing(query: string): string {
  return `%${searchText(query).replace(/[!%_]/g, '!$&')}%`;
}

/** The rooms that `user` and the person of the column `other` are both in now. */
function sharedRooms(tenant: string, user: string, other: string): Sql {
  return sql`
    SELECT 1 FROM members theirs JOIN members mine ON mine.tenant = theirs.tenant AND mine.room_id = theirs.room_id
    WHERE theirs.tenant = ${tenant} AND theirs.user_id = ${words(other)} AND theirs.left_at IS NULL
      AND mine.user_id = ${user} AND mine.left_at IS NULL`;
}
