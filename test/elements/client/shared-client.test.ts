import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { shareClient } from '../../../elements/client/shared-client.ts';

function counted() {
  const counts = { made: 0, closed: 0 };
  const make = () => {
    counts.made += 1;
    return {
      close() {
        counts.closed += 1;
      },
    };
  };
  return { counts, make };
}

test('elements with the same server and identity share one client; others do not', () => {
  const { counts, make } = counted();
  const [one, two, other] = [shareClient('a', make), shareClient('a', make), shareClient('b', make)];
  assert.equal(one.client, two.client);
  assert.notEqual(one.client, other.client);
  assert.equal(counts.made, 2);
  for (const share of [one, two, other]) share.release();
});

test('moving an element does not reconnect; leaving for good closes, once', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const { counts, make } = counted();
    const first = shareClient('moved', make);
    first.release();
    first.release();
    mock.timers.tick(4_999);
    const second = shareClient('moved', make);
    mock.timers.tick(60_000);
    assert.deepEqual([second.client === first.client, counts.closed], [true, 0]);
    second.release();
    mock.timers.tick(5_000);
    assert.equal(counts.closed, 1);
    const third = shareClient('moved', make);
    assert.notEqual(third.client, first.client);
    third.release();
    mock.timers.tick(5_000);
  } finally {
    mock.timers.reset();
  }
});
