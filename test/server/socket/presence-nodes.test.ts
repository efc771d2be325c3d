import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rhythms } from '#protocol/codes';
import { loneBus, type MemoryBroker } from '../../../server/bus/memory-bus.ts';
import { allTopics, topicOf } from '../../../server/bus/topics.ts';
import type { PresenceFrame } from '../../../server/socket/bus-frames.ts';
import { OtherNodes } from '../../../server/socket/presence-nodes.ts';
import { PresenceReporter } from '../../../server/socket/presence-reporter.ts';
import { ManualClock, settled } from '../../support/clock.ts';
import { type Peer, ServerWorld } from '../../support/server-world.ts';

const leaseMs = 15_000;
const beatMs = 5_000;
const graceMs = rhythms.presenceGraceMs;

/** Everything that goes over the bus, as one more node hears it. */
function overheard(broker: MemoryBroker): { kind: string; [field: string]: unknown }[] {
  const frames: { kind: string }[] = [];
  const bus = broker.bus();
  for (const topic of allTopics) void bus.subscribe(topic);
  bus.onDelivery((_topic, payload) => frames.push(JSON.parse(payload) as { kind: string }));
  return frames;
}

/** One person on each node, all in one room; each node knows of the others. */
async function nodesWith(...people: string[]): Promise<{ world: ServerWorld; peers: Peer[]; room: string }> {
  const world = await ServerWorld.start({}, { nodes: people.length });
  const room = await world.group('garden', ...people);
  const peers: Peer[] = [];
  for (const [index, id] of people.entries()) peers.push(await world.connect(id, { server: world.servers[index] }));
  await world.clock.advance(1_000);
  return { world, peers, room };
}

/** What a peer was told of who came and left, in order. */
function told(peer: Peer): string[] {
  return peer.all('presence').flatMap(({ online, offline }) => [...online.map((user) => `+${user}`), ...offline.map((user) => `-${user}`)]);
}

describe('P3: who is with other nodes', () => {
  it('is known to a node soon after it starts, without anybody being told twice', async () => {
    const { world, peers: [ann] } = await nodesWith('ann', 'ben', 'cat');
    const dan = await world.connect('dan', { server: await world.startServer() });
    await world.store.changeMembers('default', (await dan.ask('room.create', { type: 'direct', user: 'ann' })).room.id, {});
    assert.deepEqual(await dan.ask('presence.watch', { users: ['ann'] }), { online: [] }, 'it has only just begun to listen');
    await world.clock.advance(2_000);
    assert.deepEqual(told(dan), ['+ann']);
    assert.deepEqual(await ann!.ask('presence.watch', { users: ['ben', 'cat'] }), { online: ['ben', 'cat'] });
    await world.clock.advance(60_000);
    assert.deepEqual([told(dan), told(ann!)], [['+ann'], []]);
    await world.close();
  });

  it('costs one small frame for each node and beat while nobody comes or leaves, however many are there', async () => {
    const { world } = await nodesWith('ann', 'ben');
    for (let index = 0; index < 40; index++) await world.connect(`p${index}`);
    await world.clock.advance(1_000);
    const frames = overheard(world.broker);
    await world.clock.advance(6 * beatMs);
    assert.deepEqual(frames.map(({ kind }) => kind), Array.from({ length: 12 }, () => 'presence.alive'));
    await world.close();
  });

  it('is told as changes, many in one frame, and by tenant (G8)', async () => {
    const { world } = await nodesWith('ann', 'ben');
    const frames = overheard(world.broker);
    for (let index = 0; index < 30; index++) await world.connect(`p${index}`, { tenant: index % 2 === 0 ? 'one' : 'two' });
    await world.clock.advance(1_000);
    const changes = frames.filter(({ kind }) => kind === 'presence.changed');
    assert.ok(changes.length <= 3, `the first at once, the others together: ${changes.length}`);
    const online = (tenant: string) => changes.filter((frame) => frame['tenant'] === tenant).flatMap((frame) => frame['online'] as string[]);
    assert.deepEqual([online('one').length, online('two').length], [15, 15]);
    assert.ok(online('one').every((id) => Number(id.slice(1)) % 2 === 0));
    await world.close();
  });

  it('ends some time after a node said its last word, its lease and then the grace, and begins again with its next word', async () => {
    const { world, peers: [ann] } = await nodesWith('ann', 'ben');
    await ann!.ask('presence.watch', { users: ['ben'] });
    const heal = world.broker.drop(() => true);
    await world.clock.advance(leaseMs + graceMs - 1_000);
    assert.deepEqual(told(ann!), [], 'it may only be slow, and its people may come back elsewhere');
    await world.clock.advance(2 * beatMs + 2_000);
    assert.deepEqual(told(ann!), ['-ben']);
    heal();
    await world.clock.advance(beatMs + 2_000);
    assert.deepEqual(told(ann!), ['-ben', '+ben']);
    await world.close();
  });

  it('goes on without a blink for those who come to another node after theirs has gone away, and ends for those who do not', async () => {
    const { world, peers: [ann, , cat] } = await nodesWith('ann', 'ben', 'cat');
    await world.connect('dan', { server: world.servers[1] });
    await world.group('yard', 'ann', 'dan');
    await world.clock.advance(1_000);
    assert.deepEqual(await ann!.ask('presence.watch', { users: ['ben', 'dan'] }), { online: ['ben', 'dan'] });
    await world.servers[1]!.close();
    await world.clock.advance(graceMs - 2_000);
    await world.connect('ben', { server: world.servers[2] });
    await world.clock.advance(60_000);
    assert.deepEqual(told(ann!), ['-dan']);
    assert.equal(cat!.closed, undefined);
    await world.close();
  });

  it('goes on without a blink for those who move between living nodes within the grace', async () => {
    const { world, peers: [ann, ben] } = await nodesWith('ann', 'ben', 'cat');
    await ann!.ask('presence.watch', { users: ['ben'] });
    let before = ben!;
    for (const server of [2, 0, 1, 2]) {
      before.cut();
      await world.clock.advance(graceMs - 1_000);
      before = await world.connect('ben', { server: world.servers[server] });
      await world.clock.advance(60_000);
    }
    assert.deepEqual(told(ann!), []);
    before.cut();
    await world.clock.advance(graceMs + 2_000);
    assert.deepEqual(told(ann!), ['-ben']);
    await world.close();
  });

  it('is asked for again where a change was lost, and what was wrong is put right', async () => {
    const { world, peers: [ann] } = await nodesWith('ann', 'ben');
    await world.group('yard', 'ann', 'cat', 'dan');
    const cat = await world.connect('cat', { server: world.servers[1] });
    await world.clock.advance(1_000);
    await ann!.ask('presence.watch', { users: ['cat', 'dan'] });
    const heal = world.broker.drop((_topic, payload) => payload.includes('presence.changed'));
    cat.cut();
    await world.connect('dan', { server: world.servers[1] });
    await world.clock.advance(graceMs);
    heal();
    assert.deepEqual(told(ann!), ['+dan'], 'cat is within the grace, and all was asked for: it said nothing of cat');
    await world.clock.advance(2 * beatMs);
    assert.deepEqual(told(ann!), ['+dan', '-cat']);
    await world.close();
  });

  it('is asked for once more where the answer was lost in part', async () => {
    const { world, peers: [ann] } = await nodesWith('ann', 'ben');
    await world.group('yard', 'ann', 'zoe');
    for (let index = 0; index < 2; index++) await world.connect(`other${index}`, { tenant: `tenant${index}`, server: world.servers[1] });
    await world.clock.advance(1_000);
    await ann!.ask('presence.watch', { users: ['zoe'] });
    const isLost = (part: number) => (_topic: string, payload: string) => payload.includes('presence.changed') || payload.includes(`"part":${part}`);
    let heal = world.broker.drop(isLost(1));
    await world.connect('zoe', { server: world.servers[1] });
    await world.clock.advance(beatMs);
    heal();
    heal = world.broker.drop(isLost(0));
    await world.clock.advance(beatMs);
    assert.deepEqual(told(ann!), [], 'parts of two answers are not one answer');
    heal();
    await world.clock.advance(2 * beatMs);
    assert.deepEqual(told(ann!), ['+zoe']);
    await world.close();
  });

  it('is answered in frames of up to 500, once for all who ask at about the same time', async () => {
    const world = await ServerWorld.start({}, { nodes: 1 });
    await world.meet('ann');
    for (let index = 0; index < 1_100; index++) await world.connect(`p${index}`);
    const frames = overheard(world.broker);
    const askers = [];
    for (let node = 0; node < 3; node++) askers.push(await world.connect('ann', { server: await world.startServer(), tenant: 'other' }));
    await world.clock.advance(4_000);
    assert.equal(frames.filter(({ kind }) => kind === 'presence.ask').length >= 2 * askers.length, true, 'each has asked who is there, and then for all');
    const answers = frames.filter((frame) => frame.kind === 'presence.all' && frame['tenant'] === 'default');
    assert.equal(new Set(answers.map((frame) => frame['answer'])).size, 1);
    assert.deepEqual(answers.map((frame) => (frame['online'] as string[]).length), [500, 500, 100]);
    assert.deepEqual(answers.map((frame) => [frame['part'], frame['parts'], frame['tenant']]), [[0, 3, 'default'], [1, 3, 'default'], [2, 3, 'default']]);
    await world.close();
  });

  it('is as it was told before, also for who left just before the answer and came back just after it', async () => {
    const clock = new ManualClock();
    const people = new Set<string>();
    const frames: PresenceFrame[] = [];
    const reporter = new PresenceReporter({
      node: 'n', clock, mode: () => 'up', publish: (frame) => frames.push(frame), people: () => (people.size > 0 ? [['t', people]] : []),
    });
    const turn = async (isHere: boolean) => {
      people[isHere ? 'add' : 'delete']('ann');
      reporter.changed('t', 'ann', isHere);
      await settled();
    };
    await turn(true);
    reporter.asked();
    await turn(false);
    await clock.advance(200);
    await turn(true);
    await clock.advance(1_000);
    assert.deepEqual(frames.map((frame) => [frame.kind, 'online' in frame && frame.online]), [
      ['presence.changed', ['ann']], ['presence.changed', []], ['presence.all', []], ['presence.changed', ['ann']],
    ]);
    for (const isHere of [false, true, false]) await turn(isHere);
    await clock.advance(1_000);
    assert.equal(frames.length, 5, 'of who came and left in between nothing is told');
    reporter.close();
  });

  it('is not blamed on others where this node was asleep itself', async () => {
    const { world, peers: [ann] } = await nodesWith('ann', 'ben');
    await ann!.ask('presence.watch', { users: ['ben'] });
    world.clock.sleep(3_600_000);
    await world.clock.advance(2 * beatMs);
    assert.deepEqual(told(ann!), []);
    await world.close();
  });

  it('is heard of no more while the bus is down, kept for the lease and the grace, and asked for when it is up again', async () => {
    const { world, peers: [ann, ben] } = await nodesWith('ann', 'ben');
    await world.group('yard', 'ann', 'cat', 'dan');
    await ann!.ask('presence.watch', { users: ['ben', 'cat', 'dan'] });
    world.broker.down();
    await world.connect('cat', { server: world.servers[1] });
    await world.connect('dan');
    await world.clock.advance(leaseMs);
    assert.deepEqual(told(ann!), ['+dan'], 'of its own people it knows');
    world.broker.up();
    await world.clock.advance(2_000);
    assert.deepEqual(told(ann!), ['+dan', '+cat'], 'ben was there all the time');
    world.broker.down();
    await world.clock.advance(60_000);
    assert.deepEqual(told(ann!).slice(2).sort(), ['-ben', '-cat']);
    ben!.cut();
    await world.clock.advance(graceMs);
    world.broker.up();
    await world.clock.advance(2_000);
    assert.deepEqual(told(ann!).slice(4), ['+cat'], 'ben has left meanwhile');
    await world.close();
  });

  it('costs a lone server nothing: no word of it goes over a bus that leads nowhere', async () => {
    const bus = loneBus();
    const said: string[] = [];
    bus.publish = (_topic, payload) => said.push(payload);
    const world = await ServerWorld.start({ bus });
    await world.group('garden', 'ann', 'ben');
    const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
    await ann.ask('presence.watch', { users: ['ben'] });
    ben.cut();
    await world.clock.advance(60_000);
    assert.deepEqual(told(ann), ['-ben']);
    await world.close();
    assert.deepEqual(said, []);
  });

  it('is put right where somebody who can write to the broker has made something up', async () => {
    const { world, peers: [ann, ben] } = await nodesWith('ann', 'ben');
    await world.group('yard', 'ann', 'ben', 'cat');
    const frames = overheard(world.broker);
    await world.clock.advance(beatMs);
    const nodes = new Set(frames.map((frame) => String(frame['node'])));
    assert.equal(nodes.size, 2);
    await ann!.ask('presence.watch', { users: ['ben', 'cat'] });
    const stranger = world.broker.bus();
    const say = (frame: object) => stranger.publish(topicOf('', 'x'), JSON.stringify(frame));
    for (const node of nodes) {
      // Each of the two hears this of itself too, and knows better.
      say({ kind: 'presence.changed', node, version: 2, tenant: 'default', online: ['cat'], offline: ['ann', 'ben'] });
      say({ kind: 'presence.alive', node, version: Number.MAX_SAFE_INTEGER });
    }
    for (let turn = 0; turn < 5; turn++) await settled();
    await world.clock.advance(3 * beatMs);
    assert.deepEqual(told(ann!), ['+cat', '-ben', '+ben', '-cat']);
    await world.clock.advance(60_000);
    assert.equal(ben!.closed, undefined);
    ben!.cut();
    await world.clock.advance(graceMs + 2_000);
    assert.equal(told(ann!).at(-1), '-ben');
    await world.close();
    assert.equal(world.clock.timerCount, 0);
  });

  it('G9: is bounded, also where nodes and people are made up', async () => {
    const clock = new ManualClock();
    const asked = new Set<string>();
    let there = 0;
    const warnings: string[] = [];
    const log = { debug() {}, info() {}, error() {}, warn: (sentence: string) => void warnings.push(sentence) };
    const nodes = new OtherNodes({
      clock, log, ask: (node) => asked.add(node), came: () => void (there += 1), left: () => void (there -= 1),
    });
    for (let node = 0; node < 1_500; node++) nodes.heard({ kind: 'presence.alive', node: `node ${node}`, version: 3_000 });
    await clock.advance(1_000);
    assert.equal(asked.size, 1_000);
    for (let part = 0; part < 2_400; part++) {
      const online = Array.from({ length: 500 }, (_, id) => `${part} ${id}`);
      nodes.heard({ kind: 'presence.changed', node: 'node 0', version: part + 1, tenant: 'default', online, offline: [] });
    }
    assert.deepEqual([there, nodes.peopleCount, warnings.length], [1_000_000, 1_000_000, 1]);
    for (let beat = 0; beat < 8; beat++) nodes.beat();
    assert.deepEqual([there, nodes.peopleCount], [0, 0]);
    nodes.close();
    assert.equal(clock.timerCount, 0);
  });
});
