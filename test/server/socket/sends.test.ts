import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { limits } from '#protocol/codes';
import type { Store } from '../../../server/index.ts';
import { DatabaseTrouble } from '../../../server/store/database.ts';
import { MemoryStore } from '../../../server/store/memory-store.ts';
import { type Peer, ServerWorld, until } from '../../support/server-world.ts';

describe('sending messages', () => {
  let world: ServerWorld;
  let room: string;
  let ann: Peer;
  let ben: Peer;

  before(async () => {
    world = await ServerWorld.start();
    room = await world.group('garden', 'ann', 'ben');
    [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
    await ben.ask('room.open', { room });
  });
  after(() => world.close());

  it('G1: is acknowledged when the store has it, and told to who has the room open, with its author', async () => {
    const { message, duplicate } = await ann.send(room, 'hello');
    assert.equal(duplicate, false);
    assert.deepEqual(await world.store.message('default', room, message.seq), message);
    const frame = await ben.next('facts', ({ facts }) => facts.some(({ seq }) => seq === message.seq));
    assert.deepEqual(frame.facts, [{ seq: message.seq, kind: 'message', message }]);
    assert.deepEqual(frame.people, [{ id: 'ann', name: 'Ann' }]);
  });

  it('G2: twice with one id is one message, and the retry gets the first; another text is a conflict', async () => {
    const first = await ann.send(room, 'once', 'same-id');
    const second = await ann.send(room, 'once', 'same-id');
    assert.deepEqual(second, { message: first.message, duplicate: true });
    assert.equal(await ann.refusal('message.send', { room, clientMsgId: 'same-id', text: 'twice' }), 'conflict');
    await ben.quiet();
    assert.equal(ben.facts(room).filter((fact) => fact.kind === 'message' && fact.message.clientMsgId === 'same-id').length, 1);
  });

  it('text is data: it comes back as it was written', async () => {
    const text = ' <b>&amp;\u202E "quoted"\n\ttab \u{1F469}\u200D\u{1F680} __proto__ ';
    const { message } = await ann.send(room, text, 'data');
    assert.equal(message.text, text);
  });
});

it('G5, F4: what one session sends at once keeps its order, whatever the store takes for each', async () => {
  const clock = { now: () => Date.UTC(2026, 0, 1), monotonic: () => 0, after: () => () => {}, every: () => () => {} };
  const store = new MemoryStore({ clock });
  const append = store.appendMessage.bind(store);
  const begun: string[] = [];
  // The first ones take longest: without order they would come last.
  store.appendMessage = async (tenant, draft) => {
    const turns = 20 - begun.push(draft.text);
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    return append(tenant, draft);
  };
  const world = await ServerWorld.start({ store });
  const room = await world.group('order', 'ann');
  const ann = await world.connect('ann');
  const texts = Array.from({ length: 15 }, (_, index) => `text ${index}`);
  const answers = texts.map((text, index) => ann.begin('message.send', { room, clientMsgId: `m${index}`, text }));
  await until(() => answers.every((answer) => answer() !== undefined), 'all answers');
  const { messages } = await store.history('default', room, { limit: 50 });
  assert.deepEqual(messages.map(({ text }) => text), texts);
  assert.deepEqual(ann.all('ok').map(({ data }) => (data as { message: { text: string } }).message.text), texts, 'acknowledged in order too');
  await world.close();
});

it('F6: what is committed together goes out in one frame', async () => {
  const world = await ServerWorld.start();
  const people = Array.from({ length: 30 }, (_, index) => `p${index}`);
  const room = await world.group('crowd', 'reader', ...people);
  const reader = await world.connect('reader');
  await reader.ask('room.open', { room });
  const sessions = await Promise.all(people.map((id) => world.connect(id)));
  const answers = sessions.map((session, index) => session.begin('message.send', { room, clientMsgId: `m${index}`, text: `text ${index}` }));
  await until(() => answers.every((answer) => answer() !== undefined) && reader.facts(room).length === 30, 'all messages');
  assert.ok(reader.all('facts').length <= 3, `${reader.all('facts').length} frames for one batch`);
  const seqs = reader.facts(room).map(({ seq }) => seq);
  assert.deepEqual(seqs, [...seqs].sort((one, other) => one - other), 'G4: in the order of the log');
  await world.close();
});

it('F5: a person may send so many to a room, and is told when to go on; another room is not touched', async () => {
  const world = await ServerWorld.start();
  const [busy, calm] = [await world.group('busy', 'ann', 'ben'), await world.group('calm', 'ann')];
  const [ann, alsoAnn, ben] = [await world.connect('ann'), await world.connect('ann'), await world.connect('ben')];
  for (let index = 0; index < limits.sendBurst; index++) await (index % 2 ? ann : alsoAnn).send(busy, `text ${index}`);
  const refusal = await ann.answerTo('message.send', { room: busy, clientMsgId: 'one-more', text: 'one more' });
  assert.ok(refusal.kind === 'error' && refusal.code === 'rate_limited' && refusal.retry && refusal.afterMs! > 0);
  await ann.send(calm, 'elsewhere');
  await ben.send(busy, 'someone else');
  await world.clock.advance(refusal.afterMs!);
  await ann.send(busy, 'one more', 'one-more');
  await world.close();
});

it('F8: what goes wrong inside is told without its details, and nothing of it was sent to anyone', async () => {
  const store: Store = new MemoryStore();
  store.appendMessage = () => Promise.reject(new Error('SQLITE_FULL: INSERT INTO messages VALUES (secret words)'));
  const world = await ServerWorld.start({ store });
  const room = await world.group('full', 'ann', 'ben');
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
  await ben.ask('room.open', { room });
  const answer = await ann.answerTo('message.send', { room, clientMsgId: 'x', text: 'words' });
  assert.ok(answer.kind === 'error' && answer.code === 'internal' && answer.retry);
  assert.doesNotMatch(answer.message, /SQL|secret/);
  await ben.quiet();
  assert.deepEqual(ben.facts(room), []);
  await world.close();
});

it('F8: a database in trouble is told as that, on the socket and by REST, and the log knows why', async () => {
  const store: Store = new MemoryStore();
  store.appendMessage = () => Promise.reject(new DatabaseTrouble('unavailable', new Error('SQLITE_FULL: database or disk is full')));
  const world = await ServerWorld.start({ store });
  const room = await world.group('full', 'ann');
  const ann = await world.connect('ann');
  const answer = await ann.answerTo('message.send', { room, clientMsgId: 'x', text: 'words' });
  assert.ok(answer.kind === 'error' && answer.code === 'unavailable' && answer.retry);
  assert.doesNotMatch(answer.message, /SQL/);
  const response = await world.server.app.request(`/api/v1/rooms/${room}/messages`, {
    method: 'POST', headers: { authorization: `Bearer ${await world.token('ann')}` }, body: '{"clientMsgId":"x","text":"words"}',
  });
  assert.equal(response.status, 503);
  assert.equal(world.log.filter((line) => line.includes('SQLITE_FULL')).length, 1, 'once, however many ask');
  await world.close();
});

it('R11: only its author takes a message back; its place stays, its text is gone, and twice is once', async () => {
  const world = await ServerWorld.start();
  const room = await world.group('regret', 'ann', 'ben');
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
  await ben.ask('room.open', { room });
  const { message } = await ann.send(room, 'oh no');
  assert.equal(await ben.refusal('message.delete', { room, seq: message.seq }), 'forbidden');
  const { message: tombstone } = await ann.ask('message.delete', { room, seq: message.seq });
  assert.equal(tombstone.text, '');
  assert.equal(tombstone.seq, message.seq);
  assert.ok(tombstone.deletedAt !== undefined && tombstone.changedSeq > message.seq);
  await until(() => ben.facts(room).length === 2, 'the deletion');
  await ann.ask('message.delete', { room, seq: message.seq });
  await ben.quiet();
  assert.equal(ben.facts(room).length, 2);
  assert.equal(await ann.refusal('message.delete', { room, seq: 9_999 }), 'not_found');
  await world.close();
});
