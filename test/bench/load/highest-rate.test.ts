import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findHighestRate } from './highest-rate.ts';

test('the highest rate that holds is found to a tenth, wherever the search starts', async () => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 100_000 }), async (capacity, start) => {
    const tried: number[] = [];
    const { highest, failed } = await findHighestRate(start, async (perSecond) => {
      tried.push(perSecond);
      return perSecond <= capacity;
    });
    assert.ok(highest <= capacity && failed! > capacity, 'what holds is told apart from what does not');
    assert.ok(failed! / highest <= 1.1 || failed! - highest <= 1, `${highest} and ${failed} are close`);
    assert.ok(tried.length <= 25, `${tried.length} steps`);
  }));
});

test('where nothing holds the highest rate is none, and where everything does the search ends at its ceiling', async () => {
  assert.deepEqual(await findHighestRate(64, async () => false), { highest: 0, failed: 1 });
  assert.deepEqual(await findHighestRate(3, async () => true, { ceiling: 20 }), { highest: 12, failed: undefined });
});
