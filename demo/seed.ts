import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { directKey, importConversations, parseConversationLine, type RoomDraft, type SpokenLine, type Store } from '../server/index.ts';

/** Who lives in the demo. Ada and Ben are the two of the first page; the rest is there to be met. */
export const people = [
  { id: 'ada', name: 'Ada' },
  { id: 'ben', name: 'Ben' },
  { id: 'mira', name: 'Mira' },
  { id: 'oskar', name: 'Oskar' },
  { id: 'lin', name: 'Lin' },
  { id: 'layla', name: 'ليلى' },
  { id: 'omar', name: 'عمر' },
] as const;

/** The newest of the built-in messages was said this long before the first start. */
const newestAgoMs = 4 * 60_000;

/**
 * Puts the built-in conversations in, once, and resolves to the ids of their rooms by name. A room that is named after the
 * ids of its people is their direct one, and with one id it holds notes to oneself.
 * Everyone has read up to what they said last: the rest is unread.
 */
export async function seedConversations(store: Store, tenant: string, file: string): Promise<Map<string, string>> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n').map(mustParse);
  const laterMs = Date.now() - newestAgoMs - Math.max(...lines.map((line) => line.at));
  await store.putPeople(tenant, people);

  const rooms = new Map<string, string>();
  for (const name of new Set(lines.map((line) => line.room))) {
    const spoken = lines.filter((line) => line.room === name);
    const members = [...new Set(spoken.map((line) => line.from))];
    const { room, created } = await store.createRoom(tenant, draftOf(name, members));
    rooms.set(name, room.id);
    if (!created && room.messageCount >= spoken.length) continue;
    await store.importMessages(tenant, room.id, spoken.map(({ from, text, at }, index) => (
      { senderId: from, clientMsgId: `demo:${index}`, text, at: at + laterMs }
    )));
    const { messages } = await store.history(tenant, room.id, { limit: spoken.length });
    for (const id of members) {
      const last = messages.findLast((message) => message.senderId === id);
      if (last) await store.markRead(tenant, room.id, id, last.seq);
    }
  }
  return rooms;
}

/**
 * Imports conversations of strangers, and calls `join` for each of their rooms with one of those who are in it. Resolves when
 * all is in. At a second start nothing is left to add, and who has left such a room since is not brought back.
 */
export async function seedFromFile(
  store: Store, tenant: string, file: string, join: (room: string, as: string) => Promise<void>,
): Promise<void> {
  const { rooms, added } = await importConversations(store, tenant, createReadStream(file));
  const memberships = await Promise.all(rooms.map((room) => store.member(tenant, room, 'ada')));
  if (added === 0 && memberships.some((member) => member !== undefined)) return;
  for (const room of rooms) {
    const [host] = await store.memberIds(tenant, room);
    if (host !== undefined) await join(room, host);
  }
}

function draftOf(name: string, members: readonly string[]): RoomDraft {
  if (name === members.toSorted().join(', ')) {
    return { kind: 'direct', key: directKey(members[0]!, members.at(-1)!), members };
  }
  return { kind: 'group', name, key: `demo:${name}`, members };
}

function mustParse(line: string): SpokenLine {
  const parsed = parseConversationLine(line);
  if ('problem' in parsed) throw new Error(`A line of the built-in conversations ${parsed.problem}: ${line}`);
  return parsed;
}
