import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestRefusedError } from '../../../elements/client/errors.ts';
import { Summaries } from '../../../elements/client/summaries.ts';
import type { RoomSummary } from '../../../server/protocol/models.ts';
import { ManualClock, settled } from '../../support/clock.ts';
import { summaryOf } from '../../support/facts.ts';

function summaries() {
  const answers: ((summary: RoomSummary) => void)[] = [];
  const refusals: ((error: Error) => void)[] = [];
  const clock = new ManualClock();
  const of = new Summaries({
    clock,
    random: () => 0.5,
    me: () => 'me',
    person: () => undefined,
    ask: () => new Promise((resolve, reject) => {
      answers.push(resolve);
      refusals.push(reject);
    }),
  });
  return { of, answers, refusals, clock };
}

test('a room that is not known is asked for, once at a time, and once more where it moved meanwhile', async () => {
  const { of, answers } = summaries();
  for (const count of [1, 2, 3]) of.putHead({ room: 'room', ...summaryOf(count) });
  assert.equal(answers.length, 1);
  answers[0]?.(summaryOf(2));
  await settled();
  assert.equal(answers.length, 2);
  answers[1]?.(summaryOf(3));
  await settled();
  assert.equal(of.get('room')?.seq, 3);
  assert.equal(answers.length, 2);
});

test('G10: a question that the server cannot answer now is asked again, while there is a connection', async () => {
  const { of, answers, refusals, clock } = summaries();
  of.putHead({ room: 'room', ...summaryOf(1) });
  refusals[0]?.(new RequestRefusedError('unavailable', 'Not now.', { retryable: true, afterMs: 700 }));
  await settled();
  await clock.advance(700);
  assert.equal(answers.length, 2);
  refusals[1]?.(new RequestRefusedError('unavailable', 'Not now.', { retryable: true, afterMs: 700 }));
  await settled();
  of.pause();
  assert.equal(clock.timerCount, 0);
});

test('G10: an inexact count is asked for until it is exact, and then no more', async () => {
  const { of, answers } = summaries();
  of.put(summaryOf(5, { readSeq: 1, readCount: 1, unread: 4 }));
  of.putHead({ room: 'room', ...summaryOf(5), seq: 6, deletedCount: 1 });
  assert.equal(answers.length, 1);
  answers[0]?.(summaryOf(5, { seq: 6, deletedCount: 1, readSeq: 1, readCount: 1, unread: 3 }));
  await settled();
  assert.equal(of.get('room')?.unread, 3);
  assert.equal(answers.length, 1);
});

test('a description that was read earlier, and comes later, does not replace the newer one', () => {
  const { of } = summaries();
  of.put(summaryOf(1, { seq: 2, memberCount: 2 }));
  of.put(summaryOf(1, { seq: 4, memberCount: 1, name: 'Newer' }));
  of.put(summaryOf(1, { seq: 3, memberCount: 3, name: 'Older' }));
  assert.deepEqual([of.get('room')?.memberCount, of.get('room')?.name], [1, 'Newer']);
});

test('a head that is ahead of a description does not keep it out: it says nothing of name and people', () => {
  const { of } = summaries();
  of.put(summaryOf(1, { name: 'Old' }));
  of.putHead({ room: 'room', ...summaryOf(3, { seq: 4 }) });
  of.put(summaryOf(2, { seq: 3, name: 'New' }));
  assert.deepEqual([of.get('room')?.name, of.get('room')?.seq], ['New', 4]);
});

test('an answer that was read before the room was gone does not bring it back', async () => {
  const { of, answers } = summaries();
  of.putHead({ room: 'room', ...summaryOf(1) });
  of.remove('room');
  answers[0]?.(summaryOf(1));
  await settled();
  assert.equal(of.get('room'), undefined);
});
