import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDurableAck } from './durable-ack.ts';
import { Story } from './story.ts';

test('G1: what was acknowledged and is stored is well, and so is what was never answered, stored or not', () => {
  const story = new Story();
  story.send('ada/1', 'm1', 3);
  story.store('ada', 'm1', 3);
  story.ask('ada/1', 'message.send', { room: 'garden', clientMsgId: 'm2', text: 'm2' });
  story.ask('ada/1', 'message.send', { room: 'garden', clientMsgId: 'm3', text: 'm3' });
  story.store('ada', 'm3', 4);
  assert.deepEqual(story.judge(checkDurableAck), []);
});

test('G1: an acknowledged message that is not stored is seen', () => {
  const story = new Story();
  story.send('ada/1', 'm1', 3);
  assert.deepEqual(story.judge(checkDurableAck), ['G1: Message m1 was acknowledged as 3, and is not in the database.']);
});

test('G1: an acknowledged message in whose place another one stands is seen', () => {
  const story = new Story();
  story.send('ada/1', 'm1', 3);
  story.store('ben', 'm9', 3);
  assert.deepEqual(story.judge(checkDurableAck), ['G1: Message m1 was acknowledged as 3, and is not in the database: m9 has its place.']);
});

test('G1: a message that is stored with another text is seen', () => {
  const story = new Story();
  story.send('ada/1', 'm1', 3);
  story.store('ada', 'm1', 3, 'something else');
  assert.deepEqual(story.judge(checkDurableAck), ['G1: Message m1 was acknowledged as 3, and is stored with another text.']);
});

test('G1: an acknowledged deletion that is not stored is seen', () => {
  const story = new Story();
  story.store('ada', 'm1', 3);
  story.ask('ada/1', 'message.delete', { room: 'garden', seq: 3 }, { message: { ...story.message('ada', 'm1', 3, ''), changedSeq: 4, deletedAt: 1 } });
  assert.deepEqual(story.judge(checkDurableAck), ['G1: Message m1 was acknowledged as 3, and is still there after its deletion.']);
  Object.assign(story.dump.messages[0]!, { isDeleted: true, text: '' });
  assert.deepEqual(story.judge(checkDurableAck), []);
});
