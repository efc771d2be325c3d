import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '../../../server/protocol/codes.ts';
import { World } from '../../support/world.ts';

test('switching back to a room is instant, and misses nothing', async () => {
  await using world = await World.start();
  const { guests: [ann, bob], room: first } = await world.meet('ann', 'bob');
  const { id: second } = await world.run(ann!.client.createDirect('bob'));
  ann!.room.send('in the first');
  await world.settle();
  ann!.enter(second);
  await world.settle();
  bob!.room.send('while you were in the other');
  await world.settle();
  const opens = () => ann!.link.sent.filter((kind) => kind === 'room.open').length;
  const before = opens();
  ann!.enter(first);
  assert.equal(ann!.room.state.status, 'ready');
  assert.deepEqual(ann!.texts, ['in the first', 'while you were in the other']);
  assert.equal(opens(), before);
});

test('a room that nobody looks at is closed on the server after a while, and resumes from where it was', async () => {
  await using world = await World.start();
  const { guests: [ann, bob], room } = await world.meet('ann', 'bob');
  ann!.room.send('1');
  await world.settle();
  ann!.exit();
  await world.advance(31_000);
  assert.equal(ann!.link.sent.at(-1), 'room.close');
  assert.equal(ann!.room.state.status, 'closed');
  bob!.room.send('2');
  await world.settle();
  ann!.enter(room);
  assert.deepEqual(ann!.texts, ['1'], 'what was known is shown at once');
  await world.settle();
  assert.deepEqual(ann!.texts, ['1', '2']);
});

test('whoever has scrolled back and left the room comes back to its end', async () => {
  await using world = await World.start();
  const { guests: [ann, bob], room } = await world.meet('ann', 'bob');
  const old = Array.from({ length: 120 }, (_, index) => ({ senderId: 'bob', clientMsgId: `m${index}`, text: `old ${index}`, at: 1 }));
  await world.store.importMessages('main', room, old);
  await world.advance(12_000);
  const { messages: [oldest] } = await world.store.history('main', room, { limit: 1, after: 0 });
  await world.run(ann!.room.loadAround(oldest!.seq));
  ann!.exit();
  await world.advance(31_000);
  bob!.room.send('news');
  await world.settle();
  ann!.enter(room);
  await world.settle();
  assert.equal(ann!.texts.at(-1), 'news');
  assert.equal(ann!.room.state.hasAfter, false);
});

test('a room that is opened without a connection is opening, until there is one', async () => {
  await using world = await World.start();
  const { guests: [ann], room } = await world.meet('ann', 'bob');
  const notes = await world.run(ann!.client.createDirect('ann'));
  ann!.link.cut();
  await world.settle();
  ann!.enter(notes.id);
  assert.equal(ann!.room.state.status, 'opening');
  assert.equal(ann!.client.room(room).state.status, 'closed');
  ann!.link.heal();
  await world.advance(5_000);
  assert.equal(ann!.room.state.status, 'ready');
});

test('a room stays open until all who opened it have closed it', async () => {
  await using world = await World.start();
  const { guests: [ann], room } = await world.meet('ann', 'bob');
  const also = ann!.client.room(room).open();
  ann!.exit();
  await world.advance(60_000);
  assert.equal(ann!.room.state.status, 'ready');
  also();
  also();
  await world.advance(60_000);
  assert.equal(ann!.room.state.status, 'closed');
});

test('R10: who is removed is told, and sees nothing that comes after', async () => {
  await using world = await World.start();
  const { guests: [ann, bob], room } = await world.meet('ann', 'bob', 'cy');
  ann!.client.rooms.onChange(() => {});
  bob!.client.rooms.onChange(() => {});
  await world.settle();
  await world.run(ann!.room.removeMember('bob'));
  ann!.room.send('about Bob');
  await world.advance(5_000);
  assert.equal(bob!.room.state.status, 'gone');
  assert.deepEqual(bob!.texts, []);
  assert.equal(bob!.client.rooms.rooms.length, 0);
  assert.deepEqual(ann!.room.state.members.map(({ userId }) => userId).sort(), ['ann', 'cy']);
  await world.run(ann!.room.addMembers(['bob']));
  await world.advance(2_000);
  assert.equal(bob!.room.state.status, 'ready', 'and who is added again is back');
  assert.equal(bob!.texts.at(-1), 'about Bob');
  assert.equal(bob!.client.rooms.rooms[0]?.id, room);
});

test('R10: who was removed while away finds the room gone', async () => {
  await using world = await World.start();
  const { guests: [ann, bob] } = await world.meet('ann', 'bob');
  bob!.client.rooms.onChange(() => {});
  await world.settle();
  bob!.link.cut();
  await world.run(ann!.room.removeMember('bob'));
  bob!.link.heal();
  await world.advance(5_000);
  assert.equal(bob!.room.state.status, 'gone');
  assert.deepEqual(bob!.client.rooms.rooms, []);
});

test('who was removed, and is put back while away, has the room again as soon as the list says so', async () => {
  await using world = await World.start();
  const { guests: [ann, bob], room } = await world.meet('ann', 'bob');
  bob!.client.rooms.onChange(() => {});
  await world.run(ann!.room.removeMember('bob'));
  assert.equal(bob!.room.state.status, 'gone');
  bob!.link.cut();
  await world.run(ann!.room.addMembers(['bob']));
  bob!.link.heal();
  await world.advance(5_000);
  assert.equal(bob!.room.state.status, 'ready');
  assert.equal(bob!.client.rooms.rooms[0]?.id, room);
});

test('a message that was acknowledged when its room was gone is not pending for ever', async () => {
  await using world = await World.start();
  const { guests: [ann, bob] } = await world.meet('ann', 'bob');
  bob!.link.meddle = (frame) => (frame.kind === 'facts' ? [] : [frame]);
  ann!.room.send('before');
  bob!.room.send('after');
  await world.settle();
  assert.deepEqual(bob!.texts, ['(pending) after']);
  await world.run(ann!.room.removeMember('bob'));
  assert.equal(bob!.room.state.status, 'gone');
  assert.deepEqual(bob!.texts, []);
});

test('R1: a room that is not there is an error with a sentence', async () => {
  await using world = await World.start();
  const ann = await world.join('ann');
  ann.enter('no-such-room');
  await world.settle();
  assert.equal(ann.room.state.status, 'error');
  assert.ok(ann.room.state.error);
});

test('a new name and new members are seen in the room and in the list', async () => {
  await using world = await World.start();
  const { guests: [ann, bob] } = await world.meet('ann', 'bob');
  await world.join('cy');
  bob!.client.rooms.onChange(() => {});
  await world.settle();
  await world.run(ann!.room.rename('Lunch'));
  await world.run(ann!.room.addMembers(['cy']));
  await world.advance(5_000);
  assert.equal(bob!.room.state.summary?.name, 'Lunch');
  assert.equal(bob!.client.rooms.rooms[0]?.name, 'Lunch');
  assert.equal(bob!.client.rooms.rooms[0]?.memberCount, 3);
  assert.equal(bob!.room.state.members.length, 3);
  await world.run(ann!.room.leave());
  await world.advance(5_000);
  assert.equal(ann!.room.state.status, 'gone');
  assert.deepEqual(bob!.room.state.members.map(({ userId }) => userId).sort(), ['bob', 'cy']);
});

test('G9: no more rooms are open on the server than it takes; idle ones make place', async () => {
  await using world = await World.start();
  const ann = await world.join('ann');
  const rooms = Array.from({ length: limits.roomsPerConnection + 5 }, () => world.store.createRoom('main', { kind: 'group', members: ['ann'] }));
  for (const { room } of await Promise.all(rooms)) {
    ann.enter(room.id);
    await world.advance(200);
    assert.equal(ann.room.state.status, 'ready', ann.room.state.error);
  }
});
