import type { Benchmark, Measurement } from './benchmark.ts';
import { measureSends } from './durable-sends.ts';
import { Arrivals } from './load/arrivals.ts';
import { ChatterSide } from './load/chatter-side.ts';
import { offer } from './load/offer.ts';
import { saturateRoom } from './load/saturate.ts';
import { firstSenders, type Side } from './load/side.ts';
import { SocketIoSide } from './load/socket-io-side.ts';
import { ChildServer } from './servers/child-server.ts';
import { openPlace, type Place } from './servers/stores.ts';

const calmPerSecond = 20;

/** What it costs that the people of a room are on two nodes, which hear of each other through Redis. */
export const twoNodes: Benchmark = {
  name: 'two-nodes',
  stores: ['postgres'],
  async run({ isQuick, say }) {
    const store = 'postgres';
    const measurements: Measurement[] = [];
    const place = await openPlace(store);
    try {
      for (const count of [1, 2]) {
        say(`Chatter, ${count} of it`);
        const chatter = await measureRoom(new ChatterSide(await startNodes('chatter-server', place, count)), count, { isQuick });
        const senders = await startNodes('chatter-server', place, count);
        const { sendsPerSecond } = await measureSends(senders, 2, isQuick ? 300 : 3_000);
        for (const node of senders) await node.stop();
        measurements.push({ benchmark: twoNodes.name, side: 'Chatter', store, case: String(count), figures: { ...chatter, sendsPerSecond: sendsPerSecond! } });
        say(`Socket.IO, ${count} of it`);
        const socketIo = await measureRoom(new SocketIoSide(await startNodes('socket-io-server', place, count)), count, { isQuick, isOrderOfNodes: true });
        measurements.push({ benchmark: twoNodes.name, side: 'Socket.IO', store, case: String(count), figures: socketIo });
      }
    } finally {
      await place.stop();
    }
    return measurements;
  },
};

/** Nodes on one new database, one after the other, as the first makes its tables. */
async function startNodes(name: string, place: Place, count: number): Promise<ChildServer[]> {
  const options = { database: await place.database(), redis: place.redis };
  const nodes: ChildServer[] = [];
  while (nodes.length < count) nodes.push(await ChildServer.start(name, options));
  return nodes;
}

async function measureRoom(
  side: Side, nodes: number, { isQuick, isOrderOfNodes }: { isQuick: boolean; isOrderOfNodes?: boolean },
): Promise<Measurement['figures']> {
  try {
    const arrivals = new Arrivals(isQuick ? 100 : 1_000, { nodes, isOrderOfNodes });
    await side.gather(arrivals);
    await saturateRoom(side, arrivals, isQuick ? 100 : 500);
    const { deliveriesPerSecond } = await saturateRoom(side, arrivals, isQuick ? 200 : 1_500);
    // All on the first node, so that for the sockets of the other every message comes from far.
    const senders = firstSenders(arrivals.sessions).map((sender) => sender * nodes);
    const { nodes: [local, remote] } = await offer(side, arrivals, calmPerSecond, isQuick ? 0.5 : 3, senders);
    return {
      deliveriesPerSecond, localP50Ms: local!.p50Ms, localP99Ms: local!.p99Ms,
      isOneOrder: Number(arrivals.isOneOrder),
      ...(remote ? { remoteP50Ms: remote.p50Ms, remoteP99Ms: remote.p99Ms } : {}),
    };
  } finally {
    await side.stop();
  }
}
