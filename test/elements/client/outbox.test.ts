import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotConnectedError, RequestRefusedError } from '../../../elements/client/errors.ts';
import { Outbox } from '../../../elements/client/outbox.ts';
import { MemoryOutboxStorage, type OutboxEntry, type OutboxStorage } from '../../../elements/client/outbox-storage.ts';
import type { Message } from '../../../server/protocol/models.ts';
import { ManualClock, settled } from '../../support/clock.ts';
import { messageAt } from '../../support/facts.ts';

interface Try {
  entry: OutboxEntry;
  accept: () => void;
  fail: (error: Error) => void;
}

function outboxOn(storage: OutboxStorage = new MemoryOutboxStorage(), clock = new ManualClock()) {
  const tries: Try[] = [];
  const sent: string[] = [];
  const outbox = new Outbox({
    storage,
    clock,
    random: () => 0.5,
    send: (entry) => new Promise<Message>((resolve, reject) => {
      tries.push({ entry, accept: () => resolve(messageAt(tries.length, { clientMsgId: entry.clientMsgId })), fail: reject });
    }),
    onSent: ({ clientMsgId }) => sent.push(clientMsgId),
    onChange: () => {},
  });
  return {
    outbox, clock, sent, tries,
    tried: () => tries.map(({ entry }) => entry.clientMsgId),
    async accept() {
      tries.at(-1)?.accept();
      await settled();
    },
    async fail(error: Error) {
      tries.at(-1)?.fail(error);
      await settled();
    },
  };
}

const owner = 'server tenant ann';
const ids = (entries: readonly OutboxEntry[]) => entries.map(({ clientMsgId }) => clientMsgId);

test('G5: of one room one message is in flight, in the order they were written', async () => {
  const world = outboxOn();
  for (const id of ['a', 'b', 'c']) world.outbox.add('room', id, id);
  await world.outbox.resume(owner);
  assert.deepEqual(world.tried(), ['a']);
  await world.accept();
  await world.accept();
  await world.accept();
  assert.deepEqual(world.tried(), ['a', 'b', 'c']);
  assert.deepEqual(world.sent, ['a', 'b', 'c']);
  assert.deepEqual(world.outbox.entries('room'), []);
});

test('one room does not wait for another', async () => {
  const world = outboxOn();
  await world.outbox.resume(owner);
  world.outbox.add('one', 'a', 'a');
  world.outbox.add('two', 'b', 'b');
  assert.deepEqual(world.tried(), ['a', 'b']);
});

test('G2, G5: what was not acknowledged goes first after a reconnect, with the same id', async () => {
  const world = outboxOn();
  await world.outbox.resume(owner);
  world.outbox.add('room', 'a', 'a');
  world.outbox.add('room', 'b', 'b');
  world.outbox.pause();
  await world.fail(new NotConnectedError());
  world.outbox.add('room', 'c', 'c');
  await world.outbox.resume(owner);
  await world.accept();
  await world.accept();
  assert.deepEqual(world.tried(), ['a', 'a', 'b', 'c']);
});

test('F5: a busy server is asked again after the time it has named, and nothing overtakes', async () => {
  const world = outboxOn();
  await world.outbox.resume(owner);
  world.outbox.add('room', 'a', 'a');
  world.outbox.add('room', 'b', 'b');
  await world.fail(new RequestRefusedError('rate_limited', 'Too fast.', { retryable: true, afterMs: 700 }));
  await world.clock.advance(699);
  assert.deepEqual(world.tried(), ['a']);
  await world.clock.advance(1);
  await world.accept();
  assert.deepEqual(world.tried(), ['a', 'a', 'b']);
});

test('a refused message stays with its sentence, and the next one goes', async () => {
  const world = outboxOn();
  await world.outbox.resume(owner);
  world.outbox.add('room', 'a', 'a');
  world.outbox.add('room', 'b', 'b');
  await world.fail(new RequestRefusedError('forbidden', 'You may not write here.'));
  assert.deepEqual(world.tried(), ['a', 'b']);
  assert.equal(world.outbox.entries('room')[0]?.error, 'You may not write here.');
  await world.accept();

  world.outbox.retry('room', 'a');
  assert.equal(world.outbox.entries('room')[0]?.error, undefined);
  await world.accept();
  assert.deepEqual(world.outbox.entries('room'), []);
});

test('G1: a message that is tried again is kept all the while: the page may end in between', async () => {
  const storage = new MemoryOutboxStorage();
  const world = outboxOn(storage);
  await world.outbox.resume(owner);
  world.outbox.add('room', 'a', 'a');
  await world.fail(new RequestRefusedError('forbidden', 'You may not write here.'));
  const kept: number[] = [];
  for (const step of ['put', 'remove'] as const) {
    const own = storage[step].bind(storage) as (...args: unknown[]) => Promise<void>;
    storage[step] = async (...args: unknown[]) => {
      await own(...args);
      kept.push((await storage.adopt(owner)).length);
    };
  }
  world.outbox.retry('room', 'a');
  await settled();
  assert.deepEqual(kept, [1]);
});

test('a discarded message is never sent', async () => {
  const storage = new MemoryOutboxStorage();
  const world = outboxOn(storage);
  world.outbox.add('room', 'a', 'a');
  world.outbox.discard('room', 'a');
  await world.outbox.resume(owner);
  assert.deepEqual(world.tried(), []);
  assert.deepEqual(await storage.adopt(owner), []);
});

test('G2: the message itself, seen in the room, is an acknowledgement', async () => {
  const world = outboxOn();
  await world.outbox.resume(owner);
  world.outbox.add('room', 'a', 'a');
  world.outbox.acknowledge('room', 'a');
  assert.deepEqual(world.outbox.entries('room'), []);
  await world.fail(new NotConnectedError());
  assert.deepEqual(world.tried(), ['a'], 'it is not sent again');
});

test('a reload loses nothing and keeps the order; what was refused is still refused', async () => {
  const storage = new MemoryOutboxStorage();
  const clock = new ManualClock();
  const before = outboxOn(storage, clock);
  await before.outbox.resume(owner);
  for (const id of ['a', 'b', 'c']) before.outbox.add('room', id, id);
  await before.fail(new RequestRefusedError('forbidden', 'No.'));
  before.outbox.close();

  const after = outboxOn(storage, clock);
  after.outbox.add('room', 'd', 'd');
  await after.outbox.resume(owner);
  assert.deepEqual(ids(after.outbox.entries('room')), ['a', 'b', 'c', 'd']);
  assert.equal(after.outbox.entries('room')[0]?.error, 'No.');
  for (const _ of 'bcd') await after.accept();
  assert.deepEqual(after.tried(), ['b', 'c', 'd']);
});

test('G5: what another living page adds to what was taken over from it comes after that', async () => {
  const storage = new MemoryOutboxStorage();
  const clock = new ManualClock();
  const there = outboxOn(storage, clock);
  await there.outbox.resume(owner);
  there.outbox.add('room', 'a', 'a');
  const here = outboxOn(storage, clock);
  await here.outbox.resume(owner);
  here.outbox.pause();
  await here.fail(new NotConnectedError());
  here.outbox.add('room', 'd', 'd');
  there.outbox.add('room', 'b', 'b');
  await here.outbox.resume(owner);
  assert.deepEqual(ids(here.outbox.entries('room')), ['a', 'b', 'd']);
});

test('G8: what one person has left waiting is not sent, nor shown, as another', async () => {
  const world = outboxOn();
  await world.outbox.resume(owner);
  world.outbox.add('room', 'a', 'a');
  await world.outbox.resume('server tenant bob');
  assert.deepEqual(world.outbox.entries('room'), []);
  assert.deepEqual(world.tried(), ['a']);
  await world.outbox.resume(owner);
  assert.deepEqual(ids(world.outbox.entries('room')), ['a']);
});

test('a storage that hangs does not stop sending for long', async () => {
  const hanging: OutboxStorage = {
    adopt: () => new Promise(() => {}), put: () => new Promise(() => {}), remove: () => new Promise(() => {}), release() {},
  };
  const world = outboxOn(hanging);
  world.outbox.add('room', 'a', 'a');
  const resumed = world.outbox.resume(owner);
  await world.clock.advance(2_000);
  await resumed;
  assert.deepEqual(world.tried(), ['a']);
});
