import assert from 'node:assert/strict';
import { it } from 'node:test';
import { BoundedMap } from '../../../server/actions/bounded-map.ts';
import { RateLimiter, takeOfEach } from '../../../server/actions/rate-limiter.ts';
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

it('F5: what one bucket refuses costs the others nothing', () => {
  const clock = new ManualClock();
  const own = new RateLimiter({ perSecond: 1, burst: 2 }, clock);
  const shared = new RateLimiter({ perSecond: 1, burst: 3 }, clock);
  const send = (user: string) => takeOfEach([own, user], [shared, 'room']);
  assert.deepEqual([send('ann'), send('ann')], [0, 0]);
  for (let again = 0; again < 10; again++) assert.ok(send('ann') > 0, 'her own is empty');
  assert.equal(send('ben'), 0, 'and she has taken two of three');
  for (let again = 0; again < 10; again++) assert.ok(send('ben') > 0, 'the shared one is empty');
  clock.sleep(1_000);
  assert.equal(own.take('ben'), 0, 'and he has taken one of his two');
});

it('F5: those who are refused together are told one after the other, and who comes too early is told the same again', () => {
  const clock = new ManualClock();
  const own = new RateLimiter({ perSecond: 100, burst: 100 }, clock);
  const shared = new RateLimiter({ perSecond: 10, burst: 1 }, clock);
  const send = (user: string) => takeOfEach([own, user], [shared, 'room']);
  send('first');
  assert.deepEqual(['ann', 'ben', 'cat'].map(send), [100, 200, 300]);
  clock.sleep(50);
  assert.deepEqual(['ann', 'ann', 'ben', 'dan'].map(send), [50, 50, 150, 350], 'and takes nobody\'s place');
  for (let index = 0; index < 1_000; index++) send(`person ${index}`);
  assert.equal(send('the last of a thousand'), 30_000, 'nobody waits for longer than that');
});

it('F5: where a room takes a tenth of what is wanted, each who comes back when told gets a share, and few come in vain', () => {
  const clock = new ManualClock();
  const own = new RateLimiter({ perSecond: 5, burst: 20 }, clock);
  const shared = new RateLimiter({ perSecond: 10, burst: 20 }, clock);
  const taken = new Map(Array.from({ length: 50 }, (_, index) => [`person ${index}`, 0]));
  let tries = 0;
  const send = (user: string): void => {
    tries += 1;
    const afterMs = takeOfEach([own, user], [shared, 'room']);
    if (afterMs === 0) taken.set(user, taken.get(user)! + 1);
    // Two a second of each as long as all goes well.
    clock.after(afterMs === 0 ? 500 : afterMs, () => send(user));
  };
  const end = clock.now() + 120_000;
  for (const user of taken.keys()) send(user);
  while (clock.ringNext(end));
  const counts = [...taken.values()];
  const total = counts.reduce((sum, count) => sum + count, 0);
  assert.ok(total > 1_100 && total <= 1_220, `${total} were taken of 1,220 that could be`);
  assert.ok(Math.min(...counts) > 15, `somebody got ${Math.min(...counts)}`);
  assert.ok(tries < total * 3, `${tries} tries for ${total}`);
});

it('G9: buckets that are full again are forgotten, and of the others so many are kept', () => {
  const clock = new ManualClock();
  const limiter = new RateLimiter({ perSecond: 1, burst: 2 }, clock, 100);
  for (let index = 0; index < 1_000; index++) limiter.take(`key ${index}`);
  assert.equal(limiter.size, 100);
  assert.deepEqual([1, 2].map(() => limiter.take('key 999') > 0), [false, true], 'those used last are the ones kept');
  assert.deepEqual([1, 2, 3].map(() => limiter.take('key 0') > 0), [false, false, true], 'a forgotten one starts full');
  clock.sleep(3_000);
  limiter.take('another');
  assert.equal(limiter.size, 1);
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
