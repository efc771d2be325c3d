import type { Fact, Message, RoomSummary } from '../../server/protocol/models.ts';

/** The message that was the room's fact number `seq`, where every fact so far was a message. */
export function messageAt(seq: number, more: Partial<Message> = {}): Message {
  return {
    seq, changedSeq: seq, ordinal: seq, senderId: 'ann', clientMsgId: `m${seq}`, text: `text ${seq}`, at: 1_000 + seq, ...more,
  };
}

export function messageFact(seq: number, more: Partial<Message> = {}): Fact {
  return { seq, kind: 'message', message: messageAt(seq, more) };
}

/** Fact number `at`: the message of fact number `seq` was deleted. */
export function deletionFact(at: number, seq: number): Fact {
  return { seq: at, kind: 'message', message: messageAt(seq, { changedSeq: at, text: '', deletedAt: 1_000 + at }) };
}

export function seqs(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** A room with `count` messages of others and nothing else in its log, all of them unread. */
export function summaryOf(count: number, more: Partial<RoomSummary> = {}): RoomSummary {
  return {
    id: 'room', kind: 'group', epoch: 'e1', seq: count, messageCount: count, deletedCount: 0, memberCount: 2, people: [],
    lastMessage: count > 0 ? messageAt(count) : undefined, activeAt: 1_000 + count, readSeq: 0, readCount: 0, unread: count,
    ...more,
  };
}
