import assert from 'node:assert/strict';
import { it } from 'node:test';
import { PublishQueue } from '../../../server/bus/publish-queue.ts';

function queue(): { queue: PublishQueue; dropped: () => number } {
  let dropped = 0;
  return { queue: new PublishQueue((count) => (dropped += count)), dropped: () => dropped };
}

const publication = (text: string, at = 0) => ({ channel: 'c', text, at });
const textsOf = (publications: readonly { text: string }[]) => publications.map(({ text }) => text);

it('gives what was put in, in order, and at most so much of it at once', () => {
  const { queue: waiting } = queue();
  for (const text of ['one', 'two', 'three', 'four']) waiting.add(publication(text));
  assert.deepEqual(textsOf(waiting.take(0, 6)), ['one', 'two']);
  assert.deepEqual(textsOf(waiting.take(0, 1)), ['three'], 'always one, however long it is');
  assert.deepEqual(textsOf(waiting.take(0, 0)), []);
  assert.deepEqual(textsOf(waiting.take(0, 100)), ['four']);
  assert.deepEqual(waiting.take(0, 100), []);
});

it('what was put back comes first', () => {
  const { queue: waiting } = queue();
  for (const text of ['one', 'two', 'three']) waiting.add(publication(text));
  waiting.putBack(waiting.take(0, 6));
  assert.deepEqual(textsOf(waiting.take(0, 100)), ['one', 'two', 'three']);
});

it('G9: holds so much and no more; the oldest is dropped, and counted', () => {
  const { queue: waiting, dropped } = queue();
  const megabyte = 'x'.repeat(1024 * 1024);
  for (let index = 0; index < 20; index++) waiting.add(publication(megabyte, index));
  const taken = waiting.take(0, Infinity);
  assert.ok(taken.length > 0 && taken.length <= 8, `${taken.length} are kept`);
  assert.equal(taken.at(-1)?.at, 19);
  assert.equal(dropped(), 20 - taken.length);
  waiting.putBack(Array.from({ length: 20 }, (_, index) => publication(megabyte, index)));
  assert.ok(waiting.take(0, Infinity).length <= 8, 'also of what is put back');
});

it('what is older than 10 s is dropped: whoever it was for has looked into the database since', () => {
  const { queue: waiting, dropped } = queue();
  waiting.add(publication('old', 0));
  waiting.add(publication('new', 5_000));
  assert.deepEqual(textsOf(waiting.take(12_000, 100)), ['new']);
  assert.equal(dropped(), 1);
});
