import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatterError } from '../../../server/errors.ts';
import type { ServerFrame } from '../../../server/protocol/frames.ts';
import { type Guest, World } from '../../support/world.ts';

async function withRooms(world: World, count: number): Promise<{ ann: Guest; rooms: string[] }> {
  const ann = await world.join('ann');
  await world.join('bob');
  const rooms: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { room } = await world.store.createRoom('main', { kind: 'group', name: `Room ${index}`, members: ['ann', 'bob'] });
    rooms.push(room.id);
    world.clock.sleep(1);
  }
  return { ann, rooms };
}

const names = ({ client }: Guest) => client.rooms.rooms.map(({ name }) => name);

test('the list is read when somebody looks at it, and not before', async () => {
  await using world = await World.start();
  const { ann } = await withRooms(world, 3);
  assert.equal(ann.client.rooms.status, 'loading');
  assert.equal(ann.link.sent.includes('rooms.list'), false);
  ann.client.rooms.onChange(() => {});
  await world.settle();
  assert.equal(ann.client.rooms.status, 'ready');
  assert.deepEqual(names(ann), ['Room 2', 'Room 1', 'Room 0']);
  assert.equal(ann.client.rooms.hasMore, false);
});

test('a list that is looked at while the connection is being made is read once', async () => {
  await using world = await World.start();
  const { ann } = await withRooms(world, 1);
  ann.client.close();
  ann.client.connect();
  ann.client.rooms.onChange(() => {});
  await world.settle();
  assert.equal(ann.client.rooms.status, 'ready');
  assert.equal(ann.link.sent.filter((kind) => kind === 'rooms.list').length, 1);
});

test('a room that becomes active goes to the top, with its last message', async () => {
  await using world = await World.start();
  const { ann, rooms } = await withRooms(world, 3);
  ann.client.rooms.onChange(() => {});
  await world.settle();
  const bob = world.guests[1]!;
  bob.enter(rooms[0]!);
  await world.settle();
  bob.room.send('news');
  await world.advance(2_000);
  assert.deepEqual(names(ann), ['Room 0', 'Room 2', 'Room 1']);
  assert.equal(ann.client.rooms.rooms[0]?.lastMessage?.text, 'news');
  assert.equal(ann.client.rooms.unread, 1);
});

test('a room that one is added to appears', async () => {
  await using world = await World.start();
  const { ann } = await withRooms(world, 1);
  ann.client.rooms.onChange(() => {});
  await world.settle();
  await world.run(world.guests[1]!.client.createGroup({ name: 'New', users: ['ann'] }));
  await world.advance(2_000);
  assert.deepEqual(names(ann), ['New', 'Room 0']);
});

test('more pages are had by asking, and nothing is in the list twice', async () => {
  await using world = await World.start();
  const { ann, rooms } = await withRooms(world, 120);
  const { rooms: list } = ann.client;
  list.onChange(() => {});
  await world.settle();
  assert.equal(list.rooms.length, 50);
  const bob = world.guests[1]!;
  bob.enter(rooms[3]!);
  await world.settle();
  bob.room.send('moves to the top while we scroll');
  await world.advance(2_000);
  while (list.hasMore) await world.run(list.loadMore());
  assert.equal(new Set(list.rooms.map(({ id }) => id)).size, 120);
  assert.equal(list.rooms.length, 120);
});

test('after a reconnect it shows what happened meanwhile, and keeps what was scrolled to', async () => {
  await using world = await World.start();
  const { ann, rooms } = await withRooms(world, 70);
  const { rooms: list } = ann.client;
  list.onChange(() => {});
  await world.settle();
  await world.run(list.loadMore());
  const bob = world.guests[1]!;
  bob.enter(rooms[0]!);
  await world.settle();
  ann.link.cut();
  bob.room.send('while you were away');
  await world.settle();
  bob.enter(rooms[69]!);
  await world.run(bob.client.room(rooms[69]!).removeMember('ann'));
  ann.link.heal();
  await world.advance(5_000);
  assert.equal(list.rooms[0]?.name, 'Room 0');
  assert.equal(list.rooms.length, 69);
  assert.equal(list.rooms.some(({ name }) => name === 'Room 69'), false);
});

test('search asks the server', async () => {
  await using world = await World.start();
  const { ann } = await withRooms(world, 60);
  const found = await world.run(ann.client.rooms.search('Room 5'));
  assert.ok(found.some(({ name }) => name === 'Room 5'));
});

test('R8: a direct room is found again; one with oneself is a room too', async () => {
  await using world = await World.start();
  const { ann } = await withRooms(world, 0);
  const first = await world.run(ann.client.createDirect('bob'));
  const second = await world.run(ann.client.createDirect('bob'));
  assert.equal(first.id, second.id);
  const notes = await world.run(ann.client.createDirect('ann'));
  assert.deepEqual([notes.kind, notes.people], ['direct', []]);
});

test('R10: a room that one is taken out of while the list is being read does not come back with the page', async () => {
  await using world = await World.start();
  const { ann, rooms } = await withRooms(world, 2);
  const bob = world.guests[1]!;
  let page: ServerFrame | undefined;
  ann.link.meddle = (frame) => {
    if (frame.kind !== 'ok' || !('rooms' in frame.data)) return [frame];
    page = frame;
    return [];
  };
  ann.client.rooms.onChange(() => {});
  await world.settle();
  await world.run(bob.client.request('member.remove', { room: rooms[0]!, user: 'ann' }));
  assert.ok(page);
  ann.link.bring(page);
  await world.settle();
  assert.deepEqual(names(ann), ['Room 1']);
});

test('P1: what I write in a room that is not open is read, also where the heads skip it', async () => {
  await using world = await World.start();
  const { ann, rooms } = await withRooms(world, 1);
  const bob = world.guests[1]!;
  ann.client.rooms.onChange(() => {});
  await world.settle();
  ann.client.room(rooms[0]!).send('mine');
  await world.settle();
  bob.client.room(rooms[0]!).send('one');
  bob.client.room(rooms[0]!).send('two');
  ann.client.room(rooms[0]!).send('mine again');
  bob.client.room(rooms[0]!).send('three');
  await world.advance(2_000);
  const { unread } = (await world.store.summary('main', rooms[0]!, 'ann'))!;
  assert.equal(ann.client.rooms.rooms[0]?.unread, unread);
});

test('a list that cannot be read now says so, and is read again by itself', async () => {
  await using world = await World.start();
  const { ann } = await withRooms(world, 1);
  const { summaries } = world.store;
  world.store.summaries = async () => {
    throw new ChatterError('unavailable', 'The database is away.', { afterMs: 700 });
  };
  ann.client.rooms.onChange(() => {});
  await world.settle();
  assert.deepEqual([ann.client.rooms.status, ann.client.rooms.error], ['error', 'The database is away.']);
  world.store.summaries = summaries;
  await world.advance(700);
  assert.deepEqual([ann.client.rooms.status, ann.client.rooms.error], ['ready', undefined]);
  assert.deepEqual(names(ann), ['Room 0']);
});
