import type { Rosters } from '../actions/rosters.ts';
import type { Clock } from '../clock.ts';
import type { RoomFeed } from './room-feed.ts';
import { SharedFrame } from './shared-frame.ts';

/** Markers are told at once in rooms of up to the first size, every `everyMs` up to the second, and beyond on demand (P2). */
const atOnceMembers = 50;
const mostMembers = 500;
const everyMs = 5_000;

/** Tells who have a room open how far the others have read. */
export class SeenTeller {
  readonly #rosters: Rosters;
  readonly #clock: Clock;

  constructor({ rosters, clock }: { rosters: Rosters; clock: Clock }) {
    this.#rosters = rosters;
    this.#clock = clock;
  }

  tell(feed: RoomFeed, user: string, readSeq: number): void {
    const members = this.#rosters.known(feed.tenant, feed.room)?.members.size ?? mostMembers;
    if (members > mostMembers) return;
    feed.seen.set(user, Math.max(readSeq, feed.seen.get(user) ?? 0));
    const run = () => {
      feed.stopWaitingForSeen = undefined;
      tellNow(feed);
    };
    feed.stopWaitingForSeen ??= members <= atOnceMembers ? immediately(run) : this.#clock.after(everyMs, run);
  }
}

function tellNow(feed: RoomFeed): void {
  const cursors = [...feed.seen];
  feed.seen.clear();
  const frameOf = (told: typeof cursors) => new SharedFrame(JSON.stringify({ kind: 'seen', room: feed.room, cursors: told }));
  const shared = frameOf(cursors);
  for (const subscription of feed.subscriptions) {
    const { session, state } = subscription;
    const others = cursors.filter(([user]) => user !== session.userId);
    // The answer that is on its way may have been read before (R2).
    if (state === 'buffering') for (const [user, readSeq] of others) (subscription.heldSeen ??= new Map()).set(user, readSeq);
    if (state === 'live' && others.length > 0) session.sendShared(others.length === cursors.length ? shared : frameOf(others));
  }
}

function immediately(callback: () => void): () => void {
  const immediate = setImmediate(callback);
  return () => clearImmediate(immediate);
}
