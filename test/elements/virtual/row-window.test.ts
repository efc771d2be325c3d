import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RowWindow, type Row } from '../../../elements/virtual/row-window.ts';

const rows = (first: number, last: number): Row[] => Array.from({ length: last - first + 1 }, (_, index) => ({ key: `r${first + index}` }));

function sum(window: RowWindow<Row>, start: number, end: number): number {
  let height = 0;
  for (let index = start; index < end; index += 1) height += window.heightAt(index);
  return height;
}

describe('a window over rows', () => {
  it('says how far rows moved, or that it is another stretch', () => {
    const window = new RowWindow(() => 10);
    assert.equal(window.setItems(rows(50, 99)), undefined);
    assert.equal(window.setItems(rows(50, 120)), 0);
    assert.equal(window.setItems(rows(0, 120)), 50);
    assert.equal(window.setItems(rows(20, 120)), -20);
    assert.equal(window.setItems(rows(500, 550)), undefined);
  });

  it('takes as many rows as fill the view and its surroundings', () => {
    const window = new RowWindow(() => 10);
    window.setItems(rows(0, 999));
    assert.deepEqual(window.around(500, 0, 100, 50), { start: 495, end: 515 });
    assert.deepEqual(window.around(0, 0, 100, 50), { start: 0, end: 15 });
    assert.deepEqual(window.around(999, 90, 100, 50), { start: 985, end: 1_000 });
  });

  it('finds the row at a height, in the window and outside of it', () => {
    const window = new RowWindow(() => 10);
    window.setItems(rows(0, 999));
    window.show({ start: 400, end: 420 });
    for (const y of [0, 5, 3_999, 4_000, 4_123, 9_999]) assert.deepEqual(window.rowAt(y), { index: Math.floor(y / 10), top: Math.floor(y / 10) * 10 });
    assert.deepEqual(window.rowAt(-30), { index: 0, top: 0 });
    assert.deepEqual(window.rowAt(50_000), { index: 999, top: 9_990 });
  });

  it('knows what is above and below it, whatever comes, goes, is measured, and wherever it moves', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('show' as const), at: fc.nat(1_000), size: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ kind: fc.constant('prepend' as const), count: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ kind: fc.constant('drop' as const), count: fc.integer({ min: 1, max: 20 }) }),
      fc.record({ kind: fc.constant('measure' as const), height: fc.integer({ min: 1, max: 400 }) }),
    );
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const window = new RowWindow((item: Row) => 20 + (Number(item.key.slice(1)) & 7));
      let first = 10_000;
      let last = 10_049;
      window.setItems(rows(first, last));
      for (const one of steps) {
        const count = last - first + 1;
        if (one.kind === 'show') {
          const start = one.at % count;
          window.show({ start, end: Math.min(count, start + one.size) });
        } else if (one.kind === 'measure') {
          for (let index = window.range.start; index < window.range.end; index += 1) window.measure(index, one.height + index % 5);
        } else {
          if (one.kind === 'prepend') first -= one.count;
          if (one.kind === 'append') last += one.count;
          if (one.kind === 'drop') first += Math.min(one.count, count - 1);
          window.setItems(rows(first, last));
        }
        assert.equal(window.above, sum(window, 0, window.range.start));
        assert.equal(window.below, sum(window, window.range.end, window.items.length));
      }
    }));
  });
});
