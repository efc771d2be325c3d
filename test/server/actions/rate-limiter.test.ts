import assert from 'node:assert/strict';
import { it } from 'node:test';
import { BoundedMap } from '../../../server/actions/bounded-map.ts';
import { RateLimiter } from '../../../server/actions/rate-limiter.ts';
import { ManualClock } from '../../support/clock.ts';

it('F5: gives a burst, then so many a second, and says when to come again; each key has its own', () => {
  const clock = new ManualClock();
  const limiter = new RateLimiter({ perSecond: 4, burst: 3 }, clock);
  assert.deepEqual([1, 2, 3].map(() => limiter.take('ann')), [0, 0, 0]);
  assert.equal(limiter.take('ann'), 250);
  assert.equal(limiter.take('ben'), 0);
  clock.sleep(200);
  assert.ok(limiter.take('ann') > 0);
  clock.sleep(51);
  assert.equal(limiter.take('ann'), 0);
  clock.sleep(3_600_000);
  assert.deepEqual([1, 2, 3, 4].map(() => limiter.take('ann') > 0), [false, false, false, true], 'no more than the burst is saved up');
});

it('a clock that is set back locks nobody out', () => {
  const clock = new ManualClock();
  const limiter = new RateLimiter({ perSecond: 1, burst: 1 }, clock);
  limiter.take('ann');
  clock.sleep(-3_600_000);
  limiter.take('ann');
  clock.sleep(1_000);
  assert.equal(limiter.take('ann'), 0);
});

it('G9: a bounded map keeps what was used last, by weight', () => {
  const map = new BoundedMap<string, number>(10);
  map.set('a', 1, 4);
  map.set('b', 2, 4);
  map.get('a');
  map.set('c', 3, 4);
  assert.deepEqual(['a', 'b', 'c'].map((key) => map.get(key)), [1, undefined, 3]);
  map.set('a', 5, 1);
  map.set('d', 4, 5);
  assert.deepEqual(['a', 'c', 'd'].map((key) => map.get(key)), [5, 3, 4]);
  map.set('huge', 6, 100);
  assert.deepEqual([map.get('huge'), map.size], [6, 1], 'what is too heavy is kept alone, while it is used');
});
