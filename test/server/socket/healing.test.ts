import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rhythms } from '#protocol/codes';
import { topicOf } from '../../../server/bus/topics.ts';
import { ChatterError } from '../../../server/errors.ts';
import { MemoryStore } from '../../../server/store/memory-store.ts';
import { type Peer, ServerWorld, until } from '../../support/server-world.ts';

/** Two nodes on one store; ann is at the first, ben and cat at the second, where cat has only her list. */
async function twoNodes(store = new MemoryStore()): Promise<{ world: ServerWorld; room: string; ann: Peer; ben: Peer; cat: Peer }> {
  const world = await ServerWorld.start({ store }, { nodes: 2 });
  const room = await world.group('garden', 'ann', 'ben', 'cat');
  const [ann, ben, cat] = [await world.connect('ann'), await world.connect('ben', { server: world.servers[1] }), await world.connect('cat', { server: world.servers[1] })];
  await Promise.all([ann, ben].map((peer) => peer.ask('room.open', { room })));
  // What a node has only read it looks at once more: after that it follows.
  await world.clock.advance(rhythms.headsMs + 200);
  for (const peer of [ann, ben, cat]) {
    await peer.quiet();
    peer.clear();
  }
  return { world, room, ann, ben, cat };
}

function texts(peer: Peer, room: string): string[] {
  return peer.facts(room).map((fact) => (fact.kind === 'message' ? fact.message.text : fact.kind));
}

/** What the bus would carry, kept instead of carried until the undo. */
function kept(world: ServerWorld): { payloads: { topic: string; payload: string }[]; undo: () => void } {
  const payloads: { topic: string; payload: string }[] = [];
  const undo = world.broker.drop((topic, payload) => payloads.push({ topic, payload }) > 0);
  return { payloads, undo };
}

describe('G6, R5: rings that come in any order, or twice', () => {
  for (const [how, mixed] of Object.entries<(rings: number[]) => number[]>({
    'doubled': (rings) => rings.flatMap((ring) => [ring, ring]),
    'in reverse': (rings) => [...rings].reverse(),
    'the last first, the first twice': ([first, ...others]) => [others.at(-1)!, first!, ...others.slice(0, -1), first!],
    'without the middle': (rings) => rings.filter((_, index) => index !== 2),
  })) {
    it(`${how}: each session gets each fact once, in order`, async () => {
      const { world, room, ann, ben, cat } = await twoNodes();
      const sent = ['one', 'two', 'three', 'four', 'five'];
      const { payloads, undo } = kept(world);
      for (const text of sent) {
        await ann.send(room, text);
        await ann.quiet();
      }
      undo();
      const rings = payloads.filter(({ payload }) => payload.includes('"changed"'));
      assert.equal(rings.length, sent.length);
      const stranger = world.broker.bus();
      for (const at of mixed(rings.map((_, index) => index))) stranger.publish(rings[at]!.topic, rings[at]!.payload);
      await ben.quiet();
      await world.clock.advance(200);
      await until(() => ben.facts(room).length >= sent.length, 'all of them');
      await world.clock.advance(rhythms.headsMs);
      await ben.quiet();
      assert.deepEqual(texts(ben, room), sent);
      assert.equal(cat.heads(room).at(-1)!.lastMessage?.text, 'five');
      const seqs = cat.heads(room).map(({ seq }) => seq);
      assert.deepEqual(seqs, [...seqs].sort((a, b) => a - b), 'the list never goes back');
      await world.close();
    });
  }
});

describe('G6, R7: a ring that is lost for a room that stands in a list', () => {
  /** Nobody of the second node has the room open. */
  const closed = async (scene: ReturnType<typeof twoNodes>): ReturnType<typeof twoNodes> => {
    const { room, ben } = await scene;
    await ben.ask('room.close', { room });
    return scene;
  };

  it('is made up for within 10 s, once', async () => {
    const { world, room, ann, cat } = await closed(twoNodes());
    const heal = world.broker.drop(() => true);
    await ann.send(room, 'last words');
    await ann.quiet();
    heal();
    assert.deepEqual(cat.heads(room), []);
    await world.clock.advance(rhythms.headsMs + 200);
    await until(() => cat.heads(room).length === 1, 'the head');
    assert.equal(cat.heads(room)[0]!.lastMessage?.text, 'last words');
    await world.clock.advance(3 * rhythms.headsMs);
    await cat.quiet();
    assert.equal(cat.heads(room).length, 1);
    await world.close();
  });

  it('also where the clock of the node that wrote is behind by a quarter of a minute', async () => {
    const clocks = { behindMs: 0 };
    let now = (): number => 0;
    const store = new MemoryStore({ clock: { now: () => now() - clocks.behindMs, monotonic: () => 0, after: () => () => {}, every: () => () => {} } });
    const { world, room, ann, cat } = await closed(twoNodes(store));
    now = () => world.clock.now();
    await world.clock.advance(60_000);
    clocks.behindMs = 15_000;
    const heal = world.broker.drop(() => true);
    await ann.send(room, 'from the past');
    await ann.quiet();
    heal();
    await world.clock.advance(rhythms.headsMs + 200);
    await until(() => cat.heads(room).length === 1, 'the head');
    await world.close();
  });

  it('also where the database failed in the middle of it', async () => {
    const store = new MemoryStore();
    const { world, room, ann, cat } = await closed(twoNodes(store));
    const { heads } = MemoryStore.prototype;
    const fail = () => { store.heads = () => Promise.reject(new ChatterError('unavailable', 'Not now.')); };
    const heal = world.broker.drop(() => true);
    await ann.send(room, 'last words');
    await ann.quiet();
    heal();
    fail();
    await world.clock.advance(rhythms.headsMs + 200);
    store.heads = heads;
    await world.clock.advance(rhythms.headsMs + 200);
    await until(() => cat.heads(room).length === 1, 'the head');
    // Too long for the bus, which only says where it stands.
    fail();
    await ann.send(room, 'x'.repeat(5_000), 'long');
    await cat.quiet();
    await world.clock.advance(200);
    assert.equal(cat.heads(room).length, 1);
    store.heads = heads;
    await world.clock.advance(1_500);
    await until(() => cat.heads(room).length === 2, 'the head of the long one');
    await world.close();
  });

  it('also where somebody else came into the room before it was missed', async () => {
    const world = await ServerWorld.start({}, { nodes: 2 });
    const room = await world.group('garden', 'ann', 'ben', 'cat');
    const [ann, ben, cat] = [await world.connect('ann'), await world.connect('ben', { server: world.servers[1] }), await world.connect('cat', { server: world.servers[1] })];
    const heal = world.broker.drop(() => true);
    await ann.send(room, 'last words');
    await ann.quiet();
    heal();
    await ben.ask('room.open', { room });
    await world.clock.advance(rhythms.headsMs + 200);
    await until(() => cat.heads(room).length === 1, 'the head');
    await world.close();
  });

  for (const more of [300, 1_200]) {
    it(`G7, R10: with ${more} facts behind it, who was taken out is out, and who came is in`, async () => {
      const store = new MemoryStore();
      const { world, room, ann, ben, cat } = await closed(twoNodes(store));
      await world.meet('dan');
      const dan = await world.connect('dan', { server: world.servers[1] });
      const heal = world.broker.drop(() => true);
      await ann.ask('member.remove', { room, user: 'cat' });
      await ann.ask('member.add', { room, users: ['dan'] });
      for (let index = 0; index < more; index++) await store.appendMessage('default', { room, senderId: 'ann', clientMsgId: `m${index}`, text: 'secret' });
      await ann.quiet();
      heal();
      await world.clock.advance(rhythms.headsMs + 200);
      await until(() => cat.all('room.gone').length === 1, 'room.gone');
      await until(() => dan.all('room').length > 0, 'the room in the list of who came');
      assert.equal(await cat.refusal('history', { room }), 'not_found');
      assert.equal(await dan.refusal('history', { room }), 'ok');
      assert.equal(await ben.refusal('history', { room }), 'ok');
      await world.clock.advance(60_000);
      await cat.quiet();
      assert.ok(!JSON.stringify(cat.frames).includes('secret'));
      await world.close();
    });
  }

  it('where nothing was lost nothing is told twice, and no room is read', async () => {
    const store = new MemoryStore();
    const { world, room, ann, ben, cat } = await closed(twoNodes(store));
    for (const text of ['one', 'two']) await Promise.all([ann.send(room, `ann ${text}`), ben.send(room, `ben ${text}`)]);
    await ann.ask('room.rename', { room, name: 'Yard' });
    await until(() => cat.all('room').length > 0, 'the new name');
    await world.clock.advance(200);
    await cat.quiet();
    const told = cat.frames.length;
    const changes = store.changes.bind(store);
    let reads = 0;
    store.changes = (...input) => {
      reads += 1;
      return changes(...input);
    };
    await world.clock.advance(3 * rhythms.headsMs);
    const other = cat.frames.slice(told).filter(({ kind }) => kind !== 'heartbeat');
    assert.deepEqual([other, reads], [[], 0]);
    await world.close();
  });

  it('who came in sees the room, who went out does not, and a new name is there', async () => {
    const { world, room, ann, ben, cat } = await closed(twoNodes());
    const dan = await world.connect('dan', { server: world.servers[1] });
    const heal = world.broker.drop(() => true);
    await ann.ask('member.add', { room, users: ['dan'] });
    await ann.ask('member.remove', { room, user: 'cat' });
    await ann.ask('room.rename', { room, name: 'Yard' });
    const { room: made } = await ann.ask('room.create', { type: 'direct', user: 'dan' });
    await ann.quiet();
    heal();
    await world.clock.advance(rhythms.headsMs);
    await until(() => cat.all('room.gone').length === 1, 'room.gone');
    for (const wanted of [room, made.id]) await until(() => dan.all('room').some((frame) => frame.room.id === wanted), 'the rooms of dan');
    await until(() => ben.all('room').some((frame) => frame.room.name === 'Yard'), 'the new name');
    await ann.send(room, 'without cat');
    await world.clock.advance(2 * rhythms.headsMs);
    await cat.quiet();
    assert.deepEqual([cat.all('room.gone').length, cat.heads(room).length], [1, 0]);
    assert.ok(!JSON.stringify(cat.frames).includes('without cat'));
    await world.close();
  });
});

it('G2, G6: a retry rings again, where whoever took the first one died before it told of it', async () => {
  const { world, room, ann, ben, cat } = await twoNodes();
  await world.store.appendMessage('default', { room, senderId: 'ann', clientMsgId: 'once', text: 'taken, and not told' });
  assert.equal((await ann.send(room, 'taken, and not told', 'once')).duplicate, true);
  await until(() => ben.facts(room).length === 1, 'the fact');
  await world.clock.advance(100);
  await until(() => cat.heads(room).length === 1, 'the head');
  await ann.send(room, 'taken, and not told', 'once');
  await ann.quiet();
  await ben.quiet();
  assert.deepEqual([texts(ann, room), texts(ben, room)], [['taken, and not told'], ['taken, and not told']]);
  await world.close();
});

it('G6: a log that cannot be read when there is a hole is read a second later', async () => {
  const store = new MemoryStore();
  const { world, room, ann, ben } = await twoNodes(store);
  const heal = world.broker.drop(() => true);
  await ann.send(room, 'one');
  await ann.quiet();
  heal();
  const changes = store.changes.bind(store);
  store.changes = async () => { throw new Error('The database is away.'); };
  await ann.send(room, 'two');
  await ben.quiet();
  await world.clock.advance(100);
  store.changes = changes;
  await ben.quiet();
  assert.deepEqual(texts(ben, room), []);
  await world.clock.advance(1_000);
  await until(() => ben.facts(room).length === 2, 'both');
  assert.deepEqual(texts(ben, room), ['one', 'two']);
  await world.close();
});

it('G6: a list whose room cannot be looked up when its head comes is told a second after it can', async () => {
  const store = new MemoryStore();
  const { world, room, ann, cat } = await twoNodes(store);
  await world.clock.advance(31_000);
  const { payloads, undo } = kept(world);
  await ann.send(room, 'news');
  await ann.quiet();
  undo();
  const find = store.room.bind(store);
  store.room = async () => { throw new Error('The database is away.'); };
  const ring = payloads.find(({ payload }) => payload.includes('"changed"'))!;
  world.broker.bus().publish(ring.topic, ring.payload);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(cat.heads(room), []);
  store.room = find;
  await world.clock.advance(1_000);
  await until(() => cat.heads(room).length === 1, 'the head');
  await world.close();
});

it('R3: what was read of a log that a backup has replaced meanwhile is not told, and hides nothing of the new one', async () => {
  const storeOf = (epoch: string): MemoryStore => {
    const ids = ['the-room', epoch];
    return new MemoryStore({ newId: () => ids.shift()! });
  };
  const [lost, backup] = [storeOf('lost'), storeOf('restored')];
  let current = lost;
  const store = new Proxy(lost, { get: (_, name) => (current[name as keyof MemoryStore] as () => void).bind(current) });
  const world = await ServerWorld.start({ store }, { nodes: 2 });
  const room = await world.group('garden', 'ann', 'ben');
  await backup.createRoom('default', { kind: 'group', members: ['ann', 'ben'] });
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben', { server: world.servers[1] })];
  await Promise.all([ann, ben].map((peer) => peer.ask('room.open', { room })));
  const heal = world.broker.drop(() => true);
  for (const text of ['lost 1', 'lost 2', 'lost 3']) await ann.send(room, text);
  await ann.quiet();
  heal();
  const changes = lost.changes.bind(lost);
  const go: (() => void)[] = [];
  lost.changes = async (...input) => {
    const found = await changes(...input);
    await new Promise<void>((resolve) => go.push(resolve));
    return found;
  };
  await ann.send(room, 'lost 4');
  await ben.quiet();
  await world.clock.advance(50);
  await until(() => go.length === 1, 'the reading');
  current = backup;
  await ann.send(room, 'new 1');
  await ben.quiet();
  for (const next of go) next();
  await ben.quiet();
  ben.clear();
  await ann.send(room, 'new 2');
  const { epoch, facts } = await ben.next('facts');
  assert.deepEqual([epoch, facts.map((fact) => fact.kind === 'message' && fact.message.text)], ['restored', ['new 2']]);
  await world.close();
});

it('R2: a room that is opened while it is being caught up holds everything, once', async () => {
  const store = new MemoryStore();
  const { world, room, ann, cat } = await twoNodes(store);
  const heal = world.broker.drop(() => true);
  await ann.send(room, 'one');
  await ann.quiet();
  heal();
  const changes = store.changes.bind(store);
  const go: (() => void)[] = [];
  store.changes = async (...input) => {
    const found = await changes(...input);
    await new Promise<void>((resolve) => go.push(resolve));
    return found;
  };
  await ann.send(room, 'two');
  await cat.quiet();
  await world.clock.advance(50);
  await until(() => go.length === 1, 'the reading');
  const opened = await cat.ask('room.open', { room });
  store.changes = changes;
  await ann.send(room, 'three');
  for (const next of go) next();
  await until(() => texts(cat, room).includes('three'), 'what comes');
  await cat.quiet();
  const seen = [...opened.page!.messages.map(({ text }) => text), ...cat.facts(room).filter(({ seq }) => seq > opened.upTo).map((fact) => fact.kind === 'message' && fact.message.text)];
  assert.deepEqual(seen, ['one', 'two', 'three']);
  await world.close();
});

describe('what is long goes over the bus as a reference', () => {
  const long = 'x'.repeat(8_000);

  it('G6: it is read from the log, once for all sessions of a node; no payload has over 4 KiB', async () => {
    const store = new MemoryStore();
    const { world, room, ann, ben, cat } = await twoNodes(store);
    const benAgain = await world.connect('ben', { server: world.servers[1] });
    await benAgain.ask('room.open', { room });
    const changes = store.changes.bind(store);
    let reads = 0;
    store.changes = (...input) => {
      reads += 1;
      return changes(...input);
    };
    const sizes: number[] = [];
    world.broker.drop((_topic, payload) => sizes.push(Buffer.byteLength(payload)) < 0);
    await ann.send(room, long, 'long');
    await ann.send(room, 'short');
    for (const peer of [ben, benAgain]) await until(() => peer.facts(room).length === 2, 'both facts');
    assert.deepEqual(texts(ben, room).map((text) => text.length), [8_000, 5]);
    assert.ok(reads >= 1 && reads <= 2, `the log was read ${reads} times`);
    assert.ok(sizes.length >= 2 && sizes.every((size) => size <= 4_096), sizes.join());
    await world.clock.advance(200);
    await until(() => cat.heads(room).at(-1)?.lastMessage?.text === 'short', 'the head');
    await ann.send(room, long, 'long-again');
    await world.clock.advance(200);
    await until(() => cat.heads(room).at(-1)?.lastMessage?.clientMsgId === 'long-again', 'the head of the long one');
    await world.clock.advance(2 * rhythms.headsMs);
    const seqs = cat.heads(room).map(({ seq }) => seq);
    assert.deepEqual(seqs, [...new Set(seqs)], 'each once');
    await world.close();
  });

  it('a node where nobody is in the room reads nothing of it', async () => {
    const store = new MemoryStore();
    const world = await ServerWorld.start({ store }, { nodes: 2 });
    const room = await world.group('garden', 'ann');
    const [ann, ben] = [await world.connect('ann'), await world.connect('ben', { server: world.servers[1] })];
    const [changes, heads] = [store.changes.bind(store), store.heads.bind(store)];
    let reads = 0;
    store.changes = (...input) => (reads++, changes(...input));
    store.heads = (...input) => (reads++, heads(...input));
    await ann.send(room, long, 'long');
    await ben.quiet();
    await world.clock.advance(1_000);
    assert.equal(reads, 0);
    await world.close();
  });

  it('G7: who comes and goes is said all the same, and does not wait for the log', async () => {
    const store = new MemoryStore();
    const { world, room, ann, ben } = await twoNodes(store);
    const dan = await world.connect('dan', { server: world.servers[1] });
    // The head of the room is long now, and so is whatever is said with it.
    await ann.send(room, long, 'long');
    await until(() => ben.facts(room).length === 1, 'the long one');
    store.changes = () => new Promise(() => {});
    const kinds: string[] = [];
    world.broker.drop((_topic, payload) => kinds.push((JSON.parse(payload) as { kind: string }).kind) < 0);
    await ann.ask('member.add', { room, users: ['dan'] });
    await until(() => dan.all('room').length > 0, 'the room in the list of the newcomer');
    await ann.ask('member.remove', { room, user: 'ben' });
    await ben.next('room.gone');
    assert.deepEqual(kinds.filter((kind) => kind === 'moved' || kind === 'changed'), ['moved', 'moved']);
    await world.close();
  });

  it('G8: a reference that was made up is looked up once, and leads nowhere', async () => {
    const store = new MemoryStore();
    const { world, room, ann, ben } = await twoNodes(store);
    const { room: { epoch } } = await ann.ask('room.get', { room });
    const stranger = world.broker.bus();
    const changes = store.changes.bind(store);
    let reads = 0;
    store.changes = (...input) => (reads++, changes(...input));
    const say = (frame: object) => stranger.publish(topicOf('default', room), JSON.stringify({ kind: 'moved', tenant: 'default', room, epoch, seqs: [100], facts: [], ...frame }));
    say({});
    say({ seqs: [] });
    say({ seqs: ['many'] });
    say({ tenant: 'other' });
    say({ facts: [{ seq: 100, kind: 'message' }] });
    await ben.quiet();
    await world.clock.advance(5_000);
    assert.equal(reads, 2, 'by each node once');
    await ann.send(room, 'really said');
    await until(() => texts(ben, room).includes('really said'), 'the message');
    await world.close();
  });
});

it('R7: a head whose roster got too old while those of others were read is told all the same', async () => {
  const store = new MemoryStore();
  const world = await ServerWorld.start({ store }, { nodes: 2 });
  const [garden, kitchen] = [await world.group('garden', 'ann', 'cat'), await world.group('kitchen', 'ann', 'cat')];
  const [ann, cat] = [await world.connect('ann'), await world.connect('cat', { server: world.servers[1] })];
  await cat.ask('room.get', { room: kitchen });
  await world.clock.advance(100);
  await cat.ask('room.get', { room: garden });
  cat.clear();
  const { payloads, undo } = kept(world);
  for (const room of [garden, kitchen]) await ann.send(room, 'news', `news-${room}`);
  await ann.quiet();
  undo();
  const find = store.room.bind(store);
  // Reading the one takes so long that the other is too old by then.
  store.room = async (tenant, room) => {
    if (room === kitchen) world.clock.sleep(80);
    return find(tenant, room);
  };
  world.clock.sleep(29_950);
  const stranger = world.broker.bus();
  for (const { topic, payload } of payloads.filter(({ payload: text }) => text.includes('"changed"'))) stranger.publish(topic, payload);
  for (let turn = 0; turn < 5; turn++) await world.clock.advance(1_000);
  for (const room of [garden, kitchen]) assert.equal(cat.heads(room).filter(({ lastMessage }) => lastMessage?.text === 'news').length, 1, room === garden ? 'garden' : 'kitchen');
  await world.close();
});
