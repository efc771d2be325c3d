import type { TimelineMessage } from '../client/room.ts';

/** How a message stands between its neighbours. Asked row by row, so that a long room costs nothing to lay out. */
export interface RowShape {
  /** First of its day: a date separator stands above. */
  startsDay: boolean;
  /** First of a run by one author: has the name and the time. */
  startsGroup: boolean;
  /** Last of such a run: has the picture and the larger gap below. */
  endsGroup: boolean;
  /** The divider of unread messages stands above. */
  startsUnread: boolean;
}

/** Messages of one author further apart than this do not belong together. */
export const groupGapMs = 5 * 60_000;

export interface GroupingContext {
  /** My id: what is pending has no sender yet, and is mine. */
  userId: string | undefined;
  unreadAfterSeq: number | undefined;
  /** Older messages exist that are not here: nothing is known of what stands before the first. */
  hasBefore: boolean;
}

export function describeRow(messages: readonly TimelineMessage[], index: number, context: GroupingContext): RowShape {
  const row = messages[index];
  const before = messages[index - 1];
  const after = messages[index + 1];
  if (!row) throw new RangeError(`There is no message at ${index}.`);
  const startsUnread = startsUnreadAt(before, row, context);
  return {
    startsDay: !before || !isSameDay(timeOf(before), timeOf(row)),
    startsGroup: startsUnread || !before || !belongTogether(before, row, context),
    endsGroup: !after || !belongTogether(row, after, context) || startsUnreadAt(row, after, context),
    startsUnread,
  };
}

export function timeOf(row: TimelineMessage): number {
  return row.status === 'sent' ? row.message.at : row.at;
}

export function authorOf(row: TimelineMessage, userId: string | undefined): string | undefined {
  return row.status === 'sent' ? row.message.senderId : userId;
}

/** By the clock of whoever reads. */
export function isSameDay(a: number, b: number): boolean {
  const first = new Date(a);
  const second = new Date(b);
  return first.getDate() === second.getDate() && first.getMonth() === second.getMonth() && first.getFullYear() === second.getFullYear();
}

function belongTogether(before: TimelineMessage, after: TimelineMessage, context: GroupingContext): boolean {
  const gapMs = timeOf(after) - timeOf(before);
  return (
    authorOf(before, context.userId) === authorOf(after, context.userId) &&
    // The times of two clocks can disagree by a little; messages do not part for that.
    Math.abs(gapMs) <= groupGapMs &&
    isSameDay(timeOf(before), timeOf(after))
  );
}

function startsUnreadAt(before: TimelineMessage | undefined, row: TimelineMessage, context: GroupingContext): boolean {
  const { unreadAfterSeq, userId, hasBefore } = context;
  if (unreadAfterSeq === undefined || row.status !== 'sent' || row.message.seq <= unreadAfterSeq) return false;
  // What I wrote is not unread to me.
  if (row.message.senderId === userId) return false;
  if (!before) return !hasBefore;
  return before.status === 'sent' && before.message.seq <= unreadAfterSeq;
}
