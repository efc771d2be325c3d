import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rhythms } from '#protocol/codes';
import { MemoryStore } from '../../../server/store/memory-store.ts';
import { ManualClock } from '../../support/clock.ts';
import { type Peer, ServerWorld, until } from '../../support/server-world.ts';

const graceMs = rhythms.presenceGraceMs;

/** A store that answers who shares a room as it was when it was asked, but only when the test lets it, while it is held. */
function slowStore(): { store: MemoryStore; clock: ManualClock; hold: () => void; waiting: (() => void)[]; asked: () => number; fail: (error: Error | undefined) => void } {
  const clock = new ManualClock();
  const store = new MemoryStore({ clock });
  const companions = store.companions.bind(store);
  const waiting: (() => void)[] = [];
  let isHeld = false;
  let asked = 0;
  let trouble: Error | undefined;
  store.companions = async (...input) => {
    asked += 1;
    if (trouble) throw trouble;
    const found = await companions(...input);
    if (isHeld) await new Promise<void>((resolve) => waiting.push(resolve));
    return found;
  };
  return {
    store, clock, waiting, asked: () => asked,
    hold: () => {
      isHeld = true;
    },
    fail: (error) => {
      trouble = error;
    },
  };
}

function told(peer: Peer): string[] {
  return peer.all('presence').flatMap(({ online, offline }) => [...online.map((user) => `+${user}`), ...offline.map((user) => `-${user}`)]);
}

describe('P3: whom one may watch', () => {
  it('is read again where somebody is taken out of the room while it is read', async () => {
    const { store, hold, waiting } = slowStore();
    const world = await ServerWorld.start({ store });
    const room = await world.group('garden', 'ann', 'ben', 'cat');
    await world.group('yard', 'ben', 'cat');
    const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
    await world.connect('cat');
    hold();
    const answer = ben.begin('presence.watch', { users: ['ann', 'cat'] });
    await until(() => waiting.length === 1, 'the read');
    await ann.ask('member.remove', { room, user: 'ben' });
    await ben.next('room.gone');
    waiting[0]!();
    await until(() => waiting.length === 2, 'the second read');
    assert.equal(answer(), undefined);
    waiting[1]!();
    await until(() => answer() !== undefined, 'the answer');
    assert.deepEqual(answer(), { kind: 'ok', ref: (answer() as { ref: number }).ref, data: { online: ['cat'] } });
    ann.cut();
    await world.clock.advance(graceMs + 2_000);
    assert.deepEqual(told(ben), []);
    await world.close();
  });

  it('is what was asked for last, whatever is read first', async () => {
    const { store, hold, waiting } = slowStore();
    const world = await ServerWorld.start({ store });
    await world.group('garden', 'ann', 'ben', 'cat');
    const [ann, ben, cat] = [await world.connect('ann'), await world.connect('ben'), await world.connect('cat')];
    hold();
    const [first, second] = [ann.begin('presence.watch', { users: ['ben'] }), ann.begin('presence.watch', { users: ['cat'] })];
    await until(() => waiting.length === 2, 'both reads');
    waiting[1]!();
    await until(() => second() !== undefined, 'the second answer');
    waiting[0]!();
    await until(() => first() !== undefined, 'the first answer');
    for (const peer of [ben, cat]) peer.cut();
    await world.clock.advance(graceMs + 2_000);
    assert.deepEqual(told(ann), ['-cat']);
    await world.close();
  });

  it('is nobody\'s business any more where the session has ended meanwhile', async () => {
    const { store, hold, waiting } = slowStore();
    const world = await ServerWorld.start({ store });
    await world.group('garden', 'ann', 'ben');
    const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
    hold();
    ann.begin('presence.watch', { users: ['ben'] });
    await until(() => waiting.length === 1, 'the read');
    ann.cut();
    waiting[0]!();
    await ben.quiet();
    ben.cut();
    await world.clock.advance(graceMs + 2_000);
    assert.deepEqual(told(ann), []);
    await world.close();
  });

  it('is not told of while it is looked up again, and is again when it could be', async () => {
    const { store, hold, waiting, fail } = slowStore();
    const world = await ServerWorld.start({ store });
    const room = await world.group('garden', 'ann', 'ben', 'cat');
    const [ann, ben, cat] = [await world.connect('ann'), await world.connect('ben'), await world.connect('cat')];
    await ben.ask('presence.watch', { users: ['ann', 'cat'] });
    fail(new Error('no database'));
    await ann.ask('room.leave', { room });
    await until(() => world.log.some((line) => line.includes('Presence could not be checked')), 'the error');
    for (const peer of [ann, cat]) peer.cut();
    await world.clock.advance(graceMs - 1_000);
    assert.deepEqual(told(ben), []);
    fail(undefined);
    hold();
    await world.clock.advance(6_000);
    await until(() => waiting.length === 1, 'the read');
    assert.deepEqual(told(ben), [], 'ann and cat are away by now, and it is not known whether ben may hear it');
    waiting[0]!();
    await ben.quiet();
    await world.clock.advance(1_000);
    assert.deepEqual(told(ben), ['-cat']);
    await world.close();
  });

  it('is looked up before anything is told, after something may have been lost on the bus (G7)', async () => {
    const { store, asked } = slowStore();
    const world = await ServerWorld.start({ store }, { nodes: 2 });
    const room = await world.group('garden', 'ann', 'ben', 'cat');
    const [ann, ben, cat] = [await world.connect('ann'), await world.connect('ben'), await world.connect('cat', { server: world.servers[1] })];
    await ben.ask('presence.watch', { users: ['ann'] });
    const heal = world.broker.drop(() => true);
    await cat.ask('member.remove', { room, user: 'ben' });
    await cat.quiet();
    heal();
    world.broker.gap();
    const before = asked();
    ann.cut();
    await world.clock.advance(graceMs + 2_000);
    assert.deepEqual(told(ben), []);
    assert.equal(asked() - before, 1, 'and only where there is something to tell');
    await world.close();
  });

  it('is looked up before anything is told, every 30 s at most, while the nodes cannot hear of each other (G7)', async () => {
    const { store, asked } = slowStore();
    const world = await ServerWorld.start({ store }, { nodes: 2 });
    const room = await world.group('garden', 'ann', 'ben', 'cat');
    await world.group('yard', 'ben', 'dan');
    const [ann, ben, cat, dan] = [
      await world.connect('ann'), await world.connect('ben'), await world.connect('cat', { server: world.servers[1] }), await world.connect('dan'),
    ];
    await ben.ask('presence.watch', { users: ['ann', 'dan'] });
    world.broker.down();
    await cat.ask('member.remove', { room, user: 'ben' });
    const before = asked();
    await world.clock.advance(12_000);
    for (const peer of [ann, dan]) peer.cut();
    await world.clock.advance(graceMs + 2_000);
    assert.deepEqual(told(ben), ['-dan']);
    await world.connect('ann');
    await world.connect('dan');
    await world.clock.advance(2_000);
    assert.deepEqual(told(ben), ['-dan', '+dan']);
    assert.equal(asked() - before, 2, 'once for the removal, which the database told of, and once before anything is told');
    await world.close();
  });
});

it('P3: changes that come within a second are told in one frame', async () => {
  const world = await ServerWorld.start();
  const ids = Array.from({ length: 20 }, (_, index) => `p${index}`);
  await world.group('garden', 'ann', ...ids);
  const ann = await world.connect('ann');
  await ann.ask('presence.watch', { users: ids });
  for (const id of ids) await world.connect(id);
  await world.clock.advance(1_000);
  assert.deepEqual(told(ann), ids.map((id) => `+${id}`));
  assert.equal(ann.all('presence').length, 2, 'one at once, the rest together');
  await world.close();
});
