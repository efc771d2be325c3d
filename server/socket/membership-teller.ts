import type { Fact } from '#protocol/models';
import type { Rosters } from '../actions/rosters.ts';
import { tenantKey } from '../actions/tenant-key.ts';
import type { Clock } from '../clock.ts';
import type { OccasionalLog } from '../occasional-log.ts';
import type { HeadTeller } from './head-teller.ts';
import { Owed } from './owed.ts';
import type { Presence } from './presence.ts';
import type { RoomFeed, Subscription } from './room-feed.ts';
import type { Session } from './session.ts';
import type { SummaryTeller } from './summary-teller.ts';

/** List entries of everyone are told anew when a member comes or goes, in rooms of up to this many. */
const listedMembers = 50;

export interface MembershipTellerOptions {
  rosters: Rosters;
  clock: Clock;
  log: OccasionalLog;
  heads: HeadTeller;
  summaries: SummaryTeller;
  presence: Presence;
  sessionsOf(tenant: string, user: string): readonly Session[];
  feedOf(tenant: string, room: string): RoomFeed | undefined;
  /** The session stands in the room no more. */
  takeOut(subscription: Subscription): void;
}

/** Tells people that they are in a room or out of it, and everyone's lists that it looks different. */
export class MembershipTeller {
  readonly #options: MembershipTellerOptions;
  /** Rooms whose lists have yet to be told of a change. */
  readonly #owed: Owed<ChangedRoom>;
  #isClosed = false;

  constructor(options: MembershipTellerOptions) {
    this.#options = options;
    this.#owed = new Owed(options.clock, (changed) => this.#tellListsOnceRead(changed));
  }

  /**
   * Who is out is out at once: before another word of the room reaches them (R10, G7). What a fact says is held against the
   * roster, which may have been read after it, and what the roster knew already has not been told to anybody yet.
   */
  takeIn(tenant: string, room: string, facts: readonly Fact[]): void {
    const { rosters, summaries, presence } = this.#options;
    rosters.hear(tenant, room, facts);
    const members = facts.flatMap((fact) => (fact.kind === 'member' ? [fact.member] : []));
    const isRenamed = facts.some((fact) => fact.kind === 'room');
    if (members.length === 0 && !isRenamed) return;
    const roster = rosters.known(tenant, room);
    for (const { userId, leftAt } of members) {
      const isIn = roster ? roster.members.has(userId) : leftAt === undefined;
      if (isIn) {
        summaries.tell(tenant, room, userId);
      } else if (leftAt !== undefined) {
        this.showOut(tenant, room, userId);
        presence.recheck(tenant, userId);
      }
    }
    const changed = { tenant, room, isRenamed };
    if (roster) this.#tellLists(changed, roster.members);
    // Nobody here has had to do with the room lately; it may stand in their lists all the same.
    else this.#tellListsOnceRead(changed);
  }

  /** The same where so much has happened that nobody goes through it fact by fact. Throws where the members cannot be read. */
  async takeInAnew(tenant: string, room: string): Promise<void> {
    const { rosters, presence } = this.#options;
    const before = new Set(rosters.lastKnown(tenant, room)?.members);
    const now = (await rosters.reread(tenant, room))?.members ?? new Set();
    if (this.#isClosed) return;
    for (const user of before) {
      if (now.has(user)) continue;
      this.showOut(tenant, room, user);
      presence.recheck(tenant, user);
    }
    // Whoever came has it in their list now, and for the others it may have another name.
    this.#tellLists({ tenant, room, isRenamed: true }, now);
  }

  /** Closes the room to somebody who is not in it any more. */
  showOut(tenant: string, room: string, user: string): void {
    const { heads, summaries, sessionsOf, feedOf, takeOut } = this.#options;
    summaries.forget(tenant, room, user);
    feedOf(tenant, room)?.typists?.news.delete(user);
    for (const session of sessionsOf(tenant, user)) {
      const subscription = session.subscriptions.get(room);
      if (subscription) takeOut(subscription);
      heads.forget(session, room);
      session.send({ kind: 'room.gone', room });
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#owed.close();
  }

  #tellLists({ tenant, room, isRenamed }: ChangedRoom, users: ReadonlySet<string>): void {
    if (isRenamed || users.size <= listedMembers) for (const user of users) this.#options.summaries.tell(tenant, room, user);
  }

  #tellListsOnceRead(changed: ChangedRoom): void {
    const { rosters, log } = this.#options;
    const { tenant, room, isRenamed } = changed;
    rosters.of(tenant, room).then(
      (read) => read && !this.#isClosed && this.#tellLists(changed, read.members),
      (error: unknown) => {
        if (this.#isClosed) return;
        log.warn('Changes of rooms could not be told to lists; they will be.', { cause: 'changes', error });
        const key = tenantKey(tenant, room);
        this.#owed.add(key, { tenant, room, isRenamed: isRenamed || this.#owed.get(key)?.isRenamed === true });
      },
    );
  }
}

interface ChangedRoom {
  tenant: string;
  room: string;
  isRenamed: boolean;
}
