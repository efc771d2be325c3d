import assert from 'node:assert/strict';
import { it } from 'node:test';
import { limits, rhythms } from '#protocol/codes';
import { MemoryStore } from '../../../server/store/memory-store.ts';
import { seqs } from '../../support/facts.ts';
import { ServerWorld, until } from '../../support/server-world.ts';

/** A store whose readers of pages wait until they are let go. */
class SlowStore extends MemoryStore {
  readonly #waiting: (() => void)[] = [];
  isSlow = false;

  get waiting(): number {
    return this.#waiting.length;
  }

  letGo(): void {
    for (const go of this.#waiting.splice(0)) go();
  }

  /** The page is read at once and handed out late: what is committed meanwhile is not in it. */
  override async history(...input: Parameters<MemoryStore['history']>): ReturnType<MemoryStore['history']> {
    return this.#late(await super.history(...input));
  }

  override async changes(...input: Parameters<MemoryStore['changes']>): ReturnType<MemoryStore['changes']> {
    return this.#late(await super.changes(...input));
  }

  async #late<T>(value: T): Promise<T> {
    if (this.isSlow) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return value;
  }
}

it('R2: what is committed while a room is being opened comes after the answer: nothing lost, nothing before it', async () => {
  const store = new SlowStore();
  const world = await ServerWorld.start({ store });
  const room = await world.group('garden', 'ann', 'ben');
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
  await ann.send(room, 'before');
  store.isSlow = true;
  const answer = ben.begin('room.open', { room });
  await until(() => store.waiting === 1, 'the page being read');
  const sent = [await ann.send(room, 'while one'), await ann.send(room, 'while two')];
  await ann.quiet();
  assert.deepEqual(ben.facts(room), [], 'nothing before the answer');
  store.letGo();
  await until(() => answer()?.kind === 'ok' && ben.facts(room).length === 2, 'the answer, and what came meanwhile');
  sent.push(await ann.send(room, 'after'));
  await until(() => ben.facts(room).length === 3, 'what comes after');
  assert.deepEqual(ben.facts(room).map(({ seq }) => seq), sent.map(({ message }) => message.seq));
  const kinds = ben.frames.filter(({ kind }) => kind === 'ok' || kind === 'facts').map(({ kind }) => kind);
  assert.equal(kinds[0], 'ok');
  const opened = answer();
  assert.ok(opened?.kind === 'ok');
  const upTo = opened.data['upTo'] as number;
  assert.equal(upTo + 1, ben.facts(room)[0]!.seq, 'without a hole');
  await world.close();
});

it('R10: who is taken out while they open a room gets no answer of it, and not a fact', async () => {
  const store = new SlowStore();
  const world = await ServerWorld.start({ store });
  const room = await world.group('garden', 'ann', 'ben');
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
  await ann.send(room, 'secret');
  store.isSlow = true;
  const answer = ben.begin('room.open', { room });
  await until(() => store.waiting === 1, 'the page being read');
  await ann.ask('member.remove', { room, user: 'ben' });
  await ann.send(room, 'more secrets');
  store.letGo();
  await until(() => answer() !== undefined, 'the answer');
  assert.equal((answer() as { code: string }).code, 'not_found');
  assert.equal(ben.all('room.gone').length, 1);
  await ben.quiet();
  const afterGone = ben.frames.slice(ben.frames.findIndex(({ kind }) => kind === 'room.gone') + 1);
  assert.ok(!JSON.stringify(afterGone).includes('secret'));
  await world.close();
});

it('R10: after room.gone not one fact, head or marker of the room comes', async () => {
  const world = await ServerWorld.start();
  const room = await world.group('garden', 'ann', 'ben', 'cat');
  const [ann, ben, lister, cat] = [await world.connect('ann'), await world.connect('ben'), await world.connect('ben'), await world.connect('cat')];
  await Promise.all([ben, cat].map((peer) => peer.ask('room.open', { room })));
  await ann.send(room, 'one');
  // In one turn: the batch with both is on its way when the removal is.
  const answers = [
    ann.begin('message.send', { room, clientMsgId: 'two', text: 'two' }),
    ann.begin('member.remove', { room, user: 'ben' }),
    ann.begin('message.send', { room, clientMsgId: 'three', text: 'three' }),
    ann.begin('room.read', { room, seq: 4 }),
  ];
  await until(() => answers.every((answer) => answer() !== undefined), 'all answers');
  await until(() => cat.facts(room).length >= 4, 'all of it, where one is still in the room');
  await world.clock.advance(15_000);
  for (const peer of [ben, lister]) {
    assert.equal(peer.all('room.gone').length, 1);
    const afterGone = peer.frames.slice(peer.frames.findIndex(({ kind }) => kind === 'room.gone') + 1);
    assert.deepEqual(afterGone.filter((frame) => JSON.stringify(frame).includes(room)), []);
    assert.equal(await peer.refusal('room.open', { room }), 'not_found');
  }
  await world.close();
});

it('R3: a cursor of the epoch is answered with what changed, in pages; one that leads nowhere with reset', async () => {
  const world = await ServerWorld.start();
  const room = await world.group('garden', 'ann', 'ben');
  await world.store.importMessages('default', room, Array.from({ length: 450 }, (_, index) => ({
    senderId: 'ann', clientMsgId: `i${index}`, text: `text ${index}`, at: world.clock.now(),
  })));
  const ben = await world.connect('ben');
  const fresh = await ben.ask('room.open', { room });
  assert.equal(fresh.reset, false);
  assert.equal(fresh.page?.messages.length, 50);
  const { epoch, seq } = fresh.room;
  const close = await ben.ask('room.open', { room, epoch, after: seq - 3 });
  assert.deepEqual([close.reset, close.changes?.facts.length, close.changes?.more, close.upTo], [false, 3, false, seq]);
  const far = await ben.ask('room.open', { room, epoch, after: seq - 450 });
  assert.deepEqual([far.changes?.facts.length, far.changes?.more, far.upTo], [limits.changesPage, true, seq - 450 + limits.changesPage]);
  let after = far.upTo;
  for (let more = true; more; ) {
    const { changes } = await ben.ask('room.changes', { room, epoch, after });
    after = changes!.upTo;
    more = changes!.more;
  }
  assert.equal(after, seq);
  for (const cursor of [{ epoch: 'another', after: seq }, { epoch, after: seq + 1 }]) {
    const answer = await ben.ask('room.open', { room, ...cursor });
    assert.ok(answer.reset && answer.page && !answer.changes);
    assert.deepEqual(await ben.ask('room.changes', { room, ...cursor }), { reset: true });
  }
  await world.store.importMessages('default', room, Array.from({ length: limits.resetAfter }, (_, index) => ({
    senderId: 'ann', clientMsgId: `j${index}`, text: `text ${index}`, at: world.clock.now(),
  })));
  assert.equal((await ben.ask('room.open', { room, epoch, after: seq })).reset, false, 'just within reach');
  assert.equal((await ben.ask('room.open', { room, epoch, after: seq - 1 })).reset, true, 'one too far');
  await world.close();
});

for (const learns of ['when the heads are told', 'by the next fact'] as const) {
  it(`R3, R10: a restored backup, learnt of ${learns}, voids every place in the log, and who is not in it is out`, async () => {
    const storeOf = (epoch: string): SlowStore => {
      const ids = ['the-room', epoch];
      return new SlowStore({ newId: () => ids.shift()! });
    };
    const [lost, backup] = [storeOf('lost'), storeOf('restored')];
    let current = lost;
    const store = new Proxy(lost, { get: (_, name) => (current[name as keyof SlowStore] as () => void).bind(current) });
    const world = await ServerWorld.start({ store });
    const room = await world.group('garden', 'ann', 'ben');
    await backup.createRoom('default', { kind: 'group', members: ['ann'] });
    const [ann, ben, late] = [await world.connect('ann'), await world.connect('ben'), await world.connect('ann')];
    for (const peer of [ann, ben]) await peer.ask('room.open', { room });
    for (let index = 0; index < 10; index++) await ann.send(room, `lost ${index}`);
    lost.isSlow = true;
    const answer = late.begin('room.open', { room });
    await until(() => lost.waiting === 1, 'the page being read');
    current = backup;
    if (learns === 'by the next fact') {
      // It stands where the next fact of the lost epoch would.
      await backup.importMessages('default', room, seqs(1, 11).map((index) => ({ senderId: 'ann', clientMsgId: `i${index}`, text: 'kept', at: 1 })));
      await ann.send(room, 'first');
    }
    await world.clock.advance(rhythms.headsMs);
    await ben.next('room.gone');
    assert.equal(ann.heads(room).at(-1)?.epoch, 'restored');
    assert.ok(!JSON.stringify(ann.all('facts')).includes('first'), 'nothing of one epoch comes under the name of the other');
    lost.letGo();
    await until(() => answer() !== undefined, 'the answer of the lost epoch');
    for (const peer of [ann, ben, late]) peer.clear();
    const { message } = await ann.send(room, 'second');
    for (const peer of [ann, late]) {
      const { epoch, facts } = await peer.next('facts');
      assert.deepEqual([epoch, facts.map(({ seq }) => seq)], ['restored', [message.seq]]);
    }
    await ben.quiet();
    assert.deepEqual(ben.all('facts'), []);
    await world.close();
  });
}

it('R6: catching up leaves out what is over', async () => {
  const world = await ServerWorld.start();
  const room = await world.group('garden', 'ann');
  const ann = await world.connect('ann');
  const { room: { epoch, seq } } = await ann.ask('room.open', { room });
  const { message } = await ann.send(room, 'oh no');
  await ann.ask('message.delete', { room, seq: message.seq });
  const { changes } = await ann.ask('room.changes', { room, epoch, after: seq });
  assert.deepEqual(changes!.facts.map((fact) => fact.kind === 'message' && fact.message.text), ['']);
  assert.equal(changes!.upTo, seq + 2);
  await world.close();
});

it('opening again goes on from the new cursor, closing ends it, and there may be so many open rooms', async () => {
  const world = await ServerWorld.start({ limits: { roomsPerConnection: 2 } });
  const rooms = await Promise.all(['one', 'two', 'three'].map((name) => world.group(name, 'ann', 'ben')));
  const [one, two, three] = rooms as [string, string, string];
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
  await ben.ask('room.open', { room: one });
  await ben.ask('room.open', { room: two });
  assert.equal(await ben.refusal('room.open', { room: three }), 'too_large');
  await ben.ask('room.open', { room: one });
  await ann.send(one, 'to the open one');
  await until(() => ben.facts(one).length > 0, 'the fact');
  await ben.quiet();
  assert.equal(ben.facts(one).length, 1, 'once, though it was opened twice');
  await ben.ask('room.close', { room: one });
  await ann.send(one, 'to the closed one');
  await world.clock.advance(100);
  await until(() => ben.heads(one).some(({ messageCount }) => messageCount === 2), 'its head instead');
  assert.equal(ben.facts(one).length, 1);
  await ben.ask('room.open', { room: three });
  await world.close();
});

it('F4: a room that is closed while it is being opened is closed', async () => {
  const world = await ServerWorld.start();
  const room = await world.group('garden', 'ann', 'ben');
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
  const answers = [ben.begin('room.open', { room }), ben.begin('room.close', { room })];
  await until(() => answers.every((answer) => answer()?.kind === 'ok'), 'both answers');
  await ann.send(room, 'hello');
  await ben.next('heads');
  assert.deepEqual(ben.facts(room), [], 'its head and not its facts, as of any room that is not open');
  await world.close();
});

it('G9: rooms that are opened at once are counted too', async () => {
  const world = await ServerWorld.start({ limits: { roomsPerConnection: 2 } });
  const rooms = await Promise.all(['one', 'two', 'three', 'four'].map((name) => world.group(name, 'ann')));
  const ann = await world.connect('ann');
  const answers = await Promise.all(rooms.map((room) => ann.refusal('room.open', { room })));
  assert.deepEqual(answers, ['ok', 'ok', 'too_large', 'too_large']);
  await world.close();
});

it('G9: what waits for a session that opens a room is bounded: over it, the session has to come back', async () => {
  const store = new SlowStore();
  const world = await ServerWorld.start({ store, limits: { sendBurst: 1_000, sendsPerSecond: 1_000, frameBurst: 1_000 } });
  const room = await world.group('garden', 'ann', 'ben');
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
  store.isSlow = true;
  ben.begin('room.open', { room });
  await until(() => store.waiting === 1, 'the page being read');
  for (let index = 0; index < 150 && !ben.closed; index++) await ann.send(room, 'x'.repeat(8_000), `m${index}`);
  await until(() => ben.closed !== undefined, 'the close');
  assert.equal(ben.closeCode(), 4208);
  store.letGo();
  await world.close();
});
