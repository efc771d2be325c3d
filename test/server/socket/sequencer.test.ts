import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as fc from 'fast-check';
import { Sequencer } from '../../../server/socket/sequencer.ts';
import { messageFact, seqs } from '../../support/facts.ts';

it('G3: whatever comes, in any order and twice, goes out once and without a hole', () => {
  fc.assert(fc.property(
    fc.integer({ min: 0, max: 20 }), fc.shuffledSubarray(seqs(1, 40), { minLength: 40 }), fc.array(fc.integer({ min: 1, max: 40 })),
    fc.integer({ min: 1, max: 7 }),
    (start, order, repeats, size) => {
      const sequencer = new Sequencer();
      const out: number[] = [];
      const arriving = [...order, ...repeats];
      for (let from = 0; from < arriving.length; from += size) {
        if (from >= size && sequencer.position === undefined) sequencer.start(start);
        out.push(...sequencer.offer(arriving.slice(from, from + size).map((seq) => messageFact(seq))).map(({ seq }) => seq));
      }
      assert.deepEqual(out, seqs(start + 1, 40));
      assert.equal(sequencer.hasHole, false);
    },
  ));
});

it('what comes before the place in the log is known waits', () => {
  const sequencer = new Sequencer();
  assert.deepEqual(sequencer.offer([messageFact(5), messageFact(6)]), []);
  sequencer.start(5);
  assert.deepEqual(sequencer.offer([]).map(({ seq }) => seq), [6]);
});

it('G9: what waits behind a hole is bounded, and can be dropped', () => {
  const sequencer = new Sequencer();
  sequencer.start(0);
  sequencer.offer(seqs(2, 5_000).map((seq) => messageFact(seq)));
  assert.equal(sequencer.hasHole, true);
  assert.equal(sequencer.offer([messageFact(1)]).length, 1_001);
  sequencer.offer([messageFact(3_000)]);
  sequencer.dropHeld();
  assert.equal(sequencer.hasHole, false);
});
