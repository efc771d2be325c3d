import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TimelineMessage } from '../../../elements/client/room.ts';
import { describeRow, groupGapMs, type GroupingContext, type RowShape } from '../../../elements/renderers/grouping.ts';

const noon = new Date(2026, 2, 10, 12).getTime();
const context: GroupingContext = { userId: 'me', unreadAfterSeq: undefined, hasBefore: false };

function sent(seq: number, senderId: string, at: number): TimelineMessage {
  const message = { seq, changedSeq: seq, ordinal: seq, senderId, clientMsgId: `c${seq}`, text: `text ${seq}`, at };
  return { key: `c${seq}`, status: 'sent', message };
}

function pending(at: number): TimelineMessage {
  return { key: 'p', status: 'pending', clientMsgId: 'p', text: 'waiting', at };
}

/** One letter per fact, so that a whole conversation reads as a line: d(ay) u(nread) [ starts and ] ends a group. */
function shapes(messages: TimelineMessage[], given: Partial<GroupingContext> = {}): string {
  return messages.map((_, index) => letters(describeRow(messages, index, { ...context, ...given }))).join(' ');
}

function letters(shape: RowShape): string {
  return `${shape.startsDay ? 'd' : ''}${shape.startsUnread ? 'u' : ''}${shape.startsGroup ? '[' : ''}-${shape.endsGroup ? ']' : ''}`;
}

describe('grouping of messages', () => {
  it('one author within five minutes is one group', () => {
    assert.equal(shapes([sent(1, 'ada', noon), sent(2, 'ada', noon + groupGapMs), sent(3, 'ada', noon + 2 * groupGapMs + 1)]), 'd[- -] [-]');
  });

  it('another author starts a group', () => {
    assert.equal(shapes([sent(1, 'ada', noon), sent(2, 'bo', noon), sent(3, 'ada', noon)]), 'd[-] [-] [-]');
  });

  it('midnight parts what five minutes would join', () => {
    const midnight = new Date(2026, 2, 11).getTime();
    assert.equal(shapes([sent(1, 'ada', midnight - 1), sent(2, 'ada', midnight)]), 'd[-] d[-]');
  });

  it('what is pending is mine, and joins my group', () => {
    assert.equal(shapes([sent(1, 'me', noon), pending(noon + 1000)]), 'd[- -]');
    assert.equal(shapes([sent(1, 'ada', noon), pending(noon + 1000)]), 'd[-] [-]');
  });

  it('the unread divider stands once, and parts a group', () => {
    const messages = [sent(5, 'ada', noon), sent(6, 'ada', noon), sent(7, 'ada', noon)];
    assert.equal(shapes(messages, { unreadAfterSeq: 5 }), 'd[-] u[- -]');
    assert.equal(shapes(messages, { unreadAfterSeq: 7 }), 'd[- - -]');
  });

  it('what I wrote myself is not unread', () => {
    assert.equal(shapes([sent(5, 'ada', noon), sent(6, 'me', noon)], { unreadAfterSeq: 5 }), 'd[-] [-]');
  });

  it('the divider is not guessed while what stands before the first message is unknown', () => {
    assert.equal(shapes([sent(8, 'ada', noon)], { unreadAfterSeq: 5, hasBefore: true }), 'd[-]');
    assert.equal(shapes([sent(8, 'ada', noon)], { unreadAfterSeq: 5 }), 'du[-]');
  });
});
