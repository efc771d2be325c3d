import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerFrame } from '../../../server/protocol/frames.ts';
import { type Guest, World } from '../../support/world.ts';

async function pair(world: World): Promise<{ ann: Guest; bob: Guest; room: string }> {
  const { guests: [ann, bob], room } = await world.meet('ann', 'bob');
  return { ann: ann!, bob: bob!, room };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));

/** Ann has written so much, by ways that no session sees. */
async function write(world: World, room: string, count: number): Promise<void> {
  await world.store.importMessages('main', room, numbers(count).map((text) => ({ senderId: 'ann', clientMsgId: text, text, at: 1 })));
}

test('G6: a lost frame of facts is asked for, within half a second of the next one', async () => {
  await using world = await World.start();
  const { ann, bob } = await pair(world);
  bob.link.dropNext(({ kind }) => kind === 'facts');
  ann.room.send('1');
  await world.settle();
  ann.room.send('2');
  await world.settle();
  assert.deepEqual(bob.texts, [], 'what lies behind the hole is held');
  await world.advance(500);
  assert.deepEqual(bob.texts, ['1', '2']);
});

test('a message of mine that was acknowledged before what precedes it is never out of sight, nor out of place', async () => {
  await using world = await World.start();
  const { ann, bob } = await pair(world);
  ann.link.dropNext(({ kind }) => kind === 'facts');
  bob.room.send('from Bob');
  await world.settle();
  ann.room.send('from Ann');
  const [pending] = ann.room.state.messages;
  await world.settle();
  assert.deepEqual(ann.texts, ['(pending) from Ann']);
  await world.advance(500);
  assert.deepEqual(ann.texts, ['from Bob', 'from Ann']);
  assert.equal(ann.room.state.messages[1]?.key, pending?.key);
});

test('G6: a lost last frame is noticed by the heads', async () => {
  await using world = await World.start();
  const { ann, bob } = await pair(world);
  ann.room.send('1');
  await world.settle();
  bob.link.meddle = (frame) => (frame.kind === 'facts' || frame.kind === 'heads' ? [] : [frame]);
  ann.room.send('2');
  await world.settle();
  bob.link.meddle = (frame) => [frame];
  assert.deepEqual(bob.texts, ['1']);
  await world.advance(12_000);
  assert.deepEqual(bob.texts, ['1', '2']);
});

test('R5: frames that come twice or out of order change nothing in the end', async () => {
  await using world = await World.start();
  const { ann, bob } = await pair(world);
  let kept: ServerFrame | undefined;
  bob.link.meddle = (frame) => {
    if (frame.kind !== 'facts') return [frame];
    if (!kept) {
      kept = frame;
      return [];
    }
    const late = kept;
    kept = undefined;
    return [frame, late, frame];
  };
  for (const text of numbers(6)) {
    ann.room.send(text);
    await world.settle();
  }
  assert.deepEqual(bob.texts, numbers(6));
  assert.equal(bob.link.sent.filter((kind) => kind === 'room.changes').length, 0, 'late frames have closed the holes');
});

test('R3: a short absence is caught up with the changes, and the window stays where it was', async () => {
  await using world = await World.start();
  const { ann, bob, room } = await pair(world);
  await write(world, room, 30);
  await world.advance(12_000);
  assert.deepEqual(bob.texts, numbers(30));
  const [first] = bob.room.state.messages;
  bob.link.cut();
  const [entry] = ann.room.state.messages;
  assert.ok(entry?.status === 'sent');
  await world.run(ann.room.delete(entry.message.seq));
  ann.room.send('while you were away');
  await world.settle();
  bob.link.heal();
  await world.advance(3_000);
  assert.deepEqual(bob.texts, ['(deleted)', ...numbers(30).slice(1), 'while you were away']);
  assert.equal(bob.room.state.messages[0]?.key, first?.key);
});

test('R3: a long absence resets to the newest page, and the hole is filled by scrolling back', async () => {
  await using world = await World.start();
  const { ann, bob, room } = await pair(world);
  ann.room.send('before');
  await world.settle();
  bob.link.cut();
  await write(world, room, 1_200);
  bob.link.heal();
  await world.advance(3_000);
  assert.equal(bob.texts.at(-1), '1200');
  assert.equal(bob.room.state.hasBefore, true);
  assert.equal(bob.texts.includes('before'), false, 'what lies before the hole is not glued to what lies after');
  while (bob.room.state.hasBefore) await world.run(bob.room.loadBefore());
  assert.deepEqual(bob.texts, ['before', ...numbers(1_200)]);
  ann.room.send('after');
  await world.advance(1_000);
  assert.equal(bob.texts.at(-1), 'after');
});

test('R6: what was written and deleted meanwhile comes as one tombstone, in its place', async () => {
  await using world = await World.start();
  const { ann, bob } = await pair(world);
  bob.link.cut();
  for (const text of ['1', '2', '3']) ann.room.send(text);
  await world.settle();
  const [first] = ann.room.state.messages;
  assert.ok(first?.status === 'sent');
  await world.run(ann.room.delete(first.message.seq));
  bob.link.heal();
  await world.advance(3_000);
  assert.deepEqual(bob.texts, ['(deleted)', '2', '3']);
  assert.equal(bob.room.state.hasAfter, false);
});

test('an absence of several pages is read on to the end', async () => {
  await using world = await World.start();
  const { bob, room } = await pair(world);
  bob.link.cut();
  await write(world, room, 900);
  bob.link.heal();
  await world.advance(3_000);
  assert.deepEqual(bob.texts, numbers(900));
});

test('what comes live is not glued to an older window, and is there when one comes to it', async () => {
  await using world = await World.start();
  const { ann, bob, room } = await pair(world);
  await write(world, room, 200);
  await world.advance(12_000);
  const { messages } = await world.store.history('main', room, { limit: 100, around: 20 });
  await world.run(bob.room.loadAround(messages[0]!.seq));
  assert.equal(bob.room.state.hasAfter, true);
  const lastBefore = bob.texts.at(-1);
  ann.room.send('news');
  const [tenth] = bob.room.state.messages;
  assert.ok(tenth?.status === 'sent');
  await world.run(ann.room.delete(tenth.message.seq));
  assert.equal(bob.texts.at(-1), lastBefore);
  assert.equal(bob.texts[0], '(deleted)', 'but changes of what is looked at are seen');
  while (bob.room.state.hasAfter) await world.run(bob.room.loadAfter());
  assert.equal(bob.texts.at(-1), 'news');
  while (bob.room.state.hasBefore) await world.run(bob.room.loadBefore());
  assert.equal(bob.texts.length, 201);
});

test('whoever writes while looking at an older window is brought to the end', async () => {
  await using world = await World.start();
  const { ann, room } = await pair(world);
  await write(world, room, 200);
  await world.advance(12_000);
  const { messages: [oldest] } = await world.store.history('main', room, { limit: 1, after: 0 });
  await world.run(ann.room.loadAround(oldest!.seq));
  ann.room.send('at the end');
  await world.settle();
  assert.equal(ann.texts.at(-1), 'at the end');
  assert.equal(ann.room.state.hasAfter, false);
  assert.equal(ann.texts.at(-2), '200');
});

test('what comes while a page is on its way is not lost, though the page was read before it', async () => {
  await using world = await World.start();
  const { ann, bob, room } = await pair(world);
  await write(world, room, 120);
  await world.advance(12_000);
  await world.run(bob.room.loadNewest());
  const held: ServerFrame[] = [];
  bob.link.meddle = (frame) => {
    if (frame.kind !== 'ok' || !('page' in frame.data)) return [frame];
    held.push(frame);
    return [];
  };
  const [first] = bob.room.state.messages;
  assert.ok(first?.status === 'sent');
  const { messages: [older] } = await world.store.history('main', room, { limit: 1, before: first.message.seq });
  const back = bob.room.loadBefore();
  await world.settle();
  ann.room.send('in between');
  await world.run(ann.room.delete(older!.seq));
  bob.link.meddle = (frame) => [frame];
  for (const frame of held) bob.link.bring(frame);
  await world.run(back);
  assert.equal(bob.texts.filter((text) => text === '(deleted)').length, 1);
  assert.equal(bob.texts.at(-1), 'in between');
});

test('a jump to the newest page misses nothing that came while it was on its way', async () => {
  await using world = await World.start();
  const { ann, bob, room } = await pair(world);
  await write(world, room, 120);
  await world.advance(12_000);
  const { messages: [oldest] } = await world.store.history('main', room, { limit: 1, after: 0 });
  await world.run(bob.room.loadAround(oldest!.seq));
  const held: ServerFrame[] = [];
  bob.link.meddle = (frame) => {
    if (frame.kind !== 'ok' || !('page' in frame.data)) return [frame];
    held.push(frame);
    return [];
  };
  const jump = bob.room.loadNewest();
  await world.settle();
  ann.room.send('in between');
  await world.settle();
  bob.link.meddle = (frame) => [frame];
  for (const frame of held) bob.link.bring(frame);
  await world.run(jump);
  assert.equal(bob.texts.at(-1), 'in between');
  assert.equal(bob.room.state.hasAfter, false);
});
