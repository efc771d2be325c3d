import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSendersOrder } from './senders-order.ts';
import { Story } from './story.ts';

test('G5: what was stored in the order in which it was written is well, with others between and one that never came', () => {
  const story = new Story();
  for (const clientMsgId of ['m1', 'lost', 'm2']) story.add('wrote', { client: 'ada', room: 'garden', clientMsgId, text: '' });
  story.store('ada', 'm1', 3);
  story.store('ben', 'b1', 4);
  story.store('ada', 'm2', 5);
  assert.deepEqual(story.judge(checkSendersOrder), []);
});

test('G5: a message that overtook one that was written before it is seen', () => {
  const story = new Story();
  for (const clientMsgId of ['m1', 'm2']) story.add('wrote', { client: 'ada', room: 'garden', clientMsgId, text: '' });
  story.store('ada', 'm2', 3);
  story.store('ada', 'm1', 4);
  assert.deepEqual(story.judge(checkSendersOrder), ['G5: ada wrote m1 before m2, and they are stored as 4 and 3.']);
});

test('G5: of two sends of one connection the later one is later, where both were new', () => {
  const story = new Story();
  story.send('ada/1', 'm0', 5, { duplicate: true });
  story.send('ada/1', 'm1', 3);
  story.send('ada/1', 'm2', 4);
  assert.deepEqual(story.judge(checkSendersOrder), []);
  story.send('ada/1', 'm3', 2);
  assert.deepEqual(story.judge(checkSendersOrder), ['G5: ada/1 sent m2 before m3, and they are stored as 4 and 2.']);
});
