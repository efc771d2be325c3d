import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, it } from 'node:test';
import { stores } from './options.ts';
import { breachesOf, countsOf } from './report.ts';
import { runRound } from './round.ts';

/**
 * A short round of everything on each store: with a seed that is always the same, so that what it once found stays found, and
 * with a fresh one. `npm run chaos` goes on for as long as you like.
 */
const troubleMs = 12_000;

describe('G1 to G10 hold in mixed trouble', () => {
  for (const store of stores) {
    for (const seed of [1, randomInt(2 ** 31)]) {
      it(`on ${store}, seed ${seed}`, async (test) => {
        const nodes = store === 'sqlite' ? 1 : 3;
        const result = await runRound({ store, nodes, seed, troubleMs, print: (line) => test.diagnostic(line) });
        test.diagnostic(countsOf(result));
        assert.ok(result.evidence.dump.messages.length > 0, 'it cannot pass empty');
        assert.ok(result.faults.size > 0, 'nothing was in trouble');
        const repeat = { store, nodes, seed, minutes: troubleMs / 60_000 };
        assert.ok(result.breaches.length === 0, breachesOf(result, repeat));
      });
    }
  }
});
