import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  canAppend, emptyWindow, type MessageWindow, newestOf, windowLimit, windowOf, withMessages, withPageAfter, withPageBefore,
} from '../../../elements/client/room-state.ts';
import type { MessagePage } from '../../../server/protocol/models.ts';
import { messageAt, seqs } from '../../support/facts.ts';

const page = (from: number, to: number, sides: { before?: boolean; after?: boolean } = {}): MessagePage => ({
  messages: seqs(from, to).map((seq) => messageAt(seq)), hasBefore: sides.before ?? from > 1, hasAfter: sides.after ?? false, people: [],
});
const seqsOf = (window: MessageWindow) => window.messages.map(({ message }) => message.seq);

test('new messages follow the last one', () => {
  const window = withMessages(windowOf(page(1, 2)), [messageAt(3), messageAt(4)]);
  assert.deepEqual(seqsOf(window), [1, 2, 3, 4]);
});

test('the first message of an empty room begins the window', () => {
  assert.deepEqual(seqsOf(withMessages(emptyWindow, [messageAt(1)])), [1]);
});

test('R5: the higher changedSeq wins, and applying twice changes nothing', () => {
  const gone = messageAt(2, { changedSeq: 5, text: '', deletedAt: 9 });
  const window = withMessages(windowOf(page(1, 3)), [gone]);
  assert.equal(window.messages[1]?.message, gone);
  assert.equal(withMessages(window, [gone]), window);
  assert.equal(withMessages(window, [messageAt(2)]), window, 'an older state does not bring a deleted text back');
});

test('a change replaces one entry and leaves the objects of all others', () => {
  const before = windowOf(page(1, 3));
  const after = withMessages(before, [messageAt(2, { changedSeq: 4 })]);
  assert.equal(after.messages[0], before.messages[0]);
  assert.equal(after.messages[2], before.messages[2]);
  assert.equal(after.messages[1]?.key, before.messages[1]?.key, 'and never changes a key');
});

test('nothing is glued to an older window', () => {
  const older = windowOf(page(1, 3, { after: true }));
  assert.equal(withMessages(older, [messageAt(9)]), older);
  assert.equal(withMessages(older, [messageAt(4, { changedSeq: 9, text: '', deletedAt: 9 })]), older, 'not even what would fit');
  assert.equal(canAppend(older, messageAt(4)), false);
});

test('a message that does not follow makes known that there is more, and is not glued on', () => {
  const window = withMessages(windowOf(page(1, 3)), [messageAt(6)]);
  assert.deepEqual(seqsOf(window), [1, 2, 3]);
  assert.equal(window.hasAfter, true);
});

test('pages are put before and after, and say what lies beyond', () => {
  let window = windowOf(page(5, 6, { after: true }));
  window = withPageBefore(window, page(1, 4));
  window = withPageAfter(window, page(7, 8));
  assert.deepEqual(seqsOf(window), seqs(1, 8));
  assert.deepEqual([window.hasBefore, window.hasAfter], [false, false]);
});

test('a page that was asked for at another place changes nothing', () => {
  const window = windowOf(page(50, 60, { after: true }));
  assert.equal(withPageBefore(window, page(1, 10)), window);
  assert.equal(withPageAfter(window, page(80, 90)), window);
});

test('an empty page says that there is nothing on that side', () => {
  const window = windowOf(page(5, 6, { after: true }));
  const empty = { messages: [], hasBefore: false, hasAfter: false, people: [] };
  assert.equal(withPageBefore(window, empty).hasBefore, false);
  assert.equal(withPageAfter(window, empty).hasAfter, false);
});

test(`G9: a window over ${windowLimit} messages lets go of its far end`, () => {
  const full = windowOf(page(101, 100 + windowLimit));
  const live = withMessages(full, [messageAt(101 + windowLimit)]);
  assert.equal(live.messages.length, windowLimit);
  assert.equal(live.messages[0]?.message.seq, 102);
  assert.equal(live.hasBefore, true);

  const scrolled = withPageBefore(full, page(51, 100));
  assert.equal(scrolled.messages.length, windowLimit);
  assert.equal(scrolled.messages[0]?.message.seq, 51);
  assert.equal(scrolled.hasAfter, true);
  assert.deepEqual(seqsOf(newestOf(full, 1)), [100 + windowLimit]);
});

test('two people may give their messages the same id: keys still differ', () => {
  const window = windowOf({ ...page(1, 2), messages: [messageAt(1, { clientMsgId: 'x' }), messageAt(2, { clientMsgId: 'x', senderId: 'bob' })] });
  assert.deepEqual(window.messages.map(({ key }) => key), ['ann:x', 'bob:x']);
});
