import type { Benchmark, Measurement } from './benchmark.ts';
import { connectMany, fewAtATime, makeGroup, peopleNames } from './load/load-session.ts';
import { percentile } from './load/percentile.ts';
import { saturate } from './load/saturate.ts';
import { text } from './load/side.ts';
import { ChildServer } from './servers/child-server.ts';
import { openPlace } from './servers/stores.ts';

const senders = 50;
/** How the fifty are spread. */
const roomSizes = [50, 2];

/** How many messages a second are put on disk and acknowledged, with next to nobody reading them. */
export const durableSends: Benchmark = {
  name: 'durable-sends',
  stores: ['sqlite', 'postgres', 'mariadb'],
  async run({ stores, isQuick, say }) {
    const measurements: Measurement[] = [];
    for (const store of stores) {
      const place = await openPlace(store);
      try {
        for (const roomSize of roomSizes) {
          say(`Chatter on ${store}, ${senders} people in rooms of ${roomSize}`);
          const node = await ChildServer.start('chatter-server', { database: await place.database(), redis: place.redis });
          const figures = await measureSends([node], roomSize, isQuick ? 300 : 3_000);
          await node.stop();
          measurements.push({ benchmark: durableSends.name, side: 'Chatter', store, case: String(roomSize), figures });
        }
      } finally {
        await place.stop();
      }
    }
    return measurements;
  },
};

/** Fifty people in rooms of `roomSize`, those next to each other on different nodes. */
export async function measureSends(nodes: readonly ChildServer[], roomSize: number, ms: number): Promise<Record<string, number>> {
  const users = peopleNames(senders);
  const sessions = await connectMany(nodes.map(({ port }) => port), users);
  const rooms: string[] = [];
  for (let start = 0; start < users.length; start += roomSize) {
    const room = await makeGroup(sessions[start]!, users.slice(start, start + roomSize), `sends-${start}`);
    rooms.push(...Array.from({ length: roomSize }, () => room));
  }
  await fewAtATime(sessions, (session, index) => session.request('room.open', { room: rooms[index]!, limit: 1 }));

  const everyone = users.map((_, index) => index);
  const acknowledgedMs: number[] = [];
  const sent = new Map<string, number>();
  let index = 0;
  const send = async (sender: number): Promise<void> => {
    const sentAt = performance.now();
    const room = rooms[sender]!;
    await sessions[sender]!.request('message.send', { room, clientMsgId: `message-${index++}`, text });
    acknowledgedMs.push(performance.now() - sentAt);
    sent.set(room, (sent.get(room) ?? 0) + 1);
  };
  await saturate(everyone, ms / 4, send);
  acknowledgedMs.length = 0;
  const startedAt = performance.now();
  await saturate(everyone, ms, send);
  const seconds = (performance.now() - startedAt) / 1000;

  for (const [sender, session] of sessions.entries()) {
    const { room } = await session.request('room.get', { room: rooms[sender]! });
    if (room.messageCount !== sent.get(room.id)) throw new Error(`${sent.get(room.id)} messages were acknowledged, and ${room.messageCount} are stored.`);
  }
  for (const session of sessions) session.destroy();
  return {
    sendsPerSecond: acknowledgedMs.length / seconds,
    acknowledgedP50Ms: percentile(acknowledgedMs, 0.5),
    acknowledgedP99Ms: percentile(acknowledgedMs, 0.99),
  };
}
