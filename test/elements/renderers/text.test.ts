import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countLoneEmoji } from '../../../elements/renderers/text.ts';

describe('messages of nothing but emoji', () => {
  const counts: [string, number][] = [
    ['🎉', 1], ['👍🏽👍', 2], ['👩‍👩‍👧‍👦 ❤️', 2], ['🇳🇱', 1], ['1️⃣', 1], ['😀😀😀', 3],
    ['😀😀😀😀', 0], ['ok 👍', 0], ['', 0], ['   ', 0], ['12', 0], ['#', 0], ['_waves_', 0], ['😀'.repeat(1000), 0],
  ];
  for (const [text, count] of counts) it(`${JSON.stringify(text.slice(0, 20))} counts ${count}`, () => assert.equal(countLoneEmoji(text), count));
});
