import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Member, Message } from '#protocol/models';
import type { TimelineMessage } from '../../../elements/client/room.ts';
import { findMine, findSeenBy, isSeen } from '../../../elements/renderers/seen-by.ts';

function sent(seq: number, senderId: string, more: Partial<Message> = {}): TimelineMessage {
  return { key: `${seq}`, status: 'sent', message: { seq, changedSeq: seq, ordinal: seq, senderId, clientMsgId: `${seq}`, text: 'x', at: 0, ...more } };
}

function member(userId: string, readSeq: number, more: Partial<Member> = {}): Member {
  return { userId, readSeq, changedSeq: 0, joinedAt: 0, ...more };
}

const messages = [sent(1, 'me'), sent(2, 'ada'), sent(3, 'me'), sent(4, 'me'), sent(5, 'bo')];

describe('who has seen my messages', () => {
  it('is told under the last of them that somebody has seen', () => {
    assert.deepEqual(findSeenBy(messages, [member('me', 5), member('ada', 3), member('bo', 1)], 'me'), { seq: 3, userIds: ['ada'] });
    assert.deepEqual(findSeenBy(messages, [member('me', 5), member('ada', 5), member('bo', 4)], 'me'), { seq: 4, userIds: ['ada', 'bo'] });
  });

  it('holds for all of mine before it, and for none after it, nor where nobody is known to have seen it', () => {
    assert.deepEqual([1, 3, 4].map((seq) => isSeen(seq, { seq: 3, userIds: ['ada'] })), [true, true, false]);
    assert.deepEqual([isSeen(1, undefined), isSeen(1, { seq: 3, userIds: [] })], [false, false]);
  });

  it('does not count me, nor who has left, nor what was deleted', () => {
    assert.equal(findSeenBy(messages, [member('me', 5), member('ada', 0), member('bo', 5, { leftAt: 1 })], 'me'), undefined);
    const deleted = [sent(1, 'me'), sent(2, 'me', { deletedAt: 1, text: '' })];
    assert.deepEqual(findSeenBy(deleted, [member('ada', 2)], 'me'), { seq: 1, userIds: ['ada'] });
  });

  it('in a room too large to be told, my last message is the one to ask about', () => {
    assert.equal(findMine(messages, 'me'), 4);
    assert.equal(findMine(messages, 'cy'), undefined);
  });
});
