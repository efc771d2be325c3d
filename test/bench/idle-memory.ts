import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildServer } from './child-server.ts';
import { connectMany, LoadSession, makeGroup, peopleNames } from './load-session.ts';
import { RawSocket } from './raw-socket.ts';

export interface IdleMemory {
  rssBytesPerConnection: number;
  heapBytesPerConnection: number;
}

/** What `count` signed-in people cost who each have a room open and say nothing. */
export async function chatterIdleMemory(count: number): Promise<IdleMemory> {
  const folder = mkdtempSync(join(tmpdir(), 'chatter-bench-'));
  const users = peopleNames(count);
  const rooms = await prepareRooms(folder, users);
  // Another process: what making people and rooms took is not there any more, neither used nor free for use again.
  const server = await ChildServer.start('./chatter-server.ts', { folder });
  const first = await LoadSession.connect(server.port, users[0]!);
  await first.request('room.open', { room: rooms[0]!, limit: 20 });
  first.destroy();
  const before = await server.memory();
  const sessions = await connectMany(server.port, users);
  for (const [index, session] of sessions.entries()) {
    await session.request('room.open', { room: rooms[Math.floor(index / 20)]!, limit: 20 });
  }
  const after = await server.memory();
  for (const session of sessions) session.destroy();
  await server.stop();
  rmSync(folder, { recursive: true });
  return difference(before, after, count);
}

/** People in rooms of twenty, and the room of each twenty. */
async function prepareRooms(folder: string, users: readonly string[]): Promise<string[]> {
  const server = await ChildServer.start('./chatter-server.ts', { folder });
  const rooms: string[] = [];
  for (let start = 0; start < users.length; start += 20) {
    const group = users.slice(start, start + 20);
    const makers = await connectMany(server.port, group);
    rooms.push(await makeGroup(makers[0]!, group, `idle-${start}`));
    for (const maker of makers) maker.destroy();
  }
  await server.stop();
  return rooms;
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
