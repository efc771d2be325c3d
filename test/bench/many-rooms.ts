import type { Store } from '../../server/index.ts';
import type { Benchmark, Measurement } from './benchmark.ts';
import { costOf } from './load/cost.ts';
import { LoadSession, peopleNames } from './load/load-session.ts';
import { text } from './load/side.ts';
import { ChildServer } from './servers/child-server.ts';
import { seed, tenant } from './servers/seed.ts';
import { openPlace } from './servers/stores.ts';

const pageSize = 50;
/** Two of them are in each room. */
const others = peopleNames(50);

/** Whether someone who is in thousands of rooms waits longer than someone who is in a few. */
export const manyRooms: Benchmark = {
  name: 'many-rooms',
  stores: ['sqlite', 'postgres'],
  async run({ stores, isQuick, say }) {
    const sizes = isQuick ? [5, 200] : [5, 5_000];
    const measurements: Measurement[] = [];
    for (const store of stores) {
      const place = await openPlace(store);
      try {
        const database = await place.database();
        say(`${store}: people in ${sizes.join(' and ')} rooms are made`);
        await seed(database, async (opened) => {
          for (const size of sizes) await makeRooms(opened, userOf(size), size);
        });
        const server = await ChildServer.start('chatter-server', { database, redis: place.redis });
        for (const size of sizes) {
          measurements.push({ benchmark: manyRooms.name, side: 'Chatter', store, case: String(size), figures: await measure(server, size, isQuick ? 5 : 40) });
        }
        await server.stop();
      } finally {
        await place.stop();
      }
    }
    return measurements;
  },
};

async function measure(server: ChildServer, size: number, times: number): Promise<Measurement['figures']> {
  const user = userOf(size);
  (await LoadSession.connect(server.port, user)).destroy();
  const connect = await costOf('connect', server, times, async () => (await LoadSession.connect(server.port, user)).destroy());
  const session = await LoadSession.connect(server.port, user);
  const list = await costOf('list', server, times, async () => {
    const { rooms } = await session.request('rooms.list', { limit: pageSize });
    if (rooms.length !== Math.min(size, pageSize)) throw new Error(`The list has ${rooms.length} rooms.`);
  });
  const pages = Math.ceil(size / pageSize);
  const listed = new Set<string>();
  let cursor: string | undefined;
  const page = await costOf('page', server, pages, async () => {
    const answer = await session.request('rooms.list', { limit: pageSize, cursor });
    for (const { id } of answer.rooms) listed.add(id);
    cursor = answer.next;
  });
  if (listed.size !== size) throw new Error(`Page by page ${listed.size} rooms of ${size} came.`);
  session.destroy();
  return { ...connect, ...list, ...page };
}

function userOf(rooms: number): string {
  return `in-${rooms}-rooms`;
}

async function makeRooms(store: Store, user: string, count: number): Promise<void> {
  await store.putPeople(tenant, [user, ...others].map((id) => ({ id, name: id })));
  await Promise.all(Array.from({ length: count }, async (_, index) => {
    const members = [user, others[index % others.length]!, others[(index * 7 + 1) % others.length]!];
    const { room } = await store.createRoom(tenant, { kind: 'group', name: `Room ${index}`, members: [...new Set(members)] });
    await store.appendMessage(tenant, { room: room.id, senderId: members[1]!, clientMsgId: `first-${index}`, text });
  }));
}
