import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Cursor } from '../../../elements/client/cursor.ts';
import type { Fact } from '../../../server/protocol/models.ts';
import { deletionFact, messageFact, seqs } from '../../support/facts.ts';

const seqsOf = (facts: readonly Fact[]) => facts.map(({ seq }) => seq);

test('R4: what is next in line is given at once, what was seen is not given again', () => {
  const cursor = new Cursor('e1', 2);
  assert.deepEqual(seqsOf(cursor.take([1, 2, 3, 4].map((seq) => messageFact(seq)))), [3, 4]);
  assert.deepEqual(seqsOf(cursor.take([messageFact(4)])), []);
  assert.equal(cursor.upTo, 4);
  assert.equal(cursor.isBehind, false);
});

test('R4: what lies behind a hole is held, and given when the hole is closed', () => {
  const cursor = new Cursor('e1', 0);
  assert.deepEqual(seqsOf(cursor.take([messageFact(3)])), []);
  assert.deepEqual(seqsOf(cursor.take([messageFact(1)])), [1]);
  assert.equal(cursor.upTo, 1, 'never the highest seq that was seen');
  assert.equal(cursor.isBehind, true);
  assert.deepEqual(seqsOf(cursor.take([messageFact(2)])), [2, 3]);
  assert.equal(cursor.isBehind, false);
});

test('R6: a page of changes closes a hole, though it leaves out what was superseded', () => {
  const cursor = new Cursor('e1', 1);
  cursor.take([messageFact(6)]);
  const given = cursor.takeChanges({ facts: [messageFact(3), deletionFact(5, 2)], upTo: 5 });
  assert.deepEqual(seqsOf(given), [3, 5, 6]);
  assert.equal(cursor.upTo, 6);
});

test('G9: behind a hole no more than 64 frames are held', () => {
  const cursor = new Cursor('e1', 0);
  for (const seq of seqs(2, 65)) cursor.take([messageFact(seq)]);
  assert.equal(cursor.isFull, true);
  cursor.take([messageFact(66)]);
  assert.deepEqual(seqsOf(cursor.take([messageFact(1)])), seqs(1, 65));
  assert.equal(cursor.isBehind, true, 'that there is a 66th is not forgotten');
});

test('R4, G6: whatever is doubled, reordered or dropped, facts are given once and in order, and a hole is known', () => {
  fc.assert(fc.property(fc.array(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 }), { maxLength: 40 }), (frames) => {
    const cursor = new Cursor('e1', 0);
    const given = frames.flatMap((frame) => seqsOf(cursor.take(frame.map((seq) => messageFact(seq)))));
    assert.deepEqual(given, seqs(1, cursor.upTo));
    assert.equal(cursor.isBehind, Math.max(0, ...frames.flat()) > cursor.upTo);
  }));
});
