import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from '../../../elements/client/backoff.ts';

test('C7: the bound doubles from one second up to 30 s', () => {
  const bounds = [1, 2, 3, 4, 5, 6, 7, 100, 5_000].map((attempt) => backoffMs(attempt, () => 1));
  assert.deepEqual(bounds, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});

test('C7: jitter is full, also after the cap was reached', () => {
  for (const attempt of [1, 3, 6, 50]) {
    assert.equal(backoffMs(attempt, () => 0), 0);
    assert.equal(backoffMs(attempt, () => 0.5), backoffMs(attempt, () => 1) / 2);
  }
});
