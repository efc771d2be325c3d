import type { Head } from '#protocol/frames';
import type { Fact, Person, RoomSummary } from '#protocol/models';

/**
 * A room's summary moves on by what comes live. `isExact` says whether `unread` is still known to equal a recount (G10):
 * where it is not, it is the best guess until the server was asked.
 */
export interface SummaryChange {
  summary: RoomSummary;
  isExact: boolean;
}

type ReadMark = Pick<RoomSummary, 'readSeq' | 'readCount'> & { unread?: number };
type HeadState = Omit<Head, 'room'>;

/** The newer head is taken; an older one changes nothing. `me`: sending a message reads up to it (P1). */
export function withHead(summary: RoomSummary, head: HeadState, me: string | undefined): SummaryChange {
  const isSameEpoch = head.epoch === summary.epoch;
  if (isSameEpoch && head.seq <= summary.seq) return { summary, isExact: true };
  const { epoch, seq, messageCount, deletedCount, activeAt, lastMessage, lastSender } = head;
  // My marker may be ahead of the head that was told: what it has passed is not unread when the head follows.
  const added = Math.max(0, messageCount - Math.max(summary.messageCount, summary.readCount));
  const next: RoomSummary = {
    ...summary, epoch, seq, messageCount, deletedCount, activeAt, lastMessage, lastSender, unread: summary.unread + added,
  };
  const isExact = isSameEpoch && deletedCount === summary.deletedCount;
  if (lastMessage && lastMessage.senderId === me) {
    const read = withRead(next, { readSeq: lastMessage.seq, readCount: lastMessage.ordinal });
    return { summary: read.summary, isExact: read.summary.unread === 0 || (isExact && read.isExact) };
  }
  return { summary: next, isExact: isExact || next.readCount >= next.messageCount };
}

/** The marker moves forward, never back (G10). */
export function withRead(summary: RoomSummary, mark: ReadMark): SummaryChange {
  const readSeq = Math.max(summary.readSeq, mark.readSeq);
  const readCount = Math.max(summary.readCount, mark.readCount);
  if (readSeq === summary.readSeq && readCount === summary.readCount) return { summary, isExact: true };
  const left = Math.max(0, summary.messageCount - readCount);
  // Without deletions unread is a plain difference. With some, only the server knows how many lie in between.
  const isExact = left === 0 || summary.deletedCount === 0;
  const unread = isExact ? left : Math.min(left, mark.unread ?? summary.unread);
  return { summary: { ...summary, readSeq, readCount, unread }, isExact };
}

/** A fact of an open room, applied in order: the head moves with it, without waiting to be told. */
export function withFact(
  summary: RoomSummary, fact: Fact, me: string | undefined, person: (id: string) => Person | undefined,
): SummaryChange {
  if (fact.seq <= summary.seq) return { summary, isExact: true };
  if (fact.kind === 'room') return { summary: { ...summary, seq: fact.seq, name: fact.name }, isExact: true };
  if (fact.kind === 'member') return { summary: { ...summary, seq: fact.seq }, isExact: true };
  const { message } = fact;
  const isNew = message.ordinal > summary.messageCount;
  const isLast = !summary.lastMessage || message.seq >= summary.lastMessage.seq;
  return withHead(summary, {
    epoch: summary.epoch,
    seq: fact.seq,
    messageCount: Math.max(summary.messageCount, message.ordinal),
    // The only change of a message in this version of the protocol is its deletion, and each is a fact of its own.
    deletedCount: summary.deletedCount + (message.deletedAt === undefined ? 0 : 1),
    activeAt: isNew ? message.at : summary.activeAt,
    lastMessage: isLast ? message : summary.lastMessage,
    lastSender: isLast ? person(message.senderId) : summary.lastSender,
  }, me);
}

/** An answer may be older than what came live while it was on its way: the newer half of each wins. */
export function merged(known: RoomSummary | undefined, told: RoomSummary, me: string | undefined): SummaryChange {
  if (!known || known.epoch !== told.epoch) return { summary: told, isExact: true };
  const ahead = withHead(told, known, me);
  const read = withRead(ahead.summary, { readSeq: known.readSeq, readCount: known.readCount });
  return { summary: read.summary, isExact: read.summary.unread === 0 || (ahead.isExact && read.isExact) };
}
