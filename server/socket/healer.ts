import { limits } from '#protocol/codes';
import type { Head } from '#protocol/frames';
import type { Fact } from '#protocol/models';
import type { Rosters } from '../actions/rosters.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Store } from '../store/store.ts';
import type { HeadTeller } from './head-teller.ts';
import type { RoomFeed } from './room-feed.ts';
import type { Session } from './session.ts';

/** How long a fact is waited for that others have overtaken, before the log is read. */
const holeMs = 50;
/** Rooms in one question for heads. */
const headsAtOnce = 500;

export interface HealerOptions {
  store: Pick<Store, 'changes' | 'heads'>;
  rosters: Rosters;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  heads: HeadTeller;
  feeds(): Iterable<RoomFeed>;
  takeInMembers(tenant: string, room: string, facts: readonly Fact[]): void;
  showOut(tenant: string, room: string, user: string): void;
}

/** Finds in the log what was lost on the way to this node (G6). Sessions never see that there was a hole. */
export class Healer {
  readonly #options: HealerOptions;
  #isClosed = false;

  constructor(options: HealerOptions) {
    this.#options = options;
  }

  /** Two nodes that commit to a room in turns hear of each other's facts a moment later than of their own. */
  waitForHole(feed: RoomFeed): void {
    feed.stopWaitingForHole ??= this.#options.clock.after(holeMs, () => {
      feed.stopWaitingForHole = undefined;
      if (feed.sequencer.hasHole) void this.#catchUp(feed);
    });
  }

  /** Tells the heads of all open rooms, read from the database: the last fact before a silence may have been lost (R7). */
  async heal(): Promise<void> {
    const byTenant = new Map<string, RoomFeed[]>();
    for (const feed of this.#options.feeds()) {
      const feeds = byTenant.get(feed.tenant);
      if (feeds) feeds.push(feed);
      else byTenant.set(feed.tenant, [feed]);
    }
    try {
      for (const [tenant, feeds] of byTenant) {
        for (let from = 0; from < feeds.length; from += headsAtOnce) await this.#healSome(tenant, feeds.slice(from, from + headsAtOnce));
      }
    } catch (error) {
      if (!this.#isClosed) this.#options.log.error('Heads of open rooms could not be read; they will be next time.', { error });
    }
  }

  /** The way from the feed's place to the head is too long, or leads nowhere. Clients see it by the head, and ask. */
  startOver(feed: RoomFeed, head: Head): void {
    const { rosters, log, metrics, showOut } = this.#options;
    metrics.reset();
    feed.startOver(head);
    rosters.reload(feed.tenant, feed.room).then(
      (roster) => {
        const users = new Set([...feed.subscriptions].map(({ session }) => session.userId));
        for (const user of users) if (!roster?.members.has(user)) showOut(feed.tenant, feed.room, user);
      },
      (error: unknown) => {
        if (!this.#isClosed) log.error('Members of a room could not be read again.', { room: feed.room, error });
      },
    );
  }

  close(): void {
    this.#isClosed = true;
  }

  async #healSome(tenant: string, feeds: readonly RoomFeed[]): Promise<void> {
    const heads = new Map((await this.#options.store.heads(tenant, feeds.map((feed) => feed.room))).map((head) => [head.room, head]));
    if (this.#isClosed) return;
    const behind: RoomFeed[] = [];
    for (const feed of feeds) {
      const head = heads.get(feed.room);
      const { position } = feed.sequencer;
      if (!head || position === undefined) continue;
      if (!feed.isOfEpoch(head) || head.seq - position > limits.resetAfter) this.startOver(feed, head);
      else if (head.seq > position) behind.push(feed);
    }
    // What was missed goes first: a client that hears of a head beyond what it has would ask for the same once more.
    await Promise.all(behind.map((feed) => this.#catchUp(feed)));
    if (this.#isClosed) return;
    const told = new Map<Session, Head[]>();
    for (const feed of feeds) {
      const head = heads.get(feed.room);
      for (const { session } of head ? feed.subscriptions : []) {
        const list = told.get(session);
        if (list) list.push(head!);
        else told.set(session, [head!]);
      }
    }
    this.#options.heads.tellAll(told);
  }

  async #catchUp(feed: RoomFeed): Promise<void> {
    const { store, takeInMembers, log, metrics } = this.#options;
    if (feed.isCatchingUp || feed.sequencer.position === undefined) return;
    feed.isCatchingUp = true;
    const startedAt = feed.sequencer.position;
    try {
      for (let more = true; more && feed.subscriptions.size > 0 && !this.#isClosed; ) {
        const changes = await store.changes(feed.tenant, feed.room, feed.sequencer.position, limits.changesPage);
        more = changes.more;
        takeInMembers(feed.tenant, feed.room, changes.facts);
        feed.deliverRead(changes.facts, changes.people, changes.upTo);
      }
      // What waits behind yet another hole came while the log was read. Where the log had nothing, it was never true.
      if (feed.sequencer.position !== startedAt) metrics.holeHealed();
      if (feed.sequencer.position === startedAt) feed.sequencer.dropHeld();
      else if (feed.sequencer.hasHole) this.waitForHole(feed);
    } catch (error) {
      if (!this.#isClosed) log.error('A room could not be caught up; it will be tried again.', { room: feed.room, error });
    } finally {
      feed.isCatchingUp = false;
    }
  }
}
