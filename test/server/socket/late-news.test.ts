import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rhythms } from '#protocol/codes';
import { ChatterError } from '../../../server/errors.ts';
import { MemoryStore } from '../../../server/store/memory-store.ts';
import { ServerWorld, until } from '../../support/server-world.ts';

/* What is told when the news come in an unlucky order: after a node has read the same from the database, or before. */

it('lists hear of who leaves and of a new name, also on a node that has not had to do with the room', async () => {
  const world = await ServerWorld.start({}, { nodes: 2 });
  const room = await world.group('garden', 'ann', 'ben', 'cat');
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben', { server: world.servers[1] })];
  await ann.ask('member.remove', { room, user: 'cat' });
  const told = await ben.next('room');
  assert.deepEqual([told.room.memberCount, told.room.people.map(({ id }) => id)], [2, ['ann']]);
  await world.close();
});

it('R10, G7: who is taken out is shown out, also where the node had read the members again before the ring came', async () => {
  const world = await ServerWorld.start({}, { nodes: 2 });
  const room = await world.group('garden', 'ann', 'ben', 'cat');
  const [ann, ben, cat] = [
    await world.connect('ann'), await world.connect('ben', { server: world.servers[1] }), await world.connect('cat', { server: world.servers[1] }),
  ];
  await ben.ask('room.open', { room });
  const late: [string, string][] = [];
  const hear = world.broker.drop((topic, payload) => {
    if (payload.includes('"changed"')) late.push([topic, payload]);
    return true;
  });
  await ann.ask('member.remove', { room, user: 'ben' });
  await ann.quiet();
  world.clock.sleep(30_000);
  await cat.ask('room.get', { room });
  hear();
  assert.equal(late.length, 1);
  for (const [topic, payload] of late) world.broker.bus().publish(topic, payload);
  await ben.next('room.gone');
  await ann.send(room, 'secret');
  await ben.quiet();
  assert.ok(!JSON.stringify(ben.frames).includes('secret'));
  await world.close();
});

it('R7: what a node has only read of a room counts as told to nobody: lists hear of it with the next round', async () => {
  const world = await ServerWorld.start({}, { nodes: 2 });
  const room = await world.group('garden', 'ann', 'ben');
  await world.meet('cat');
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben', { server: world.servers[1] })];
  await ben.ask('room.get', { room });
  const hear = world.broker.drop(() => true);
  await ann.ask('member.add', { room, users: ['cat'] });
  await ann.quiet();
  hear();
  world.clock.sleep(30_000);
  await ben.send(room, 'hello');
  await world.clock.advance(2 * rhythms.headsMs);
  await until(() => ben.all('room').some((told) => told.room.memberCount === 3), 'the room with three members');
  await world.close();
});

it('who was added may come in at once, also where the ring that told of it was lost', async () => {
  const world = await ServerWorld.start({}, { nodes: 2 });
  const room = await world.group('garden', 'ann', 'cat');
  const [ann, ben, cat] = [
    await world.connect('ann'), await world.connect('ben', { server: world.servers[1] }), await world.connect('cat', { server: world.servers[1] }),
  ];
  await cat.ask('room.get', { room });
  world.broker.drop(() => true);
  await ann.ask('member.add', { room, users: ['ben'] });
  await ben.ask('room.open', { room });
  await world.close();
});

it('R2: markers that move while the answer to room.open is on its way are told after it', async () => {
  const store = new MemoryStore();
  let isHeld = false;
  const held: (() => void)[] = [];
  const { members } = MemoryStore.prototype;
  store.members = async (...input) => {
    const read = await members.apply(store, input);
    if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
    return read;
  };
  const world = await ServerWorld.start({ store });
  const room = await world.group('garden', 'ann', 'ben');
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
  const { message } = await ann.send(room, 'seen?');
  isHeld = true;
  const opened = ann.begin('room.open', { room });
  await until(() => held.length === 1, 'the members being read');
  await ben.ask('room.read', { room, seq: message.seq });
  await ben.quiet();
  assert.deepEqual(ann.all('seen'), []);
  held[0]!();
  await until(() => opened() !== undefined, 'the answer');
  assert.deepEqual(ann.all('seen').map(({ cursors }) => cursors), [[['ben', message.seq]]]);
  await world.close();
});

it('a room that was made is told to its members, whatever fails after it was made', async () => {
  const store = new MemoryStore();
  const { heads } = MemoryStore.prototype;
  let isAway = false;
  store.heads = async (...input) => {
    if (isAway) throw new ChatterError('unavailable', 'Not now.');
    return heads.apply(store, input);
  };
  const world = await ServerWorld.start({ store });
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
  isAway = true;
  await ann.answerTo('room.create', { type: 'group', clientRoomId: 'r1', users: ['ben'] });
  assert.equal((await ben.next('room')).room.memberCount, 2);
  await world.close();
});

it('R7: lists hear of a change though the database failed when it was to be told', async () => {
  const store = new MemoryStore();
  const { summary, memberIds } = MemoryStore.prototype;
  let isAway = false;
  const whileThere = <T>(answer: () => Promise<T>): Promise<T> => (isAway ? Promise.reject(new ChatterError('unavailable', 'Not now.')) : answer());
  store.summary = (...input) => whileThere(() => summary.apply(store, input));
  store.memberIds = (...input) => whileThere(() => memberIds.apply(store, input));
  const world = await ServerWorld.start({ store }, { nodes: 2 });
  const [garden, kitchen] = [await world.group('garden', 'ann', 'ben', 'cat'), await world.group('kitchen', 'ann', 'ben', 'cat')];
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben', { server: world.servers[1] })];
  for (const room of [garden, kitchen]) await ann.ask('room.get', { room });
  await ben.ask('room.get', { room: kitchen });
  isAway = true;
  for (const room of [garden, kitchen]) await ann.ask('member.remove', { room, user: 'cat' });
  await ben.quiet();
  assert.deepEqual(ben.all('room'), []);
  isAway = false;
  await world.clock.advance(1_000);
  for (const id of [garden, kitchen]) assert.equal((await ben.next('room', ({ room }) => room.id === id)).room.memberCount, 2);
  await world.close();
});

it('G10: a marker that one moved here is told there, though the database failed when it was to be told', async () => {
  const store = new MemoryStore();
  const readRoom = MemoryStore.prototype.room;
  let isAway = false;
  store.room = (...input) => (isAway ? Promise.reject(new ChatterError('unavailable', 'Not now.')) : readRoom.apply(store, input));
  const world = await ServerWorld.start({ store }, { nodes: 2 });
  const room = await world.group('garden', 'ann', 'ben');
  const [ann, here, there] = [await world.connect('ann'), await world.connect('ben'), await world.connect('ben', { server: world.servers[1] })];
  const { message } = await ann.send(room, 'seen?');
  await there.quiet();
  // The other node has to read the members again.
  world.clock.sleep(30_000);
  await here.ask('room.get', { room });
  isAway = true;
  await here.ask('room.read', { room, seq: message.seq });
  for (const text of ['one', 'two', 'three']) await here.send(room, text);
  await there.quiet();
  assert.deepEqual(there.all('read'), []);
  isAway = false;
  await world.clock.advance(1_000);
  await there.next('read');
  await there.quiet();
  assert.deepEqual(there.all('read').map(({ readSeq }) => readSeq), [message.seq + 3], 'the newest, and no other');
  await world.close();
});
