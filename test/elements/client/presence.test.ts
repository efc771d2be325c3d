import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Presence } from '../../../elements/client/presence.ts';
import { limits } from '../../../server/protocol/codes.ts';
import { settled } from '../../support/clock.ts';

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
