import { setTimeout } from 'node:timers/promises';
import type { Benchmark, Measurement } from './benchmark.ts';
import { connectMany, fewAtATime, peopleNames } from './load/load-session.ts';
import { openFilesFor } from './load/open-files.ts';
import { RawSocket } from './load/raw-socket.ts';
import { SocketIoSession } from './load/socket-io-session.ts';
import { ChildServer } from './servers/child-server.ts';
import { seed, seedGroups } from './servers/seed.ts';
import { openPlace, type Place } from './servers/stores.ts';

const roomSize = 20;
const quietMs = 15_000;

/** What people cost who are signed in, have a room open each, and say nothing. */
export const idleConnections: Benchmark = {
  name: 'idle-connections',
  // What is kept of a connection is the same on every kind of store.
  stores: ['sqlite'],
  async run({ isQuick, say }) {
    const { count, note } = openFilesFor(isQuick ? 1_000 : 10_000);
    const place = await openPlace('sqlite');
    try {
      const measurement = (side: Measurement['side'], figures: Measurement['figures']): Measurement =>
        ({ benchmark: idleConnections.name, side, case: String(count), figures, note });
      say(`Chatter, ${count} connections`);
      const chatter = await chatterIdle(place, count);
      say(`Socket.IO, ${count} connections`);
      const socketIo = await socketIoIdle(place, count);
      say(`ws, ${count} connections`);
      return [measurement('Chatter', chatter), measurement('Socket.IO', socketIo), measurement('ws', await bareIdle(count))];
    } finally {
      await place.stop();
    }
  },
};

async function chatterIdle(place: Place, count: number): Promise<Measurement['figures']> {
  const database = await place.database();
  const users = peopleNames(count);
  const rooms = await seed(database, (store) => seedGroups(store, users, roomSize));
  const server = await ChildServer.start('chatter-server', { database });
  return measure(server, {
    comeInOnce: async () => (await connectMany(server.port, [users[0]!]))[0]!.destroy(),
    async comeIn() {
      const sessions = await connectMany(server.port, users);
      await fewAtATime(sessions, (session, index) => session.request('room.open', { room: rooms[Math.floor(index / roomSize)]!, limit: 20 }));
      return sessions;
    },
  });
}

async function socketIoIdle(place: Place, count: number): Promise<Measurement['figures']> {
  const server = await ChildServer.start('socket-io-server', { database: await place.database() });
  const users = peopleNames(count);
  return measure(server, {
    comeInOnce: async () => (await SocketIoSession.connect(server.port, users[0]!)).destroy(),
    async comeIn() {
      const sessions = await fewAtATime(users, (user) => SocketIoSession.connect(server.port, user));
      await fewAtATime(sessions, (session, index) => session.emit('join', `idle-${Math.floor(index / roomSize)}`));
      return sessions;
    },
  });
}

async function bareIdle(count: number): Promise<Measurement['figures']> {
  const server = await ChildServer.start('ws-server');
  return measure(server, {
    comeInOnce: async () => (await RawSocket.open(server.port, '/')).destroy(),
    comeIn: () => fewAtATime(Array.from({ length: count }), () => RawSocket.open(server.port, '/')),
  });
}

/** Growth of the process from before they came, quiet then, to when they have said nothing for a while. */
async function measure(
  server: ChildServer, { comeInOnce, comeIn }: { comeInOnce(): Promise<void>; comeIn(): Promise<{ destroy(): void }[]> },
): Promise<Measurement['figures']> {
  // One, so that what is loaded with the first of all is not counted.
  await comeInOnce();
  const before = await quietMemory(server);
  const startedAt = performance.now();
  const sessions = await comeIn();
  const connectMs = performance.now() - startedAt;
  const after = await quietMemory(server);
  for (const session of sessions) session.destroy();
  await server.stop();
  return {
    residentBytes: (after.rssBytes - before.rssBytes) / sessions.length,
    heapBytes: (after.heapBytes - before.heapBytes) / sessions.length,
    connectMs,
  };
}

/** What a process took for garbage it gives back by and by: whoever comes in makes some, and whoever stands idle does not need it. */
async function quietMemory(server: ChildServer): Promise<{ rssBytes: number; heapBytes: number }> {
  await server.memory();
  await setTimeout(quietMs);
  return server.memory();
}
