import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '#protocol/models';
import { emptyWindow, windowOf } from '../../../elements/client/room-state.ts';
import { UnsentMessages } from '../../../elements/client/unsent-messages.ts';

function message(seq: number): Message {
  return { seq, changedSeq: seq, ordinal: seq, senderId: 'ann', clientMsgId: `id-${seq}`, text: `text ${seq}`, at: seq };
}

function page(...seqs: number[]) {
  return windowOf({ messages: seqs.map(message), hasBefore: seqs[0]! > 1, hasAfter: false, people: [] });
}

function shown(unsent: UnsentMessages, window = emptyWindow): string[] {
  return unsent.after(window, [], 'ann').map(({ clientMsgId, status }) => `${clientMsgId} ${status}`);
}

test('an acknowledged message is pending until what comes before it was told', () => {
  const unsent = new UnsentMessages();
  unsent.acknowledge(message(5));
  assert.deepEqual(shown(unsent, page(1, 2, 3)), ['id-5 pending']);
  assert.deepEqual(shown(unsent, page(1, 2, 3, 4, 5)), []);
});

test('an acknowledged message that lies before the page which then came waits no longer', () => {
  const unsent = new UnsentMessages();
  unsent.acknowledge(message(5));
  assert.deepEqual(shown(unsent), ['id-5 pending'], 'nothing of the room is known yet');
  assert.deepEqual(shown(unsent, page(56, 57, 58)), []);
});

test('an acknowledged message does not stand after a window that ends earlier', () => {
  const unsent = new UnsentMessages();
  unsent.acknowledge(message(5));
  assert.deepEqual(shown(unsent, { ...page(1, 2), hasAfter: true }), []);
});
