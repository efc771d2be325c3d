import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Guest, World } from '../../support/world.ts';

/** A world of two servers with so many people on the first one, all in one room. Whoever comes back gets to the second. */
async function crowd(count: number): Promise<{ world: World; guests: Guest[]; room: string; arrivals: number[] }> {
  const world = await World.start({ servers: 2 });
  const users = Array.from({ length: count }, (_, index) => `person-${index}`);
  await world.store.putPeople('main', users.map((id) => ({ id, name: id })));
  const { room } = await world.store.createRoom('main', { kind: 'group', name: 'Room', members: users });
  const guests: Guest[] = [];
  for (const user of users) guests.push(await world.join(user));
  for (const guest of guests) guest.enter(room.id);
  await world.advance(10_000);
  const arrivals: number[] = [];
  const other = world.server(1);
  const connect = other.connect.bind(other);
  other.connect = (socket) => {
    arrivals.push(world.clock.now());
    return connect(socket);
  };
  for (const { link } of guests) link.server = other;
  return { world, guests, room: room.id, arrivals };
}

/** The most of these moments in any one second. */
function mostInASecond(moments: readonly number[]): number {
  return Math.max(...moments.map((from) => moments.filter((at) => at >= from && at < from + 1_000).length));
}

it('C9: a server of several sends its people away twenty a second, answers them until they go, and nobody loses a word', async () => {
  const { world, guests, room, arrivals } = await crowd(200);
  const startedAt = world.clock.now();
  let isStopped = false;
  const stopped = world.server(0).stop().then(() => (isStopped = true));
  const speakers = guests.filter((_, index) => index % 10 === 0);
  const said: string[] = [];
  for (let second = 0; second < 12; second++) {
    for (const speaker of speakers) {
      said.push(`${speaker.user} at ${second}`);
      speaker.room.send(said.at(-1)!);
    }
    // Between the moments that people go at, and so in the middle of requests.
    await world.advance(1_000);
    if (second === 4) assert.ok(arrivals.length > 80 && arrivals.length < 120 && !isStopped, `${arrivals.length} had gone after 5 s`);
  }
  await stopped;
  assert.equal(arrivals.length, 200, 'everyone has come once');
  assert.ok(mostInASecond(arrivals) <= 21, `${mostInASecond(arrivals)} came in one second`);
  assert.ok(arrivals.at(-1)! - startedAt <= 10_000);
  assert.ok(new Set(arrivals.map((at) => (at - startedAt) % 50)).size > 20, 'at moments of their own, and not in step');
  await world.heal();
  const { facts } = await world.store.changes('main', room, 0, 1_000);
  const log = facts.flatMap((fact) => (fact.kind === 'message' ? [fact.message.text] : []));
  assert.deepEqual(log.toSorted(), said.toSorted(), 'G2: each is there, and once');
  for (const { user } of speakers) {
    const own = (texts: readonly string[]) => texts.filter((text) => text.startsWith(`${user} at `));
    assert.deepEqual(own(log), own(said), 'G5: in the order of its author');
  }
  for (const { texts } of guests) assert.deepEqual(texts, log, 'G6: and everyone has all of it');
  await world.close();
});
