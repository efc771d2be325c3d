import { limits } from '#protocol/codes';
import type { Head } from '#protocol/frames';
import type { Fact } from '#protocol/models';
import type { Rosters } from '../actions/rosters.ts';
import type { Clock } from '../clock.ts';
import type { Metrics } from '../metrics.ts';
import type { OccasionalLog } from '../occasional-log.ts';
import type { Store } from '../store/store.ts';
import { Gate } from './gate.ts';
import type { HeadTeller } from './head-teller.ts';
import type { RoomFeed } from './room-feed.ts';
import type { Session } from './session.ts';

/** How long a fact is waited for that others have overtaken, before the log is read. */
const holeMs = 50;
/** A log that could not be read is read again after this long. */
const againMs = 1_000;
/** Rooms in one question for heads. */
const headsAtOnce = 500;
/** Logs that are read at the same time: there may be a hole in every room at once. */
const logsAtOnce = 8;

export interface FeedHealerOptions {
  store: Pick<Store, 'changes' | 'heads'>;
  rosters: Rosters;
  clock: Clock;
  log: OccasionalLog;
  metrics: Metrics;
  heads: HeadTeller;
  feeds(): Iterable<RoomFeed>;
  takeInMembers(tenant: string, room: string, facts: readonly Fact[]): void;
  showOut(tenant: string, room: string, user: string): void;
}

/** Finds in the log what open rooms have missed (G6). Sessions never see that there was a hole. */
export class FeedHealer {
  readonly #options: FeedHealerOptions;
  readonly #gate = new Gate(logsAtOnce);
  #isClosed = false;

  constructor(options: FeedHealerOptions) {
    this.#options = options;
  }

  /** Two nodes that commit to a room in turns hear of each other's facts a moment later than of their own. */
  waitForHole(feed: RoomFeed): void {
    this.#catchUpLater(feed, holeMs);
  }

  /** The log has come this far: the feed follows, where it is behind. Never rejects; resolves when it is there, or cannot be. */
  async reach(feed: RoomFeed, { epoch, seq }: { epoch: string; seq: number }): Promise<void> {
    const { position } = feed.sequencer;
    if (position === undefined) return;
    if (!feed.isOfEpoch({ epoch }) || seq - position > limits.resetAfter) await this.#healSome(feed.tenant, [feed]).catch(this.#onTrouble);
    else if (seq > position) await this.#catchUp(feed, seq);
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
      this.#onTrouble(error);
    }
  }

  /** The way from the feed's place to the head is too long, or leads nowhere. Clients see it by the head, and ask. */
  startOver(feed: RoomFeed, head: { epoch: string; seq: number }): void {
    this.#options.metrics.reset();
    feed.startOver(head);
    feed.areMembersRead = false;
    this.#readMembers(feed);
  }

  close(): void {
    this.#isClosed = true;
  }

  async #healSome(tenant: string, feeds: readonly RoomFeed[]): Promise<void> {
    const heads = new Map((await this.#options.store.heads(tenant, feeds.map((feed) => feed.room))).map((head) => [head.room, head]));
    if (this.#isClosed) return;
    const behind: Promise<void>[] = [];
    for (const feed of feeds) {
      const head = heads.get(feed.room);
      const { position } = feed.sequencer;
      if (!head || position === undefined) continue;
      if (!feed.areMembersRead) this.#readMembers(feed);
      if (feed.isOfEpoch(head) && head.seq <= position) continue;
      if (!feed.isOfEpoch(head) || head.seq - position > limits.resetAfter) this.startOver(feed, head);
      else behind.push(this.#catchUp(feed, head.seq));
      // Lists have missed it too.
      this.#options.heads.tell(tenant, head);
    }
    // What was missed goes first: a client that hears of a head beyond what it has would ask for the same once more.
    await Promise.all(behind);
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

  /** Who went out in what was skipped is shown out (G7). Tried again with the next heads, where it fails. */
  #readMembers(feed: RoomFeed): void {
    this.#options.rosters.reread(feed.tenant, feed.room).then((roster) => {
      feed.areMembersRead = true;
      const users = new Set([...feed.subscriptions].map(({ session }) => session.userId));
      for (const user of users) if (!roster?.members.has(user)) this.#options.showOut(feed.tenant, feed.room, user);
    }, this.#onTrouble);
  }

  #catchUpLater(feed: RoomFeed, ms: number): void {
    feed.stopWaitingForHole ??= this.#options.clock.after(ms, () => {
      feed.stopWaitingForHole = undefined;
      if (feed.sequencer.hasHole || feed.isBehind) void this.#catchUp(feed, 0);
    });
  }

  /** Reads the log up to `seq`, and over whatever hole there is. Never rejects; resolves when the feed is there, or cannot be. */
  #catchUp(feed: RoomFeed, seq: number): Promise<void> {
    feed.wantedSeq = Math.max(feed.wantedSeq, seq);
    feed.catchingUp ??= this.#gate.pass(() => this.#readOn(feed)).catch((error: unknown) => {
      this.#onTrouble(error);
      if (feed.subscriptions.size > 0 && !this.#isClosed) this.#catchUpLater(feed, againMs);
    }).finally(() => (feed.catchingUp = undefined));
    return feed.catchingUp;
  }

  async #readOn(feed: RoomFeed): Promise<void> {
    const { store, rosters, takeInMembers, metrics } = this.#options;
    const { epoch, sequencer } = feed;
    const startedAt = sequencer.position;
    for (let more = true; more || feed.isBehind; ) {
      const from = sequencer.position;
      if (from === undefined || feed.subscriptions.size === 0 || this.#isClosed) return;
      const changes = await store.changes(feed.tenant, feed.room, from, limits.changesPage);
      // Places of another epoch mean nothing in this one.
      if (feed.epoch !== epoch) return;
      more = changes.more;
      takeInMembers(feed.tenant, feed.room, changes.facts);
      rosters.reached(feed.tenant, feed.room, { epoch, after: from, seq: changes.upTo });
      feed.deliverRead(changes.facts, changes.people, changes.upTo);
      if (sequencer.position === from) break;
    }
    // Where the log had nothing, it was never true. What waits behind yet another hole came while the log was read.
    if (feed.isBehind) feed.wantedSeq = 0;
    if (sequencer.position !== startedAt) metrics.holeHealed();
    if (sequencer.position === startedAt) sequencer.dropHeld();
    else if (sequencer.hasHole) this.waitForHole(feed);
  }

  readonly #onTrouble = (error: unknown): void => {
    if (!this.#isClosed) this.#options.log.warn('What a room may have missed could not be read; it will be tried again.', { cause: 'rooms', error });
  };
}
