import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeCodes } from '../../../server/protocol/codes.ts';
import { World } from '../../support/world.ts';

test('G1, G6: a server that is killed and started again on its store: both continue', async () => {
  await using world = await World.start();
  const { guests: [ann, bob] } = await world.meet('ann', 'bob');
  ann!.room.send('before');
  await world.settle();
  ann!.room.send('in the middle');
  world.server().kill();
  await world.settle();
  bob!.room.send('while it is down');
  assert.equal(ann!.client.connection.status, 'waiting');
  await world.advance(20_000);
  await world.server().start();
  await world.advance(60_000);
  const expected = ['before', 'in the middle', 'while it is down'];
  assert.deepEqual([...ann!.texts].sort(), [...expected].sort());
  assert.deepEqual(ann!.texts, bob!.texts);
  assert.equal(ann!.client.connection.status, 'online');
});

test('a server that stops in good order: both continue on another', async () => {
  await using world = await World.start({ servers: 2 });
  const { guests: [ann, bob] } = await world.meet('ann', 'bob');
  await world.server(0).stop();
  for (const { link } of world.guests) link.server = world.server(1);
  ann!.room.send('on the other one');
  await world.advance(60_000);
  for (const guest of [ann!, bob!]) assert.deepEqual(guest.texts, ['on the other one']);
});

test('people on two servers see each other', async () => {
  await using world = await World.start({ servers: 2 });
  const ann = await world.join('ann', { server: 0 });
  const bob = await world.join('bob', { server: 1 });
  const { id } = await world.run(ann.client.createDirect('bob'));
  ann.enter(id);
  bob.enter(id);
  await world.settle();
  ann.room.send('from one');
  await world.settle();
  bob.room.send('from the other');
  await world.settle();
  for (const guest of [ann, bob]) assert.deepEqual(guest.texts, ['from one', 'from the other']);
});

test('C6: a token that ends is refreshed in place; the provider is asked for a fresh one', async () => {
  await using world = await World.start();
  const ann = await world.join('ann', { tokenMs: 600_000 });
  await world.advance(3_600_000);
  assert.equal(ann.link.dials, 1, 'the connection was never lost');
  assert.deepEqual(ann.asked[0], { refresh: false });
  assert.ok(ann.asked.length >= 6);
  assert.ok(ann.asked.slice(1).every(({ refresh }) => refresh));
});

test('C5: a token that has ended while away is asked for anew', async () => {
  await using world = await World.start();
  const ann = await world.join('ann');
  ann.link.cut();
  await world.settle();
  ann.link.heal();
  ann.endNextToken();
  await world.advance(60_000);
  assert.equal(ann.client.connection.status, 'online');
  assert.deepEqual(ann.asked.map(({ refresh }) => refresh), [false, false, true]);
});

test('C5, C7: a token that will never be good stops, and says why', async () => {
  await using world = await World.start();
  const ann = await world.join('ann');
  ann.refusal = 'The token was signed by somebody else.';
  ann.link.cut();
  ann.link.heal();
  await world.advance(60_000);
  assert.deepEqual(ann.client.connection, {
    status: 'stopped', closeCode: closeCodes.unauthorized, message: 'The token was signed by somebody else.',
  });
  assert.equal(ann.client.rooms.status, 'error');
  ann.refusal = undefined;
  ann.client.reconnectNow();
  await world.settle();
  assert.equal(ann.client.connection.status, 'online');
});

test('a request made while the connection is being made waits for it; without one it is refused with a sentence', async () => {
  await using world = await World.start();
  await world.join('bob');
  const ann = await world.join('ann');
  ann.client.close();
  await assert.rejects(ann.client.searchPeople('bob'), /no connection to the chat server/);
  ann.client.connect();
  const people = await world.run(ann.client.searchPeople('bob'));
  assert.deepEqual(people.map(({ id }) => id), ['bob']);
});

test('P3: presence follows who comes and goes, also across a reconnect', async () => {
  await using world = await World.start();
  const { guests: [ann, bob] } = await world.meet('ann', 'bob');
  let told = 0;
  const stop = ann!.client.watchPresence(['bob'], () => {
    told += 1;
  });
  await world.settle();
  assert.equal(ann!.client.isOnline('bob'), true);
  ann!.link.cut();
  ann!.link.heal();
  await world.advance(5_000);
  bob!.client.close();
  await world.advance(30_000);
  assert.equal(ann!.client.isOnline('bob'), false);
  assert.ok(told >= 2);
  stop();
});

test('G8: when another person signs in with the same client, nothing of the one before is left', async () => {
  await using world = await World.start();
  const { guests: [ann], room } = await world.meet('ann', 'bob');
  ann!.room.send('secret of Ann');
  ann!.client.rooms.onChange(() => {});
  await world.settle();
  ann!.link.cut();
  ann!.room.send('never to be sent by another');
  ann!.signInAs('eve');
  ann!.link.heal();
  await world.advance(5_000);
  assert.equal(ann!.client.user?.id, 'eve');
  assert.deepEqual(ann!.client.rooms.rooms, []);
  assert.deepEqual(ann!.texts, []);
  assert.equal(ann!.room.state.status, 'error');
  assert.equal(ann!.client.person('bob'), undefined);
  const { messages } = await world.store.history('main', room, { limit: 10 });
  assert.deepEqual(messages.map(({ text }) => text), ['secret of Ann']);
});

test('close lets go of every timer', async () => {
  await using world = await World.start();
  const { guests: [ann] } = await world.meet('ann', 'bob');
  ann!.room.send('x');
  ann!.room.setTyping(true);
  ann!.room.markRead(2);
  await world.settle();
  for (const { client } of world.guests) client.close();
  await world.settle();
  world.server().kill();
  await world.advance(120_000);
  assert.equal(world.clock.timerCount, 0);
});
