import type { Member } from '#protocol/models';
import type { TimelineMessage } from '../client/room.ts';

/** The last of my messages that somebody else has seen, and who has. */
export interface SeenBy {
  seq: number;
  /** Ids of those who have seen it, the latest to join last. */
  userIds: string[];
}

export function findSeenBy(messages: readonly TimelineMessage[], members: readonly Member[], userId: string | undefined): SeenBy | undefined {
  const others = members.filter((member) => member.userId !== userId && member.leftAt === undefined);
  let furthest = 0;
  for (const member of others) furthest = Math.max(furthest, member.readSeq);
  if (furthest === 0) return undefined;
  const seq = findMine(messages, userId, furthest);
  if (seq === undefined) return undefined;
  return { seq, userIds: others.filter((member) => member.readSeq >= seq).map((member) => member.userId) };
}

/** Whether somebody has seen what stands there: reading goes forward, so all of mine before the last that was seen is seen too. */
export function isSeen(seq: number, last: SeenBy | undefined): boolean {
  return last !== undefined && last.userIds.length > 0 && seq <= last.seq;
}

/** Place in the log of my last message up to `upTo`, if it is among these. Deleted ones do not count: nobody sees those. */
export function findMine(messages: readonly TimelineMessage[], userId: string | undefined, upTo = Infinity): number | undefined {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const row = messages[index]!;
    if (row.status !== 'sent') continue;
    const { seq, senderId, deletedAt } = row.message;
    if (seq <= upTo && senderId === userId && deletedAt === undefined) return seq;
  }
  return undefined;
}
