import type { Roster, Rosters } from '../actions/rosters.ts';
import { tenantKey } from '../actions/tenant-key.ts';
import type { Clock } from '../clock.ts';
import type { OccasionalLog } from '../occasional-log.ts';
import type { BusFrameOf } from './bus-frames.ts';
import { Owed } from './owed.ts';
import type { RoomFeed } from './room-feed.ts';
import { SeenTeller } from './seen-teller.ts';
import type { Session } from './session.ts';

export interface MarkerTellerOptions {
  rosters: Rosters;
  clock: Clock;
  log: OccasionalLog;
  sessionsOf(tenant: string, user: string): readonly Session[];
  feedOf(tenant: string, room: string): RoomFeed | undefined;
}

/** Tells how far somebody has read: to their own sessions, and to those who have the room open (P2). */
export class MarkerTeller {
  readonly #options: MarkerTellerOptions;
  readonly #seen: SeenTeller;
  readonly #owed: Owed<BusFrameOf<'read'>>;
  #isClosed = false;

  constructor(options: MarkerTellerOptions) {
    this.#options = options;
    this.#seen = new SeenTeller(options);
    this.#owed = new Owed(options.clock, (frame) => this.tell(frame));
  }

  /** Another node may have taken them out meanwhile, and told so (R10): where the roster is not known it is read first. */
  tell(frame: BusFrameOf<'read'>): void {
    const { tenant, room, user } = frame;
    const { rosters, log, sessionsOf, feedOf } = this.#options;
    const roster = rosters.known(tenant, room);
    if (roster) return this.#tellOf(frame, roster);
    if (sessionsOf(tenant, user).length === 0 && !feedOf(tenant, room)) return;
    rosters.of(tenant, room).then(
      (read) => {
        if (read && !this.#isClosed) this.#tellOf(frame, read);
      },
      (error: unknown) => {
        if (this.#isClosed) return;
        log.warn('Markers could not be told; they will be.', { cause: 'markers', error });
        const key = tenantKey(tenant, room, user);
        if ((this.#owed.get(key)?.readSeq ?? -1) < frame.readSeq) this.#owed.add(key, frame);
      },
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#owed.close();
  }

  #tellOf({ tenant, room, user, readSeq, readCount, unread, bySession }: BusFrameOf<'read'>, roster: Roster): void {
    if (!roster.members.has(user)) return;
    for (const session of this.#options.sessionsOf(tenant, user)) {
      if (session.id !== bySession) session.send({ kind: 'read', room, readSeq, readCount, unread });
    }
    const feed = this.#options.feedOf(tenant, room);
    if (feed) this.#seen.tell(feed, user, readSeq);
  }
}
