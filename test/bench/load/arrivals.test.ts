import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arrivals } from './arrivals.ts';

/** A room of `sockets`, all watched, of `messages`; each socket gets them as `given` says. */
function run(sockets: number, messages: number, given: (socket: number) => number[]): Promise<void> {
  const arrivals = new Arrivals(sockets);
  for (let message = 0; message < messages; message++) arrivals.next(performance.now());
  for (let socket = 0; socket < sockets; socket++) {
    assert.ok(arrivals.isWatched(socket));
    for (const message of given(socket)) {
      arrivals.watched(socket, message);
      arrivals.add(1);
    }
  }
  return arrivals.complete();
}

test('a benchmark of messages is complete when each socket has got each of them once, in one order', async () => {
  await run(3, 4, () => [0, 2, 1, 3]);
});

test('a benchmark fails where a message comes twice', async () => {
  await assert.rejects(run(3, 3, (socket) => (socket === 1 ? [0, 1, 1] : [0, 1, 2])), /got message 1 where others got 2/);
  await assert.rejects(run(1, 2, () => [0, 0]), /got message 0 twice/);
  await assert.rejects(run(3, 3, () => [0, 1, 2, 2]), /twice/);
});

test('a benchmark fails where two sockets get messages in different orders', async () => {
  await assert.rejects(run(3, 3, (socket) => (socket === 2 ? [1, 0, 2] : [0, 1, 2])), /Person 2 got message 1 where others got 0/);
});

test('a benchmark fails where one socket gets less and another more', async () => {
  const arrivals = new Arrivals(2);
  arrivals.next(0);
  arrivals.watched(0, 0);
  arrivals.add(2);
  arrivals.next(0);
  arrivals.watched(0, 1);
  arrivals.add(2);
  await assert.rejects(arrivals.complete(), /Person 1 got 0 messages/);
});

test('the sockets of each of two nodes are watched, and their latencies kept apart', () => {
  for (const sessions of [10, 100, 1_000, 5_000]) {
    const arrivals = new Arrivals(sessions, { nodes: 2 });
    const watched = Array.from({ length: sessions }, (_, session) => session).filter((session) => arrivals.isWatched(session));
    assert.equal(watched.length, arrivals.watchedCount);
    for (const session of watched) arrivals.watched(session, session === 0 ? arrivals.next(0) : 0);
    assert.ok(arrivals.latenciesMs.every((latencies) => latencies.length >= 5), `${sessions} people`);
  }
});

test('where nodes may have orders of their own, each has to be one, and it is told whether they are the same', async () => {
  const isOneOrder = async (given: (socket: number) => number[]): Promise<boolean> => {
    const arrivals = new Arrivals(4, { nodes: 2, isOrderOfNodes: true });
    for (let message = 0; message < 2; message++) arrivals.next(performance.now());
    for (let socket = 0; socket < 4; socket++) {
      for (const message of given(socket)) {
        arrivals.watched(socket, message);
        arrivals.add(1);
      }
    }
    await arrivals.complete();
    return arrivals.isOneOrder;
  };
  assert.equal(await isOneOrder(() => [0, 1]), true);
  assert.equal(await isOneOrder((socket) => (socket % 2 === 0 ? [0, 1] : [1, 0])), false);
  await assert.rejects(isOneOrder((socket) => (socket === 3 ? [0, 1] : [1, 0])), /Person 3 got message 0 where others got 1/);
});

test('what was refused is waited for neither this time nor the next', async () => {
  const arrivals = new Arrivals(1);
  for (const taken of [true, false, true]) {
    const message = arrivals.next(0);
    if (taken) {
      arrivals.watched(0, message);
      arrivals.add(1);
    } else {
      arrivals.refused();
    }
    await arrivals.complete();
  }
});
