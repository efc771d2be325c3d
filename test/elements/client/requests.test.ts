import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatterClientError, NotConnectedError, RequestRefusedError, RequestTimeoutError } from '../../../elements/client/errors.ts';
import { Requests } from '../../../elements/client/requests.ts';
import { limits } from '../../../server/protocol/codes.ts';
import { ManualClock } from '../../support/clock.ts';

function requestsOn(clock = new ManualClock()) {
  const frames: { kind: string; ref: number }[] = [];
  const requests = new Requests(clock, (frame) => frames.push(frame as { kind: string; ref: number }));
  return { clock, frames, requests };
}

test('an answer settles the request with its ref', async () => {
  const { frames, requests } = requestsOn();
  const first = requests.request('room.leave', { room: 'a' });
  const second = requests.request('room.seen', { room: 'b', seq: 1 });
  requests.answered({ kind: 'ok', ref: frames[1]?.ref ?? 0, data: { count: 2, people: [] } });
  requests.answered({ kind: 'error', ref: frames[0]?.ref ?? 0, code: 'forbidden', message: 'A direct room stays.', retry: false });
  assert.deepEqual(await second, { count: 2, people: [] });
  await assert.rejects(first, (error) => (
    error instanceof RequestRefusedError && error.code === 'forbidden' && !error.retryable && error.message === 'A direct room stays.'
  ));
});

test('without an answer it is given up after 20 s, and an answer that comes later is ignored', async () => {
  const { clock, frames, requests } = requestsOn();
  const lost = assert.rejects(requests.request('room.leave', { room: 'a' }), RequestTimeoutError);
  await clock.advance(20_000);
  await lost;
  requests.answered({ kind: 'ok', ref: frames[0]?.ref ?? 0, data: {} });
});

test('the end of the connection rejects all that waits, as worth a retry', async () => {
  const { clock, requests } = requestsOn();
  const lost = Promise.allSettled([requests.request('room.leave', { room: 'a' }), requests.request('room.leave', { room: 'b' })]);
  requests.rejectAll();
  for (const result of await lost) {
    assert.ok(result.status === 'rejected' && result.reason instanceof NotConnectedError && result.reason.retryable);
  }
  assert.equal(clock.timerCount, 0);
});

test('F5: however much is asked at once, the server gets no more than it takes, and in order', async () => {
  const { clock, frames, requests } = requestsOn();
  const all = Array.from({ length: 300 }, (_, index) => requests.request('room.leave', { room: String(index) }).catch((error: unknown) => error));
  assert.ok(frames.length <= limits.frameBurst);
  for (let second = 1; second <= 17; second += 1) {
    await clock.advance(1_000);
    assert.ok(frames.length <= limits.frameBurst + second * limits.framesPerSecond);
    for (const { ref } of frames) requests.answered({ kind: 'ok', ref, data: {} });
  }
  assert.equal(frames.length, 300);
  assert.deepEqual(frames.map(({ ref }) => ref), frames.map(({ ref }) => ref).sort((a, b) => a - b));
  assert.ok((await Promise.all(all)).every((answer) => !(answer instanceof ChatterClientError)), 'those that waited did not time out');
});
