import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Presence } from '../../../elements/client/presence.ts';
import { limits } from '../../../server/protocol/codes.ts';
import { settled } from '../../support/clock.ts';
import { World } from '../../support/world.ts';

function presence(online: string[] = []) {
  const asked: string[][] = [];
  const of = new Presence(async (users) => {
    asked.push(users);
    return { online: online.filter((user) => users.includes(user)) };
  });
  return { of, asked };
}

test('P3: who is watched by several is asked for once, in one request, as long as one of them watches', async () => {
  const { of, asked } = presence(['bob']);
  of.resume();
  const first = of.watch(['bob', 'cy'], () => {});
  const second = of.watch(['bob'], () => {});
  await settled();
  assert.deepEqual(asked, [['bob', 'cy']]);
  assert.deepEqual([of.isOnline('bob'), of.isOnline('cy')], [true, false]);
  first();
  first();
  await settled();
  assert.deepEqual(asked.at(-1), ['bob']);
  second();
  await settled();
  assert.deepEqual(asked.at(-1), []);
});

test('P3: a new session is told again whom to watch, and of nobody nothing', async () => {
  const { of, asked } = presence();
  of.resume();
  await settled();
  assert.deepEqual(asked, []);
  of.watch(['bob'], () => {});
  await settled();
  of.pause();
  of.watch(['cy'], () => {});
  await settled();
  of.resume();
  await settled();
  assert.deepEqual(asked, [['bob'], ['bob', 'cy']]);
});

test('P3: no more than 200 are watched', async () => {
  const { of, asked } = presence();
  of.resume();
  of.watch(Array.from({ length: 500 }, (_, index) => `user${index}`), () => {});
  await settled();
  assert.equal(asked[0]?.length, limits.presenceWatch);
});

test('a push is told to whoever watches', async () => {
  const { of } = presence();
  of.resume();
  let told = 0;
  of.watch(['bob'], () => {
    told += 1;
  });
  await settled();
  told = 0;
  of.put({ online: ['bob'], offline: [] });
  await settled();
  assert.equal(told, 1);
  assert.equal(of.isOnline('bob'), true);
});

test('P3: without a connection nobody is said to be online, and whoever watches is told', async () => {
  const { of } = presence(['bob']);
  of.resume();
  let told = 0;
  of.watch(['bob'], () => {
    told += 1;
  });
  await settled();
  told = 0;
  of.pause();
  await settled();
  assert.deepEqual([told, of.isOnline('bob')], [1, false]);
});

test('P7: of a large room it is known how many are there, over all nodes, as long as it is open and there is a connection', async () => {
  await using world = await World.start({ servers: 2 });
  const members = ['ann', 'bob', ...Array.from({ length: 99 }, (_, index) => `p${index}`)];
  const { room } = await world.store.createRoom('main', { kind: 'group', name: 'Hall', members });
  const [ann, bob] = [await world.join('ann'), await world.join('bob', { server: 1 })];
  await world.advance(2_000);
  ann.enter(room.id);
  bob.enter(room.id);
  await world.settle();
  assert.deepEqual([ann.room.state.online, bob.room.state.online], [2, 2]);
  await world.join('p1', { server: 1 });
  await world.advance(12_000);
  assert.deepEqual([ann.room.state.online, bob.room.state.online], [3, 3]);
  ann.link.cut();
  await world.settle();
  assert.equal(ann.room.state.online, undefined);
  ann.link.heal();
  await world.advance(5_000);
  assert.equal(ann.room.state.online, 3);
  const before = ann.room;
  ann.exit();
  await world.advance(31_000);
  assert.deepEqual([before.state.status, before.state.online], ['closed', undefined]);
});
