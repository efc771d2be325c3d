import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { merged, withFact, withHead, withRead } from '../../../elements/client/summary.ts';
import { deletionFact, messageAt, messageFact, summaryOf } from '../../support/facts.ts';

const me = 'me';
const nobody = () => undefined;

test('P1: a new head adds its messages to unread', () => {
  const { summary, isExact } = withHead(summaryOf(3, { readSeq: 2, readCount: 2, unread: 1 }), summaryOf(7), me);
  assert.equal(summary.unread, 5);
  assert.equal(summary.lastMessage?.seq, 7);
  assert.ok(isExact);
});

test('an older head changes nothing', () => {
  const known = summaryOf(7);
  assert.equal(withHead(known, summaryOf(3), me).summary, known);
});

test('P1: my own message reads up to itself', () => {
  const head = summaryOf(4, { lastMessage: messageAt(4, { senderId: me }) });
  assert.equal(withHead(summaryOf(3), head, me).summary.unread, 0);
});

test('G10: a marker that is ahead of the head counts, when the head follows', () => {
  const { summary } = withRead(summaryOf(1), { readSeq: 2, readCount: 2 });
  assert.equal(withHead(summary, summaryOf(3), me).summary.unread, 1);
});

test('G10: where messages were deleted the count is not trusted until the server was asked', () => {
  const known = summaryOf(5, { readSeq: 2, readCount: 2, unread: 3 });
  assert.equal(withHead(known, { ...summaryOf(5), seq: 6, deletedCount: 1 }, me).isExact, false);
  assert.equal(withRead({ ...known, deletedCount: 1 }, { readSeq: 4, readCount: 4 }).isExact, false);
  assert.equal(withRead({ ...known, deletedCount: 1 }, { readSeq: 5, readCount: 5 }).summary.unread, 0);
  assert.equal(withRead({ ...known, deletedCount: 1 }, { readSeq: 5, readCount: 5 }).isExact, true, 'nothing is left to be counted');
});

test('G10: a marker never moves back', () => {
  const known = summaryOf(5, { readSeq: 4, readCount: 4, unread: 1 });
  assert.equal(withRead(known, { readSeq: 2, readCount: 2 }).summary, known);
});

test('facts move the head without waiting to be told', () => {
  const { summary } = withFact(summaryOf(3), messageFact(4, { text: 'news' }), me, nobody);
  assert.deepEqual([summary.seq, summary.messageCount, summary.unread, summary.lastMessage?.text], [4, 4, 4, 'news']);
  const { summary: after } = withFact(summary, deletionFact(5, 4), me, nobody);
  assert.deepEqual([after.seq, after.messageCount, after.deletedCount, after.lastMessage?.text], [5, 4, 1, '']);
});

test('R5, G10: a late answer and live news give the same, in whatever order they come', () => {
  fc.assert(fc.property(fc.nat(20), fc.nat(20), fc.nat(20), fc.nat(20), (toldCount, newCount, toldRead, newRead) => {
    const at = (count: number, read: number) => {
      const readCount = Math.min(read, count);
      return summaryOf(count, { readSeq: readCount, readCount, unread: count - readCount });
    };
    const known = at(Math.max(toldCount, newCount), newRead);
    const { summary } = merged(known, at(toldCount, toldRead), me);
    assert.equal(summary.messageCount, known.messageCount);
    assert.equal(summary.unread, summary.messageCount - summary.readCount);
    assert.equal(summary.readCount, Math.max(Math.min(toldRead, toldCount), known.readCount));
  }));
});

test('another epoch is another log: what was known of the old one is void', () => {
  const told = summaryOf(2, { epoch: 'e2' });
  assert.equal(merged(summaryOf(9), told, me).summary, told);
});
