import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rhythms } from '#protocol/codes';
import { Presence } from '../../../server/socket/presence.ts';
import { MemoryStore } from '../../../server/store/memory-store.ts';
import { ManualClock } from '../../support/clock.ts';
import { type Peer, ServerWorld, until } from '../../support/server-world.ts';

const { occupancyMs, presenceGraceMs } = rhythms;

/** A room of so many members, most of whom are never there; by default one more than are told by person. */
async function largeRoom({ members = 101, nodes = 1, store }: { members?: number; nodes?: number; store?: MemoryStore } = {}): Promise<{ world: ServerWorld; room: string }> {
  const world = await ServerWorld.start({ store }, { nodes });
  const absent = Array.from({ length: members - 3 }, (_, index) => `p${index}`);
  return { world, room: await world.group('hall', 'ann', 'ben', 'cat', ...absent) };
}

function told(peer: Peer, room: string): number[] {
  return peer.all('occupancy').filter((frame) => frame.room === room).map(({ online }) => online);
}

describe('P7: how many are in a large room', () => {
  it('is told when one opens it, and every 10 s if it has changed', async () => {
    const { world, room } = await largeRoom();
    const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
    await ann.ask('room.open', { room });
    await until(() => told(ann, room).length === 1, 'the first number');
    assert.deepEqual(told(ann, room), [2]);
    await world.clock.advance(3 * occupancyMs);
    assert.deepEqual(told(ann, room), [2], 'it has not changed');
    const cat = await world.connect('cat');
    await world.connect('stranger');
    await world.clock.advance(occupancyMs);
    assert.deepEqual(told(ann, room), [2, 3], 'of its members, whether they have it open or not');
    await ben.ask('room.open', { room });
    await ben.quiet();
    assert.deepEqual(told(ben, room), [3]);
    cat.cut();
    ben.cut();
    await world.clock.advance(presenceGraceMs - 1);
    assert.deepEqual(told(ann, room), [2, 3]);
    await world.clock.advance(occupancyMs);
    assert.deepEqual(told(ann, room), [2, 3, 1]);
    assert.deepEqual([...told(cat, room), ...ann.all('presence')], [], 'and to nobody else, nor by person');
    await world.close();
  });

  it('counts those on other nodes, each person once', async () => {
    const { world, room } = await largeRoom({ nodes: 3 });
    const peers: Peer[] = [];
    for (const [index, id] of ['ann', 'ben', 'cat', 'ben', 'stranger'].entries()) peers.push(await world.connect(id, { server: world.servers[index % 3] }));
    await world.clock.advance(2_000);
    for (const peer of peers.slice(0, 4)) await peer.ask('room.open', { room });
    await world.clock.advance(occupancyMs);
    assert.deepEqual(peers.slice(0, 4).map((peer) => told(peer, room).at(-1)), [3, 3, 3, 3]);
    await world.servers[2]!.close();
    await world.clock.advance(presenceGraceMs + 2 * occupancyMs);
    assert.deepEqual([told(peers[0]!, room).at(-1), told(peers[1]!, room).at(-1)], [2, 2]);
    await world.close();
  });

  it('is not told of a room with 100 members, begins when it has grown, and ends when it has shrunk', async () => {
    const { world, room } = await largeRoom({ members: 100 });
    await world.meet('dan');
    const ann = await world.connect('ann');
    await ann.ask('room.open', { room });
    await world.clock.advance(occupancyMs);
    assert.deepEqual(told(ann, room), []);
    await ann.ask('member.add', { room, users: ['dan'] });
    await world.clock.advance(occupancyMs);
    assert.deepEqual(told(ann, room), [1]);
    await ann.ask('member.remove', { room, user: 'dan' });
    await world.connect('ben');
    await world.clock.advance(2 * occupancyMs);
    assert.deepEqual(told(ann, room), [1]);
    await world.close();
  });

  it('reaches nobody who was taken out (G7), and a slow reader when they have caught up (F7)', async () => {
    const { world, room } = await largeRoom();
    const [ann, ben, cat] = [await world.connect('ann'), await world.connect('ben'), await world.connect('cat')];
    for (const peer of [ann, ben, cat]) await peer.ask('room.open', { room });
    await ann.quiet();
    for (const peer of [ann, ben, cat]) peer.clear();
    ben.bufferedBytes = 65 * 1024;
    await ann.ask('member.remove', { room, user: 'cat' });
    await world.connect('p1');
    await world.connect('p2');
    await world.clock.advance(occupancyMs);
    assert.deepEqual([told(ann, room), told(ben, room), told(cat, room)], [[], [], []], 'the room has 100 members now');
    await ann.ask('member.add', { room, users: ['cat'] });
    await world.clock.advance(occupancyMs);
    assert.deepEqual([told(ann, room), told(ben, room)], [[5], []]);
    ben.bufferedBytes = 0;
    await world.clock.advance(1_000);
    assert.deepEqual([told(ben, room), told(cat, room)], [[5], []]);
    await world.close();
  });

  it('costs one count for each room and round, however many have it open or come and go', async (t) => {
    const counts = t.mock.method(Presence.prototype, 'countOnline').mock;
    const clock = new ManualClock();
    const store = new MemoryStore({ clock });
    const { world, room } = await largeRoom({ store });
    const reads = { room: 0, members: 0 };
    const [readRoom, readMembers] = [store.room.bind(store), store.memberIds.bind(store)];
    store.room = (...input) => {
      reads.room += 1;
      return readRoom(...input);
    };
    store.memberIds = (...input) => {
      reads.members += 1;
      return readMembers(...input);
    };
    const peers: Peer[] = [];
    for (const id of ['ann', 'ben', 'cat']) peers.push(await world.connect(id));
    for (let visit = 0; visit < 5; visit++) {
      for (const peer of peers) await peer.ask('room.open', { room });
      for (const peer of peers) await peer.ask('room.close', { room });
    }
    await peers[0]!.ask('room.open', { room });
    assert.equal(counts.callCount(), 1);
    await world.clock.advance(2 * occupancyMs);
    assert.equal(counts.callCount(), 3);
    assert.deepEqual(reads, { room: 1, members: 1 });
    assert.deepEqual(told(peers[1]!, room), [3, 3, 3, 3, 3], 'each time from what was counted');
    await world.close();
    assert.equal(world.clock.timerCount, 0);
  });
});
