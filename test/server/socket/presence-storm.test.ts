import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rhythms } from '#protocol/codes';
import { Presence } from '../../../server/socket/presence.ts';
import { StormWatch } from '../../../server/socket/storm-watch.ts';
import { ManualClock, settled } from '../../support/clock.ts';
import { type Peer, ServerWorld } from '../../support/server-world.ts';

const graceMs = rhythms.presenceGraceMs;
/** Longer than any storm is remembered. */
const calmMs = 130_000;

/** Everybody is there, for so long that all is calm; ann, on the first node, watches the first 100 of the crowd. */
async function crowd(size: number, { nodes = 1, server = 0 } = {}): Promise<{ world: ServerWorld; ann: Peer; peers: Peer[]; ids: string[] }> {
  const world = await ServerWorld.start({}, { nodes });
  const ids = Array.from({ length: size }, (_, index) => `p${index}`);
  await world.group('crowd', 'ann', ...ids);
  const ann = await world.connect('ann');
  const peers = await Promise.all(ids.map((id) => world.connect(id, { server: world.servers[server] })));
  await world.clock.advance(calmMs);
  assert.equal((await ann.ask('presence.watch', { users: ids.slice(0, 100) })).online.length, Math.min(size, 100));
  ann.clear();
  return { world, ann, peers, ids };
}

describe('P6: a storm', () => {
  for (const [node, server] of [['this node', 0], ['another node', 1]] as const) {
    it(`of people of ${node} who leave is told of once, when it has calmed, and of those who came back nothing`, async () => {
      const { world, ann, peers, ids } = await crowd(120, { nodes: 2, server });
      for (const peer of peers.slice(0, 80)) peer.cut();
      await world.clock.advance(5_000);
      const back = await Promise.all(ids.slice(0, 20).map((id) => world.connect(id, { server: world.servers[1 - server] })));
      await world.clock.advance(graceMs - 1_000);
      assert.deepEqual(ann.all('presence'), []);
      await world.clock.advance(calmMs);
      assert.deepEqual(ann.all('presence'), [{ kind: 'presence', online: [], offline: ids.slice(20, 80) }]);
      assert.ok(back.every((peer) => peer.closed === undefined));
      await world.close();
    });
  }

  it('is no reason to answer `presence.watch` with what was before it', async () => {
    const { world, ann, peers, ids } = await crowd(60);
    for (const peer of peers) peer.cut();
    await world.clock.advance(graceMs);
    assert.deepEqual(ann.all('presence'), []);
    assert.deepEqual(await ann.ask('presence.watch', { users: ids }), { online: [] });
    await world.clock.advance(calmMs);
    assert.deepEqual(ann.all('presence'), [], 'nothing differs from the answer');
    await world.close();
  });

  it('is not yet one where fewer than 50 leave', async () => {
    const { world, ann, peers, ids } = await crowd(60);
    for (const peer of peers.slice(0, 49)) peer.cut();
    await world.clock.advance(graceMs + 1_000);
    assert.deepEqual(ann.all('presence').flatMap(({ offline }) => offline), ids.slice(0, 49));
    assert.equal(ann.all('presence').length, 2, 'the first at once, the others together');
    await world.close();
  });

  it('is not yet one where no more than one in twenty leaves', async () => {
    const { world, ann, peers, ids } = await crowd(1_200);
    for (const peer of peers.slice(0, 55)) peer.cut();
    await world.clock.advance(graceMs + 1_000);
    assert.deepEqual(ann.all('presence').flatMap(({ offline }) => offline), ids.slice(0, 55));
    assert.equal(ann.all('presence').length, 2, 'the first at once, the others together');
    await world.close();
  });

  it('is told of as a whole: also those who came before there were enough of them', async () => {
    const clock = new ManualClock();
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const presence = new Presence({
      node: 'n', clock, log, bus: { mode: 'alone', onGap: () => () => {} }, publish() {}, watchersOf: () => [],
      companions: async (_tenant, _user, users) => [...users],
    });
    const ids = Array.from({ length: 60 }, (_, index) => `p${index}`);
    const frames: string[][] = [];
    await presence.watch({ tenant: 't', userId: 'ann', tellPresence: (online) => frames.push(online) > 0 }, ids);
    for (const id of ids) presence.arrive('t', id);
    await settled();
    assert.deepEqual(frames, []);
    await clock.advance(calmMs);
    assert.deepEqual(frames, [ids]);
    presence.close();
    assert.equal(clock.timerCount, 0);
  });

  it('is told to all who watch, each of their own people only, however many they are', async () => {
    const { world, ann, peers, ids } = await crowd(1_100);
    const watchers = peers.slice(100);
    await Promise.all(watchers.map((peer, index) => peer.ask('presence.watch', { users: [ids[index % 100]!] })));
    watchers.forEach((peer) => peer.clear());
    for (const peer of peers.slice(0, 60)) peer.cut();
    await world.clock.advance(graceMs + calmMs);
    await ann.quiet();
    assert.deepEqual(ann.all('presence'), [{ kind: 'presence', online: [], offline: ids.slice(0, 60) }]);
    for (const [index, peer] of watchers.entries()) {
      assert.deepEqual(peer.all('presence').map(({ offline }) => offline), index % 100 < 60 ? [[ids[index % 100]]] : []);
    }
    await world.close();
  });
});

describe('P6: a storm is over', () => {
  function watch(): { clock: ManualClock; storm: StormWatch; overs: () => number } {
    const clock = new ManualClock();
    let count = 0;
    return { clock, storm: new StormWatch(clock, () => void (count += 1)), overs: () => count };
  }

  it('after those who left have come to the end of their grace', async () => {
    const { clock, storm } = watch();
    storm.note('here', 100, 60, true);
    storm.note('here', 100, 60);
    await clock.advance(graceMs + 5_000 - 1);
    assert.equal(storm.isOn, true);
    await clock.advance(1);
    assert.equal(storm.isOn, false);
  });

  for (const [changes, quietMs] of [[50, 5_000], [1_000, 20_000], [50_000, 60_000]] as const) {
    it(`${quietMs / 1_000} s after the last of ${changes}`, async () => {
      const { clock, storm, overs } = watch();
      storm.note('here', changes, changes - 1);
      assert.equal(storm.isOn, changes > 50);
      storm.note('here', changes);
      await clock.advance(quietMs - 1);
      assert.deepEqual([storm.isOn, overs()], [true, 0]);
      await clock.advance(1);
      assert.deepEqual([storm.isOn, overs()], [false, 1]);
      assert.equal(clock.timerCount, 0);
    });
  }

  it('for a moment every two minutes where it does not calm', async () => {
    const { clock, storm, overs } = watch();
    for (let second = 0; second < 250; second++) {
      storm.note('elsewhere', 2_000, 200);
      await clock.advance(1_000);
    }
    assert.deepEqual([storm.isOn, overs()], [true, 2]);
    storm.close();
    assert.equal(clock.timerCount, 0);
  });

  it('and never was where the same number came over a longer time, or the clock was set back', async () => {
    const { clock, storm } = watch();
    for (let second = 0; second < 100; second++) {
      storm.note('here', 100, 9);
      await clock.advance(1_000);
    }
    assert.equal(storm.isOn, false);
    await clock.advance(10_000);
    storm.note('here', 100, 40);
    clock.sleep(-3_600_000);
    storm.note('here', 100, 40);
    assert.equal(storm.isOn, false);
    storm.note('here', 100, 10);
    assert.equal(storm.isOn, true);
    storm.close();
  });
});
