import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkExactlyOnce } from './exactly-once.ts';
import { Story } from './story.ts';

test('G2: a retry that is told of the first message is well, and one with another text is refused', () => {
  const story = new Story();
  story.ask('ada/1', 'message.send', { room: 'garden', clientMsgId: 'm1', text: 'm1' });
  story.send('ada/1', 'm1', 3, { duplicate: true });
  story.send('ada/1', 'm1', 3, { duplicate: true });
  story.ask('ada/1', 'message.send', { room: 'garden', clientMsgId: 'm1', text: 'another' }, 'conflict');
  story.store('ada', 'm1', 3);
  // The same id of somebody else is another message.
  story.send('ben/1', 'm1', 4);
  story.store('ben', 'm1', 4);
  assert.deepEqual(story.judge(checkExactlyOnce), []);
});

test('G2: a message that is stored twice is seen', () => {
  const story = new Story();
  story.store('ada', 'm1', 3);
  story.store('ada', 'm1', 4);
  assert.deepEqual(story.judge(checkExactlyOnce), ['G2: Message m1 is there twice: as 3 and as 4.']);
});

test('G2: two places for one message are seen', () => {
  const story = new Story();
  story.send('ada/1', 'm1', 3);
  story.send('ada/1', 'm1', 4, { duplicate: true });
  assert.deepEqual(story.judge(checkExactlyOnce), ['G2: Message m1 was acknowledged as 3 and as 4.']);
});

test('G2: a retry that is told to be new is seen', () => {
  const story = new Story();
  story.send('ada/1', 'm1', 3);
  story.send('ada/1', 'm1', 3);
  assert.deepEqual(story.judge(checkExactlyOnce), ['G2: Message m1 was told 2 times to be new.']);
});

test('G2: another text under the same id that is taken is seen', () => {
  const story = new Story();
  story.send('ada/1', 'm1', 3);
  story.store('ada', 'm1', 3);
  story.send('ada/1', 'm1', 3, { duplicate: true, text: 'another' });
  assert.deepEqual(story.judge(checkExactlyOnce), ['G2: Message m1 was acknowledged with two texts.']);
});

test('G2: a retry with the same text that is refused as a conflict is seen', () => {
  const story = new Story();
  story.send('ada/1', 'm1', 3);
  story.store('ada', 'm1', 3);
  story.ask('ada/1', 'message.send', { room: 'garden', clientMsgId: 'm1', text: 'm1' }, 'conflict');
  assert.deepEqual(story.judge(checkExactlyOnce), ['G2: A retry of message m1 with the same text was refused as a conflict.']);
});
