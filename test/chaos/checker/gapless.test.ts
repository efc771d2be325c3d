import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkGapless } from './gapless.ts';
import { Story } from './story.ts';

test('G3: a log without holes is well, also where a message was deleted', () => {
  const story = new Story();
  story.store('ada', 'm1', 3);
  story.store('ada', 'm2', 4);
  Object.assign(story.dump.messages[0]!, { isDeleted: true, text: '', changedSeq: 5 });
  Object.assign(story.dump.rooms[0]!, { seq: 5, deletedCount: 1 });
  assert.deepEqual(story.judge(checkGapless), []);
});

test('G3: a place that nobody knows of is well where a member changed again, and is seen where nothing was asked for', () => {
  const story = new Story();
  story.store('ada', 'm1', 4);
  assert.deepEqual(story.judge(checkGapless), ['G3: Places 3 of room garden are empty, and nothing that was asked for explains it.']);
  // The database went away while it was told; it may have been done.
  story.ask('ada/1', 'room.rename', { room: 'garden', name: 'Yard' }, 'unavailable');
  assert.deepEqual(story.judge(checkGapless), []);
});

test('G3: a refused change explains no hole', () => {
  const story = new Story();
  story.store('ada', 'm1', 4);
  story.ask('ada/1', 'room.rename', { room: 'garden', name: 'Yard' }, 'not_found');
  assert.equal(story.judge(checkGapless).length, 1);
});

test('G3: two holders of one place are seen', () => {
  const story = new Story();
  story.store('ada', 'm1', 3);
  story.tell('ben/1', story.message('ben', 'm9', 3));
  assert.deepEqual(story.judge(checkGapless), []);
  story.hear('ben/1', {
    kind: 'facts', room: 'garden', epoch: 'e1', people: [], facts: [{ seq: 3, kind: 'room', name: 'Yard' }],
  });
  assert.deepEqual(story.judge(checkGapless), ['G3: Place 3 of room garden is held by message 3 and by name.']);
});

test('G3: a fact beyond the end of the log is seen', () => {
  const story = new Story();
  story.tell('ben/1', story.message('ada', 'm1', 3));
  assert.deepEqual(story.judge(checkGapless), ['G3: Place 3 of room garden was told, and its log ends at 2.']);
});

test('G3: a hole among the messages, and wrong counts, are seen', () => {
  const story = new Story();
  story.store('ada', 'm1', 3);
  story.store('ada', 'm2', 4);
  story.dump.messages[1]!.ordinal = 3;
  assert.deepEqual(story.judge(checkGapless), ['G3: Message 4 of room garden has ordinal 3: a hole or a twin.']);
  story.dump.messages[1]!.ordinal = 2;
  story.dump.rooms[0]!.messageCount = 3;
  assert.deepEqual(story.judge(checkGapless), ['G3: Room garden counts 3 messages and 0 deletions, and holds 2 and 0.']);
});
