import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidInputError } from '../../../elements/client/errors.ts';
import { MemoryOutboxStorage } from '../../../elements/client/outbox-storage.ts';
import { limits } from '../../../server/protocol/codes.ts';
import { type Guest, World } from '../../support/world.ts';

async function pair(world: World): Promise<{ ann: Guest; bob: Guest; room: string }> {
  const { guests: [ann, bob], room } = await world.meet('ann', 'bob');
  return { ann: ann!, bob: bob!, room };
}

test('two people meet and chat', async () => {
  await using world = await World.start();
  const { ann, bob } = await pair(world);
  ann.room.send('Hello Bob');
  await world.settle();
  bob.room.send('Hello Ann');
  await world.settle();
  for (const guest of [ann, bob]) assert.deepEqual(guest.texts, ['Hello Bob', 'Hello Ann']);
  assert.equal(bob.client.person('ann')?.name, 'Ann');
});

test('a message stands there at once as pending, and is sent under the same key', async () => {
  await using world = await World.start();
  const { ann } = await pair(world);
  ann.room.send('Hello');
  const [pending] = ann.room.state.messages;
  assert.equal(pending?.status, 'pending');
  await world.settle();
  const [sent] = ann.room.state.messages;
  assert.equal(sent?.status, 'sent');
  assert.equal(sent?.key, pending?.key);
  assert.equal(ann.room.state.messages.length, 1);
});

test('a snapshot is a new object after a change, and the same one without', async () => {
  await using world = await World.start();
  const { ann } = await pair(world);
  const before = ann.room.state;
  assert.equal(ann.room.state, before);
  let told = 0;
  const stop = ann.room.onChange(() => {
    told += 1;
  });
  ann.room.send('one');
  ann.room.send('two');
  assert.notEqual(ann.room.state, before);
  await Promise.resolve();
  assert.equal(told, 1, 'changes of one turn are told once');
  stop();
  await world.settle();
  assert.equal(told, 1);
});

test('G5: what was written offline is sent in its order, before what is written after', async () => {
  await using world = await World.start();
  const { ann, bob } = await pair(world);
  ann.link.cut();
  for (const text of ['1', '2', '3']) ann.room.send(text);
  assert.deepEqual(ann.texts, ['(pending) 1', '(pending) 2', '(pending) 3']);
  await world.settle();
  assert.deepEqual(bob.texts, []);
  ann.link.heal();
  await world.advance(5_000);
  ann.room.send('4');
  await world.settle();
  for (const guest of [ann, bob]) assert.deepEqual(guest.texts, ['1', '2', '3', '4']);
});

test('G2: a send whose answer was lost is one message', async () => {
  await using world = await World.start();
  const { ann, bob } = await pair(world);
  // Neither the answer nor the fact comes back, and then the connection ends.
  ann.link.meddle = () => [];
  ann.room.send('Only once');
  await world.settle();
  assert.deepEqual(bob.texts, ['Only once']);
  assert.deepEqual(ann.texts, ['(pending) Only once']);
  ann.link.cut();
  ann.link.meddle = (frame) => [frame];
  ann.link.heal();
  await world.advance(5_000);
  for (const guest of [ann, bob]) assert.deepEqual(guest.texts, ['Only once']);
  assert.equal((await world.store.history('main', ann.room.id, { limit: 100 })).messages.length, 1);
});

test('G2: a message of mine that comes without its answer is acknowledged by that', async () => {
  await using world = await World.start();
  const { ann } = await pair(world);
  ann.link.dropNext((frame) => frame.kind === 'ok' && 'duplicate' in frame.data);
  ann.room.send('Hello');
  await world.settle();
  assert.deepEqual(ann.texts, ['Hello']);
  assert.equal(ann.room.state.messages[0]?.status, 'sent');
});

test('G2: a connection that ends in the middle of a send loses and doubles nothing', async () => {
  await using world = await World.start();
  const { ann, bob } = await pair(world);
  ann.room.send('In the middle');
  ann.link.cut();
  ann.link.heal();
  await world.advance(5_000);
  for (const guest of [ann, bob]) assert.deepEqual(guest.texts, ['In the middle']);
});

test('F5: more than the server takes at once goes on in order when it may', async () => {
  await using world = await World.start();
  const { ann, bob } = await pair(world);
  const texts = Array.from({ length: limits.sendBurst + 15 }, (_, index) => `text ${index}`);
  for (const text of texts) ann.room.send(text);
  await world.settle();
  assert.ok(bob.texts.length < texts.length, 'the server has slowed her down');
  await world.advance(10_000);
  for (const guest of [ann, bob]) assert.deepEqual(guest.texts, texts);
});

test('a refused message says why, and can be discarded or tried again', async () => {
  await using world = await World.start();
  const { ann, bob } = await pair(world);
  ann.link.cut();
  const first = ann.room.send('too late');
  ann.room.send('this too');
  await world.run(bob.room.removeMember('ann'));
  ann.link.heal();
  await world.advance(10_000);
  const [one, two] = ann.room.state.messages;
  assert.ok(one?.status === 'failed' && one.error !== '');
  assert.ok(two?.status === 'failed');
  ann.room.discard(first);
  assert.equal(ann.room.state.messages.length, 1);
  await world.run(bob.room.addMembers(['ann']));
  ann.room.retry(two.clientMsgId);
  await world.advance(5_000);
  assert.deepEqual(bob.texts, ['this too']);
});

test('blank and overlong texts are refused before anything is sent', async () => {
  await using world = await World.start();
  const { ann } = await pair(world);
  assert.throws(() => ann.room.send(' \n '), InvalidInputError);
  assert.throws(() => ann.room.send('\u200b\u2060'), InvalidInputError, 'characters that show nothing');
  assert.throws(() => ann.room.send('x'.repeat(ann.client.textLimit + 1)), /8001 characters; at most 8000/);
  ann.room.send('x'.repeat(ann.client.textLimit));
  ann.room.send('half an emoji \ud83d and a NUL \0');
  await world.settle();
  assert.deepEqual(ann.room.state.messages.map(({ status }) => status), ['sent', 'sent']);
});

test('a deleted message is a tombstone for everybody', async () => {
  await using world = await World.start();
  const { ann, bob } = await pair(world);
  ann.room.send('oops');
  await world.settle();
  const [entry] = ann.room.state.messages;
  assert.ok(entry?.status === 'sent');
  await world.run(ann.room.delete(entry.message.seq));
  for (const guest of [ann, bob]) assert.deepEqual(guest.texts, ['(deleted)']);
  assert.equal(ann.room.state.messages[0]?.key, entry.key);
});

test('a reload while offline keeps what was written, and sends it in order', async () => {
  await using world = await World.start();
  const outboxStorage = new MemoryOutboxStorage();
  const { guests: [bob], room } = await world.meet('bob', 'cy');
  const before = await world.join('ann', { outboxStorage });
  await world.run(bob!.room.addMembers(['ann']));
  before.enter(room);
  await world.settle();
  before.link.cut();
  before.room.send('first');
  before.room.send('second');
  before.client.close();

  const after = await world.join('ann', { outboxStorage });
  after.enter(room).send('third');
  await world.settle();
  assert.deepEqual(bob!.texts, ['first', 'second', 'third']);
  assert.deepEqual(after.texts, ['first', 'second', 'third']);
});

test('G2: two tabs that share what waits make one message of it', async () => {
  await using world = await World.start();
  const outboxStorage = new MemoryOutboxStorage();
  const { guests: [bob], room } = await world.meet('bob', 'cy');
  const one = await world.join('ann', { outboxStorage });
  await world.run(bob!.room.addMembers(['ann']));
  one.enter(room);
  await world.settle();
  one.link.cut();
  one.room.send('from one tab');
  one.room.send('in order');
  const two = await world.join('ann', { outboxStorage });
  two.enter(room);
  one.link.heal();
  await world.advance(10_000);
  for (const guest of [bob!, one, two]) assert.deepEqual(guest.texts, ['from one tab', 'in order']);
});
