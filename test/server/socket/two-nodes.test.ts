import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rhythms } from '#protocol/codes';
import { allTopics } from '../../../server/bus/topics.ts';
import { MemoryStore } from '../../../server/store/memory-store.ts';
import { type Peer, ServerWorld, until } from '../../support/server-world.ts';

/** Two nodes on one store; ann is at the first, ben at the second. */
async function twoNodes(...others: string[]): Promise<{ world: ServerWorld; room: string; ann: Peer; ben: Peer }> {
  const world = await ServerWorld.start({}, { nodes: 2 });
  const room = await world.group('garden', 'ann', 'ben', ...others);
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben', { server: world.servers[1] })];
  await Promise.all([ann, ben].map((peer) => peer.ask('room.open', { room })));
  return { world, room, ann, ben };
}

function texts(peer: Peer, room: string): string[] {
  return peer.facts(room).map((fact) => (fact.kind === 'message' ? fact.message.text : fact.kind));
}

it('G4: two nodes on one store work as one: both sides see the same, in one order', async () => {
  const { world, room, ann, ben } = await twoNodes();
  for (let index = 0; index < 5; index++) await Promise.all([ann.send(room, `ann ${index}`), ben.send(room, `ben ${index}`)]);
  await until(() => ann.facts(room).length >= 10 && ben.facts(room).length >= 10, 'all messages');
  assert.deepEqual(ann.facts(room), ben.facts(room));
  const seqs = ann.facts(room).map(({ seq }) => seq);
  assert.deepEqual(seqs, seqs.map((_, index) => seqs[0]! + index), 'G3: without a hole, and none twice');
  await world.close();
});

it('G6: a ring of the bus that is lost in the middle is read from the log; no session sees the hole', async () => {
  const { world, room, ann, ben } = await twoNodes();
  await ann.send(room, 'one');
  await until(() => ben.facts(room).length === 1, 'the first');
  const heal = world.broker.drop(() => true);
  await ann.send(room, 'two');
  await ann.quiet();
  heal();
  await ann.send(room, 'three');
  await ann.quiet();
  assert.deepEqual(texts(ben, room), ['one'], 'what came after the hole is held');
  await world.clock.advance(50);
  await until(() => ben.facts(room).length === 3, 'the rest');
  assert.deepEqual(texts(ben, room), ['one', 'two', 'three']);
  assert.deepEqual(ben.all('facts').at(-1)!.people, [{ id: 'ann', name: 'Ann' }]);
  await world.close();
});

it('G6, R7: the last ring before a silence is lost, and healed when the heads are told', async () => {
  const { world, room, ann, ben } = await twoNodes();
  const heal = world.broker.drop(() => true);
  await ann.send(room, 'last words');
  await ann.quiet();
  heal();
  assert.deepEqual(texts(ben, room), []);
  await world.clock.advance(rhythms.headsMs);
  await until(() => ben.facts(room).length === 1, 'the fact');
  assert.deepEqual(texts(ben, room), ['last words']);
  const kinds = ben.frames.map(({ kind }) => kind);
  assert.ok(kinds.indexOf('facts') < kinds.indexOf('heads'), 'before the head that would make the client ask');
  await world.close();
});

it('G6: a gap that the bus tells of is healed at once', async () => {
  const { world, room, ann, ben } = await twoNodes();
  const heal = world.broker.drop(() => true);
  await ann.send(room, 'one');
  await ann.quiet();
  heal();
  world.broker.gap();
  await until(() => ben.facts(room).length === 1, 'the fact');
  await world.close();
});

it('R3: a node that missed more than can be read in one go tells its sessions by the head, and they ask', async () => {
  const { world, room, ann, ben } = await twoNodes();
  const { room: before } = await ben.ask('room.get', { room });
  await world.store.importMessages('default', room, Array.from({ length: 1_200 }, (_, index) => ({
    senderId: 'ann', clientMsgId: `i${index}`, text: `text ${index}`, at: world.clock.now(),
  })));
  await world.clock.advance(rhythms.headsMs);
  await until(() => ben.heads(room).length > 0, 'the head');
  assert.equal(ben.heads(room)[0]!.messageCount, 1_200);
  assert.deepEqual(await ben.ask('room.changes', { room, epoch: before.epoch, after: before.seq }), { reset: true });
  ben.clear();
  await ann.send(room, 'and on it goes');
  await until(() => texts(ben, room).includes('and on it goes'), 'live again');
  await world.close();
});

it('G7: who is taken out on one node is out on the other at once', async () => {
  const { world, room, ann, ben } = await twoNodes();
  await ann.ask('member.remove', { room, user: 'ben' });
  await ben.next('room.gone');
  await ann.send(room, 'secret');
  await ben.quiet();
  assert.deepEqual(ben.facts(room), []);
  assert.equal(await ben.refusal('message.send', { room, clientMsgId: 'x', text: 'still here?' }), 'not_found');
  await world.close();
});

it('G7: and within 32 s where the bus does not ring: open rooms by their heads, the rest by the age of what is known', async () => {
  const { world, room, ann, ben } = await twoNodes('cat');
  const cat = await world.connect('cat', { server: world.servers[1] });
  await cat.ask('room.get', { room });
  const heal = world.broker.drop(() => true);
  await ann.ask('member.remove', { room, user: 'ben' });
  await ann.ask('member.remove', { room, user: 'cat' });
  await ann.quiet();
  await world.clock.advance(rhythms.headsMs);
  await until(() => ben.all('room.gone').length === 1, 'room.gone');
  heal();
  await world.clock.advance(22_000);
  assert.equal(await cat.refusal('history', { room }), 'not_found');
  await ann.send(room, 'secret');
  await world.clock.advance(200);
  for (const peer of [ben, cat]) {
    await peer.quiet();
    assert.ok(!JSON.stringify(peer.frames).includes('secret'));
  }
  await world.close();
});

it('R10: an entry of the list that is being read when its reader is taken out is not told', async () => {
  const store = new MemoryStore();
  const read: (() => void)[] = [];
  const summary = store.summary.bind(store);
  let isSlow = false;
  store.summary = async (...input) => {
    const found = await summary(...input);
    if (isSlow) await new Promise<void>((resolve) => read.push(resolve));
    return found;
  };
  const world = await ServerWorld.start({ store }, { nodes: 2 });
  const room = await world.group('garden', 'ann');
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben', { server: world.servers[1] })];
  isSlow = true;
  await ann.ask('member.add', { room, users: ['ben'] });
  await until(() => read.length >= 2, 'the entries of ann and ben being read');
  await ann.ask('member.remove', { room, user: 'ben' });
  await ben.next('room.gone');
  isSlow = false;
  for (const go of read) go();
  await ben.quiet();
  assert.deepEqual(ben.all('room'), []);
  await world.close();
});

it('R10: a marker of who is out comes late over the bus, and is not told', async () => {
  const { world, room, ann, ben } = await twoNodes();
  await ann.ask('member.remove', { room, user: 'ben' });
  await ben.next('room.gone');
  const late = JSON.stringify({ kind: 'read', tenant: 'default', room, user: 'ben', readSeq: 2, readCount: 0, unread: 7 });
  for (const topic of allTopics) world.broker.bus().publish(topic, late);
  await ben.quiet();
  assert.deepEqual(ben.all('read'), []);
  await world.close();
});

it('R10, G7: a marker of who was taken out meanwhile is not told either where nobody knows who is in the room', async () => {
  const { world, room, ann, ben } = await twoNodes();
  // A third node, on which neither has the room open: it has never asked who is in it.
  const elsewhere = await world.connect('ben', { server: await world.startServer() });
  const append = world.store.appendMessage.bind(world.store);
  let release = (): void => {};
  world.store.appendMessage = async (...input) => {
    await new Promise<void>((resolve) => (release = resolve));
    return append(...input);
  };
  ben.begin('message.send', { room, clientMsgId: 'late', text: 'late' });
  await ben.quiet();
  await ann.ask('member.remove', { room, user: 'ben' });
  await until(() => ben.all('room.gone').length > 0 && elsewhere.all('room.gone').length > 0, 'the end of the room');
  // What is known is old by now, and read again by nobody.
  await world.clock.advance(31_000);
  elsewhere.clear();
  release();
  await ann.quiet();
  await elsewhere.quiet();
  assert.deepEqual(elsewhere.all('read'), []);
  await world.close();
});

it('P3, P4, P5: presence, typing and markers cross the nodes', async () => {
  const { world, room, ann, ben } = await twoNodes();
  await world.clock.advance(1_000);
  assert.deepEqual(await ann.ask('presence.watch', { users: ['ben'] }), { online: ['ben'] });
  const phone = await world.connect('ben');
  ben.say({ kind: 'typing', room, active: true });
  await ann.next('typing', ({ user }) => user.id === 'ben');
  const { message } = await ann.send(room, 'one');
  await ben.ask('room.read', { room, seq: message.seq });
  await phone.next('read', ({ unread }) => unread === 0);
  await ann.next('seen', ({ cursors }) => cursors.some(([user, seq]) => user === 'ben' && seq === message.seq));
  ben.cut();
  phone.cut();
  await world.clock.advance(rhythms.presenceGraceMs + 1_000);
  assert.deepEqual(ann.all('presence'), [{ kind: 'presence', online: [], offline: ['ben'] }]);
  await world.close();
});

it('G8: what a stranger writes onto the bus is dropped, and the node stays up', async () => {
  const { world, room, ann, ben } = await twoNodes();
  const stranger = world.broker.bus();
  const { room: summary } = await ann.ask('room.get', { room });
  const message = { seq: 9_000, changedSeq: 9_000, ordinal: 1, senderId: 'ann', clientMsgId: 'x', text: 'never said', at: 1 };
  const head = { room, epoch: summary.epoch, seq: 9_000, messageCount: 1, deletedCount: 0, activeAt: 1 };
  for (const payload of [
    'not json', '{}', JSON.stringify({ kind: 'changed', tenant: 'default', room, facts: 'all of them' }),
    JSON.stringify({ kind: 'changed', tenant: 'default', room, facts: [{ seq: 9_000, kind: 'message', message }], people: [], head }),
    JSON.stringify({ kind: 'changed', tenant: 'other', room, facts: [{ seq: 9_000, kind: 'message', message }], people: [], head }),
  ]) for (const topic of allTopics) stranger.publish(topic, payload);
  await ann.quiet();
  const changes = world.store.changes.bind(world.store);
  let reads = 0;
  world.store.changes = (...input) => {
    reads += 1;
    return changes(...input);
  };
  await world.clock.advance(1_000);
  assert.ok(reads <= 2, `looked for in the log once by each node, and not ${reads} times`);
  await ann.send(room, 'really said');
  await until(() => texts(ben, room).includes('really said'), 'the message');
  assert.deepEqual(texts(ben, room), ['really said']);
  await world.close();
});

it('G6: clients go on where they were when their server is replaced by another', async () => {
  const world = await ServerWorld.start();
  const room = await world.group('garden', 'ann', 'ben');
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
  const { room: { epoch } } = await ben.ask('room.open', { room });
  await ann.send(room, 'one');
  await until(() => ben.facts(room).length === 1, 'the first');
  const after = ben.facts(room)[0]!.seq;
  const unanswered = ann.begin('message.send', { room, clientMsgId: 'two', text: 'two' });
  await world.server.close();
  assert.equal(ben.closeCode(), 4200);
  const next = await world.startServer();
  const [annAgain, benAgain] = [await world.connect('ann', { server: next }), await world.connect('ben', { server: next })];
  const retry = await annAgain.send(room, 'two', 'two');
  assert.equal(retry.duplicate, unanswered() !== undefined);
  const opened = await benAgain.ask('room.open', { room, epoch, after });
  assert.equal(opened.reset, false);
  assert.deepEqual(opened.changes?.facts.map((fact) => fact.kind === 'message' && fact.message.text), ['two']);
  await world.close();
});
