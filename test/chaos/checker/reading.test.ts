import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkReading } from './reading.ts';
import { Story } from './story.ts';

test('G10: markers that go forward, each for itself, are well', () => {
  const story = new Story();
  story.add('marker', { client: 'ada', life: 1, room: 'garden', epoch: 'e1', readSeq: 5 });
  story.add('marker', { client: 'ben', life: 1, room: 'garden', epoch: 'e1', readSeq: 4 });
  // A client that was started again knows what it is told anew.
  story.add('marker', { client: 'ben', life: 2, room: 'garden', epoch: 'e1', readSeq: 3 });
  assert.deepEqual(story.judge(checkReading), []);
});

test('G10: a marker that moves back before somebody\'s eyes is seen', () => {
  const story = new Story();
  story.add('marker', { client: 'ben', life: 1, room: 'garden', epoch: 'e1', readSeq: 4 });
  story.add('marker', { client: 'ben', life: 1, room: 'garden', epoch: 'e1', readSeq: 3 });
  assert.deepEqual(story.judge(checkReading), ['G10: The marker that ben shows moved back from 4 to 3.']);
});

test('G10: an acknowledged marker that is not stored is seen', () => {
  const story = new Story();
  story.ask('ada/1', 'room.read', { room: 'garden', seq: 9 }, { readSeq: 9, readCount: 7, unread: 0 });
  assert.deepEqual(story.judge(checkReading), ['G10: ada/1 was told to have read up to 9, and stored is 1.']);
  story.dump.members[0]!.readSeq = 9;
  assert.deepEqual(story.judge(checkReading), []);
});
