import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildServer } from './child-server.ts';
import { connectMany, type LoadSession, makeGroup, peopleNames } from './load-session.ts';
import { RawSocket } from './raw-socket.ts';

/** Bytes for one connection. */
export interface IdleMemory {
  /** Growth of the process from its start over the first connections: with them its first work, and room for garbage. */
  firstResidentBytes: number;
  /** Growth of the process over as many more. */
  nextResidentBytes: number;
  /** Of these, what is held on the heap after a collection. */
  nextHeapBytes: number;
}

/** What people cost who are signed in, have a room open each, and say nothing: `count` of them, and `count` more. */
export async function chatterIdleMemory(count: number): Promise<IdleMemory> {
  const folder = mkdtempSync(join(tmpdir(), 'chatter-bench-'));
  const users = peopleNames(count * 2);
  const rooms = await prepareRooms(folder, users);
  // Another process: what making people and rooms took is not there any more, neither used nor free for use again.
  const server = await ChildServer.start('./chatter-server.ts', { folder });
  const comeIn = async (from: number): Promise<LoadSession[]> => {
    const sessions = await connectMany(server.port, users.slice(from, from + count));
    for (const [index, session] of sessions.entries()) {
      await session.request('room.open', { room: rooms[Math.floor((from + index) / 20)]!, limit: 20 });
    }
    return sessions;
  };
  const [first] = await connectMany(server.port, users.slice(0, 1));
  first!.destroy();
  const readings = [await server.memory()];
  const earlier = await comeIn(0);
  readings.push(await server.memory());
  const later = await comeIn(count);
  readings.push(await server.memory());
  for (const session of [...earlier, ...later]) session.destroy();
  await server.stop();
  rmSync(folder, { recursive: true });
  return perConnection(readings, count);
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
  const comeIn = async (): Promise<RawSocket[]> => {
    const sockets: RawSocket[] = [];
    while (sockets.length < count) {
      sockets.push(...await Promise.all(Array.from({ length: 50 }, () => RawSocket.open(server.port, '/'))));
    }
    return sockets;
  };
  (await RawSocket.open(server.port, '/')).destroy();
  const readings = [await server.memory()];
  const earlier = await comeIn();
  readings.push(await server.memory());
  const later = await comeIn();
  readings.push(await server.memory());
  for (const socket of [...earlier, ...later]) socket.destroy();
  await server.stop();
  return perConnection(readings, count);
}

function perConnection(readings: readonly { rssBytes: number; heapBytes: number }[], count: number): IdleMemory {
  const [start, half, full] = readings as [typeof readings[0], typeof readings[0], typeof readings[0]];
  return {
    firstResidentBytes: (half.rssBytes - start.rssBytes) / count,
    nextResidentBytes: (full.rssBytes - half.rssBytes) / count,
    nextHeapBytes: (full.heapBytes - half.heapBytes) / count,
  };
}
