import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rhythms } from '#protocol/codes';
import { type Peer, ServerWorld } from '../../support/server-world.ts';

const { typingEveryMs, typingExpiryMs } = rhythms;

interface Scene {
  world: ServerWorld;
  room: string;
  /** Only reads; on the last node. */
  ann: Peer;
  typists: Peer[];
}

/** A room of so many members, with so many of them at their keyboards on the first node. */
async function scene({ members = 50, typists, nodes = 1, onPublish }: {
  members?: number; typists: number; nodes?: number; onPublish?: (payload: string) => void;
}): Promise<Scene> {
  const world = await ServerWorld.start({}, { nodes: 0 });
  const { broker } = world;
  const makeBus = broker.bus.bind(broker);
  broker.bus = () => {
    const bus = makeBus();
    const publish = bus.publish.bind(bus);
    bus.publish = (topic, payload) => {
      onPublish?.(payload);
      publish(topic, payload);
    };
    return bus;
  };
  for (let node = 0; node < nodes; node++) await world.startServer();
  const ids = Array.from({ length: members - 1 }, (_, index) => `p${index}`);
  const room = await world.group('garden', 'ann', ...ids);
  const ann = await world.connect('ann', { server: world.servers.at(-1) });
  const peers: Peer[] = [];
  for (const id of ids.slice(0, typists)) peers.push(await world.connect(id));
  for (const peer of [ann, ...peers]) await peer.ask('room.open', { room });
  await ann.quiet();
  return { world, room, ann, typists: peers };
}

/** What was told, frame by frame: `+` who began, `-` who ended. */
function told(peer: Peer): string[][] {
  return peer.all('typing').map(({ user, active, others = [] }) => [{ user, active }, ...others].map((one) => `${one.active ? '+' : '-'}${one.user.id}`));
}

function type({ typists, room }: Scene, active: boolean, ...who: number[]): void {
  for (const index of who) typists[index]!.say({ kind: 'typing', room, active });
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

describe('P8: people who type at about the same time', () => {
  it('are told in one frame, the first at once, and nobody of themselves', async () => {
    const here = await scene({ typists: 6 });
    type(here, true, 0);
    await here.ann.quiet();
    assert.deepEqual(told(here.ann), [['+p0']]);
    type(here, true, 1, 2, 3);
    type(here, false, 0);
    await here.ann.quiet();
    assert.equal(told(here.ann).length, 1);
    await here.world.clock.advance(250);
    assert.deepEqual(told(here.ann), [['+p0'], ['+p1', '+p2', '+p3', '-p0']]);
    assert.deepEqual(told(here.typists[1]!), [['+p0'], ['+p2', '+p3', '-p0']]);
    assert.deepEqual(told(here.typists[0]!), [['+p1', '+p2', '+p3']]);
    await here.world.close();
  });

  it('are told to those who know only of one in a frame too', async () => {
    const here = await scene({ typists: 2 });
    type(here, true, 0, 1);
    await here.ann.quiet();
    assert.deepEqual(here.ann.all('typing'), [{
      kind: 'typing', room: here.room, user: { id: 'p0', name: 'P0' }, active: true, others: [{ user: { id: 'p1', name: 'P1' }, active: true }],
    }]);
    await here.world.close();
  });

  it('are not told of where they began and ended in between', async () => {
    const here = await scene({ typists: 3 });
    type(here, true, 0);
    await here.ann.quiet();
    type(here, true, 1);
    type(here, false, 1);
    type(here, false, 0);
    await here.world.clock.advance(typingEveryMs);
    assert.deepEqual(told(here.ann), [['+p0'], ['-p0']]);
    await here.world.close();
  });

  it('are told of up to 20 at a time, and the next when one of them has ended or was not heard for 6 s', async () => {
    const here = await scene({ typists: 24 });
    type(here, true, ...upTo(22));
    await here.ann.quiet();
    assert.deepEqual(told(here.ann), [upTo(20).map((index) => `+p${index}`)]);
    type(here, false, 0, 21);
    await here.world.clock.advance(250);
    assert.deepEqual(told(here.ann)[1], ['-p0'], 'of the other nobody knew');
    type(here, true, 22, 23);
    await here.world.clock.advance(250);
    assert.deepEqual(told(here.ann)[2], ['+p22']);
    await here.world.clock.advance(typingExpiryMs);
    type(here, true, ...upTo(24));
    await here.world.clock.advance(250);
    assert.deepEqual(told(here.ann)[3], upTo(20).map((index) => `+p${index}`));
    await here.world.close();
  });

  it('are told of up to 3 in a room of over 100, once a second, and who goes on typing never seems to have stopped', async () => {
    const here = await scene({ members: 101, typists: 8, nodes: 2 });
    const { world, ann } = here;
    const seenAt = new Map<string, number>();
    let lastFrameAt = -Infinity;
    let frames = 0;
    for (let ms = 0; ms < 60_000; ms += 500) {
      // Each at their own moment, as people do.
      type(here, true, ...upTo(8).filter((index) => (ms / 500 + index) % 6 === 0));
      await world.clock.advance(500);
      for (const names of told(ann)) {
        frames += 1;
        assert.ok(names.length <= 3, names.join());
        assert.ok(ms - lastFrameAt >= 1_000, 'one frame in a second');
        lastFrameAt = ms;
        for (const name of names) {
          assert.ok(ms - (seenAt.get(name) ?? ms) < typingExpiryMs, `${name} was forgotten`);
          seenAt.set(name, ms);
        }
      }
      ann.clear();
    }
    assert.deepEqual([seenAt.size, frames >= 20], [3, true]);
    await world.close();
    assert.equal(world.clock.timerCount, 0);
  });

  it('go over the bus in one frame, not back again, and not at all while the bus is down', async () => {
    const published: string[] = [];
    const here = await scene({
      typists: 12, nodes: 3,
      onPublish: (payload) => {
        if (payload.includes('"typing"')) published.push(payload);
      },
    });
    const { world, ann } = here;
    type(here, true, 0);
    await ann.quiet();
    type(here, true, ...upTo(12));
    await world.clock.advance(1_000);
    assert.deepEqual(told(ann), [['+p0'], upTo(12).slice(1).map((index) => `+p${index}`)]);
    assert.equal(published.length, 2);
    world.broker.down();
    type(here, false, 0, 1);
    await world.clock.advance(500);
    world.broker.up();
    await world.clock.advance(500);
    assert.deepEqual([told(ann).length, told(here.typists[2]!).at(-1)], [2, ['-p0', '-p1']], 'on the same node it is told');
    assert.equal(published.length, 2);
    await world.close();
  });

  it('are not told of any more once they were taken out (R10)', async () => {
    const here = await scene({ typists: 3 });
    type(here, true, 0);
    await here.ann.quiet();
    type(here, true, 1, 2);
    await here.ann.ask('member.remove', { room: here.room, user: 'p1' });
    await here.world.clock.advance(1_000);
    assert.deepEqual(told(here.ann), [['+p0'], ['+p2']]);
    await here.world.close();
  });

  it('leave nothing behind when nobody has the room open any more', async () => {
    const here = await scene({ typists: 2 });
    type(here, true, 0);
    await here.ann.quiet();
    type(here, true, 1);
    const timers = here.world.clock.timerCount;
    for (const peer of [here.ann, ...here.typists]) await peer.ask('room.close', { room: here.room });
    assert.equal(here.world.clock.timerCount, timers - 1);
    await here.world.close();
    assert.equal(here.world.clock.timerCount, 0);
  });
});
