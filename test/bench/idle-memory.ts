import { ChildServer } from './child-server.ts';
import { connectMany, makeGroup, peopleNames } from './load-session.ts';
import { RawSocket } from './raw-socket.ts';

export interface IdleMemory {
  rssBytesPerConnection: number;
  heapBytesPerConnection: number;
}

/** What `count` signed-in people cost who each have a room open and say nothing. */
export async function chatterIdleMemory(count: number): Promise<IdleMemory> {
  const server = await ChildServer.start('./chatter-server.ts');
  const users = peopleNames(count);
  // People and rooms are made first, and by others: the difference is then what the connections cost.
  const rooms: string[] = [];
  for (let start = 0; start < count; start += 20) {
    const group = users.slice(start, start + 20);
    const makers = await connectMany(server.port, group);
    rooms.push(await makeGroup(makers[0]!, group, `idle-${start}`));
    for (const maker of makers) maker.destroy();
  }
  const before = await server.memory();
  const sessions = await connectMany(server.port, users);
  for (const [index, session] of sessions.entries()) {
    await session.request('room.open', { room: rooms[Math.floor(index / 20)]!, limit: 20 });
  }
  const after = await server.memory();
  for (const session of sessions) session.destroy();
  await server.stop();
  return difference(before, after, count);
}

export async function bareIdleMemory(count: number): Promise<IdleMemory> {
  const server = await ChildServer.start('./ws-server.ts');
  (await RawSocket.open(server.port, '/')).destroy();
  const before = await server.memory();
  const sockets: RawSocket[] = [];
  for (let start = 0; start < count; start += 50) {
    sockets.push(...await Promise.all(Array.from({ length: Math.min(50, count - start) }, () => RawSocket.open(server.port, '/'))));
  }
  const after = await server.memory();
  for (const socket of sockets) socket.destroy();
  await server.stop();
  return difference(before, after, count);
}

function difference(before: { rssBytes: number; heapBytes: number }, after: typeof before, count: number): IdleMemory {
  return {
    rssBytesPerConnection: (after.rssBytes - before.rssBytes) / count,
    heapBytesPerConnection: (after.heapBytes - before.heapBytes) / count,
  };
}
