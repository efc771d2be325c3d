import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { MessagePage } from '#protocol/models';
import { type Peer, ServerWorld } from '../../support/server-world.ts';

const count = 60;
const longest = '字'.repeat(8_000);
/** What F7 lets wait for a reader before it ends the session. */
const hardBytes = 1024 * 1024;

let world: ServerWorld;
let ben: Peer;
let room: string;
let epoch: string;
before(async () => {
  world = await ServerWorld.start();
  room = await world.group('novel', 'ann', 'ben');
  await world.store.importMessages('default', room, Array.from({ length: count }, (_, index) => (
    { senderId: 'ann', clientMsgId: `m${index}`, text: longest, at: index }
  )));
  ben = await world.connect('ben');
  epoch = (await world.store.room('default', room))!.epoch;
});
after(() => world.close());

function ordinals(page: MessagePage): number[] {
  assert.ok(Buffer.byteLength(JSON.stringify(page)) < hardBytes / 2, 'two such answers may wait for a reader');
  return page.messages.map(({ ordinal }) => ordinal);
}

const all = Array.from({ length: count }, (_, index) => index + 1);

it('F7: the newest page and those before it hold as many of the longest messages as a slow line takes, and leave none out', async () => {
  const { page } = await ben.ask('room.open', { room, limit: 50 });
  let pages = page!;
  let walked = ordinals(pages);
  assert.equal(walked.at(-1), count);
  while (pages.hasBefore) {
    ({ page: pages } = await ben.ask('history', { room, before: pages.messages[0]!.seq, limit: 50 }));
    walked = [...ordinals(pages), ...walked];
  }
  assert.deepEqual(walked, all);
});

it('F7: so do the pages after a message, and the page around one holds it', async () => {
  let walked: number[] = [];
  let cursor = 0;
  for (let hasAfter = true; hasAfter; ) {
    const { page } = await ben.ask('history', { room, after: cursor, limit: 50 });
    walked = [...walked, ...ordinals(page)];
    cursor = page.messages.at(-1)!.seq;
    ({ hasAfter } = page);
  }
  assert.deepEqual(walked, all);

  for (const middle of [1, 30, count]) {
    const { seq } = (await world.store.history('default', room, { limit: 100 })).messages[middle - 1]!;
    const { page } = await ben.ask('history', { room, around: seq, limit: 50 });
    const around = ordinals(page);
    assert.ok(around.includes(middle), `the page around ${middle} holds it`);
    assert.deepEqual(around, all.slice(around[0]! - 1, around.at(-1)), 'without a hole');
    assert.deepEqual([page.hasBefore, page.hasAfter], [around[0] !== 1, around.at(-1) !== count]);
  }
});

it('R3: so do changes, and a cursor that follows them misses nothing', async () => {
  const seqs: number[] = [];
  let cursor = 0;
  for (let more = true; more; ) {
    const { changes } = await ben.ask('room.changes', { room, epoch, after: cursor });
    assert.ok(Buffer.byteLength(JSON.stringify(changes)) < hardBytes / 2);
    seqs.push(...changes!.facts.map(({ seq }) => seq));
    ({ upTo: cursor, more } = changes!);
  }
  assert.deepEqual(seqs, Array.from({ length: cursor }, (_, index) => index + 1));
  assert.equal(cursor, (await world.store.room('default', room))!.seq);
});

it('F7: the list of rooms, whose last messages may all be long, comes in pages that fit, and each room once', async () => {
  const cat = await world.connect('cat');
  const rooms = await Promise.all(Array.from({ length: 30 }, (_, index) => world.group(`room ${index}`, 'cat')));
  for (const each of rooms) await cat.send(each, longest, 'last');
  const listed: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await cat.ask('rooms.list', { limit: 100, cursor });
    assert.ok(Buffer.byteLength(JSON.stringify(page)) < hardBytes / 2);
    listed.push(...page.rooms.map(({ id }) => id));
    if (page.next === undefined) break;
    cursor = page.next;
  }
  assert.deepEqual(listed.toSorted(), rooms.toSorted());
});

it('a page around a place in a room without messages has nothing before it or after it', async () => {
  const empty = await world.group('empty', 'ann', 'ben');
  const { page } = await ben.ask('history', { room: empty, around: 1, limit: 50 });
  assert.deepEqual(page, { messages: [], hasBefore: false, hasAfter: false, people: [] });
});
