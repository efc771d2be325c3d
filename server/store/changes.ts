import type { Changes, Fact, Person } from '#protocol/models';
import type { Connection } from './database.ts';
import { idsIn } from './facts.ts';
import type { RoomRow } from './room-rows.ts';
import { nameFact } from './rooms-table.ts';
import { memberColumns, messageColumns, personColumns, toMember, toMessage, toPerson } from './rows.ts';
import { sql, words, type Sql } from './sql.ts';

/**
 * What changed up to the head that was read before, and nothing beyond it: what changes between the statements is left for the next
 * page, so that the cursor never passes a fact that was not given.
 */
export async function readChanges(
  connection: Connection, { tenant, id: room, seq: head, namedSeq, name }: RoomRow, after: number, limit: number,
): Promise<Changes> {
  const changed = (table: string, columns: string, user: string): Sql => sql`
    SELECT ${words(`${columns}, ${personColumns('p')}`)}
    FROM ${words(table)} m LEFT JOIN people p ON p.tenant = m.tenant AND p.id = m.${words(user)}
    WHERE m.tenant = ${tenant} AND m.room_id = ${room} AND m.changed_seq > ${after} AND m.changed_seq <= ${head}
    ORDER BY m.changed_seq LIMIT ${limit + 1}`;
  const [messages, members] = await Promise.all([
    connection.all(changed('messages', messageColumns('m'), 'sender_id')),
    connection.all(changed('members', memberColumns, 'user_id')),
  ]);

  const people = new Map<string, Person>();
  const all: Fact[] = [];
  for (const found of messages) {
    const message = toMessage(found);
    people.set(message.senderId, toPerson(found, message.senderId, 'p'));
    all.push({ seq: message.changedSeq, kind: 'message', message });
  }
  for (const found of members) {
    const member = toMember(found);
    const person = toPerson(found, member.userId, 'p');
    people.set(member.userId, person);
    all.push({ seq: member.changedSeq, kind: 'member', member, person });
  }
  if (namedSeq > after) all.push(nameFact({ namedSeq, name }));

  all.sort((a, b) => a.seq - b.seq);
  const facts = all.slice(0, limit);
  const more = all.length > limit;
  return { facts, upTo: more ? facts.at(-1)!.seq : head, more, people: idsIn(facts).map((id) => people.get(id)!) };
}
