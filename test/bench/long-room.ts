import type { RequestOutput } from '#protocol/frames';
import type { Message } from '#protocol/models';
import type { Benchmark, Measurement } from './benchmark.ts';
import { LoadSession, peopleNames } from './load/load-session.ts';
import { text } from './load/side.ts';
import { costOf } from './load/cost.ts';
import { ChildServer } from './servers/child-server.ts';
import { runStatements } from './servers/run-statements.ts';
import { seed, tenant } from './servers/seed.ts';
import { openPlace, type StoreKind } from './servers/stores.ts';

const users = peopleNames(20);
const pageSize = 50;
/** Facts that someone missed who comes back. */
const missed = 10;
/** Messages that the store's import writes; more are copies of them. */
const importedAtMost = 1_000;

/** Whether a room of a million messages costs more than one of a hundred, to those who are in it. */
export const longRoom: Benchmark = {
  name: 'long-room',
  stores: ['sqlite', 'postgres'],
  async run({ stores, isQuick, say }) {
    const sizes = isQuick ? [100, 10_000] : [100, 1_000_000];
    const measurements: Measurement[] = [];
    for (const store of stores) {
      const place = await openPlace(store);
      try {
        const database = await place.database();
        // In one database, so that both rooms lie in the same large tables.
        const rooms: string[] = [];
        for (const size of sizes) {
          say(`${store}: a room of ${size.toLocaleString('en')} messages is made`);
          rooms.push(await makeRoom(store, database, size));
        }
        const server = await ChildServer.start('chatter-server', { database, redis: place.redis });
        for (const [index, room] of rooms.entries()) {
          const figures = await measure(server, room, sizes[index]!, isQuick ? 5 : 40);
          measurements.push({ benchmark: longRoom.name, side: 'Chatter', store, case: String(sizes[index]), figures });
        }
        await server.stop();
      } finally {
        await place.stop();
      }
    }
    return measurements;
  },
};

async function measure(server: ChildServer, room: string, size: number, times: number): Promise<Measurement['figures']> {
  const session = await LoadSession.connect(server.port, users[0]!);
  const opened = await session.request('room.open', { room, limit: pageSize });
  if (opened.room.messageCount !== size) throw new Error(`The room has ${opened.room.messageCount} messages, not ${size}.`);
  const { upTo, room: { epoch } } = opened;
  const first = upTo - size + 1;
  const places = Array.from({ length: times }, (_, index) => first + Math.floor(size * (index + 0.5) / times));
  let before = upTo + 1;
  const figures = {
    ...await costOf('open', server, times, async () => mustBePage((await session.request('room.open', { room, limit: pageSize })).page!)),
    ...await costOf('older', server, times, async () => {
      const { page } = await session.request('history', { room, before, limit: pageSize });
      mustBePage(page);
      before = page.hasBefore ? page.messages[0]!.seq : upTo + 1;
    }),
    ...await costOf('jump', server, times, async (time) => {
      const around = places[time]!;
      const { page } = await session.request('history', { room, around, limit: pageSize });
      mustBePage(page);
      if (!page.messages.some(({ seq }) => seq === around)) throw new Error(`The page around ${around} is without it.`);
    }),
    ...await costOf('resume', server, times, async () => {
      const { changes, reset } = await session.request('room.open', { room, epoch, after: upTo - missed, limit: pageSize });
      if (reset || changes?.facts.length !== missed) throw new Error(`Of ${missed} missed facts came ${changes?.facts.length ?? 'none'}.`);
    }),
    ...await costOf('read', server, times, async (time) => void await session.request('room.read', { room, seq: places[time]! })),
  };
  session.destroy();
  return figures;
}

/** Full, in order, and without a hole. */
function mustBePage({ messages }: RequestOutput<'history'>['page']): void {
  const isWhole = messages.length === pageSize && messages.every((message: Message, index) => message.ordinal === messages[0]!.ordinal + index);
  if (!isWhole) throw new Error(`A page has ${messages.length} messages, or is not whole.`);
}

/** By the store's import as far as that is quick, and by copies of what it wrote from there on. Resolves to the room. */
async function makeRoom(kind: StoreKind, database: string, size: number): Promise<string> {
  const imported = Math.min(size, importedAtMost);
  const room = await seed(database, async (store) => {
    await store.putPeople(tenant, users.map((id) => ({ id, name: id })));
    const made = await store.createRoom(tenant, { kind: 'group', name: `${size} messages`, members: users });
    await store.importMessages(tenant, made.room.id, Array.from({ length: imported }, (_, index) => ({
      senderId: users[index % users.length]!, clientMsgId: `message-${index}`, text, at: Date.now(),
    })));
    return made.room.id;
  });
  if (size > imported) await runStatements(kind, database, copies(room, imported, size));
  return room;
}

/** The room's messages again and again, each time further on, as if the same had been said. */
function copies(room: string, imported: number, size: number): string[] {
  const times = size / imported - 1;
  const added = imported * times;
  return [
    `WITH RECURSIVE k (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < ${times})
     INSERT INTO messages (tenant, room_id, seq, changed_seq, ordinal, sender_id, client_msg_id, body_hash, body, sent_at)
     SELECT m.tenant, m.room_id, m.seq + k.n * ${imported}, m.changed_seq + k.n * ${imported}, m.ordinal + k.n * ${imported}, m.sender_id,
       m.client_msg_id || '-' || k.n, m.body_hash, m.body, m.sent_at
     FROM k CROSS JOIN messages m WHERE m.room_id = '${room}' ORDER BY k.n, m.seq`,
    `UPDATE rooms SET seq = seq + ${added}, message_count = message_count + ${added}, last_message_seq = last_message_seq + ${added}
     WHERE id = '${room}'`,
  ];
}
