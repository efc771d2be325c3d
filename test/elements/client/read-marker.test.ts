import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotConnectedError, RequestRefusedError } from '../../../elements/client/errors.ts';
import { ReadMarker } from '../../../elements/client/read-marker.ts';
import { ManualClock, settled } from '../../support/clock.ts';

function marker() {
  const clock = new ManualClock();
  const told: number[] = [];
  const trouble: { error?: Error } = {};
  const of = new ReadMarker(clock, async (seq) => {
    told.push(seq);
    if (trouble.error) throw trouble.error;
  });
  return { clock, told, trouble, of };
}

test('the first is told at once, and then one in 2 s: the furthest', async () => {
  const { clock, told, of } = marker();
  for (const seq of [3, 5, 4, 9]) of.mark(seq);
  await clock.advance(1_999);
  assert.deepEqual(told, [3]);
  await clock.advance(1);
  assert.deepEqual(told, [3, 9]);
  await clock.advance(10_000);
  assert.deepEqual(told, [3, 9], 'what was acknowledged is not told again');
});

test('G10: what was read without a connection is told when there is one', async () => {
  const { clock, told, trouble, of } = marker();
  trouble.error = new NotConnectedError();
  of.mark(7);
  await clock.advance(60_000);
  assert.deepEqual(told, [7], 'and not before');
  trouble.error = undefined;
  of.flush();
  await settled();
  assert.deepEqual(told.at(-1), 7);
  const count = told.length;
  of.flush();
  assert.equal(told.length, count);
});

test('a busy server is asked again; a refusal is final', async () => {
  const { clock, told, trouble, of } = marker();
  trouble.error = new RequestRefusedError('unavailable', 'Later.', { retryable: true, afterMs: 5_000 });
  of.mark(7);
  await settled();
  trouble.error = new RequestRefusedError('not_found', 'No such room.');
  await clock.advance(5_000);
  assert.deepEqual(told, [7, 7]);
  await clock.advance(60_000);
  assert.deepEqual(told, [7, 7]);
});
