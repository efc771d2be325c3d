import type { Fact } from '#protocol/models';
import type { Rosters } from '../actions/rosters.ts';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Metrics } from '../metrics.ts';
import type { OccasionalLog } from '../occasional-log.ts';
import type { Store } from '../store/store.ts';
import { FeedHealer } from './feed-healer.ts';
import type { HeadTeller } from './head-teller.ts';
import { HealingRounds } from './healing-rounds.ts';
import { ListHealer } from './list-healer.ts';
import type { RoomFeed } from './room-feed.ts';

export interface HealerOptions {
  store: Pick<Store, 'changedRooms' | 'changes' | 'heads'>;
  bus: Bus;
  rosters: Rosters;
  clock: Clock;
  log: OccasionalLog;
  metrics: Metrics;
  heads: HeadTeller;
  feeds(): Iterable<RoomFeed>;
  feedOf(tenant: string, room: string): RoomFeed | undefined;
  /** Whether any of these people of a tenant, or anybody at all, has a session on this node. */
  isHere(tenant: string, users: Iterable<string>): boolean;
  isAnybodyHere(): boolean;
  takeInMembers(tenant: string, room: string, facts: readonly Fact[]): void;
  takeInMembersAnew(tenant: string, room: string): Promise<void>;
  showOut(tenant: string, room: string, user: string): void;
}

/** Makes up for what was lost on the way to this node (G6): in open rooms and in lists. */
export class Healer {
  readonly #feedOf: HealerOptions['feedOf'];
  readonly #feeds: FeedHealer;
  readonly #lists: ListHealer;
  readonly #rounds: HealingRounds;

  constructor(options: HealerOptions) {
    const { bus, clock, feedOf, isHere, isAnybodyHere, takeInMembers, takeInMembersAnew } = options;
    this.#feedOf = feedOf;
    this.#feeds = new FeedHealer(options);
    this.#lists = new ListHealer({
      ...options, isListedHere: isHere, takeInPeople: takeInMembers, takeInPeopleAnew: takeInMembersAnew,
      reach: ({ tenant, room, epoch, seq }) => this.#reach(tenant, room, { epoch, seq }),
    });
    this.#rounds = new HealingRounds({
      bus, clock,
      check: async () => {
        if (!isAnybodyHere()) return this.#lists.rest();
        await this.#feeds.heal();
        await this.#lists.check();
      },
      poll: async () => {
        if (!isAnybodyHere()) return this.#lists.rest();
        await this.#lists.poll();
      },
    });
  }

  /** Facts wait behind one that has not come. */
  waitForHole(feed: RoomFeed): void {
    this.#feeds.waitForHole(feed);
  }

  /** A room has come this far, and what it came by is in the log only; with messages in it, its head is too. */
  lookUp(tenant: string, room: string, { epoch, seq, hasMessages }: { epoch: string; seq: number; hasMessages: boolean }): void {
    void this.#reach(tenant, room, { epoch, seq });
    if (hasMessages) this.#lists.referTo(tenant, room);
  }

  close(): void {
    this.#rounds.close();
    this.#feeds.close();
    this.#lists.close();
  }

  async #reach(tenant: string, room: string, place: { epoch: string; seq: number }): Promise<void> {
    const feed = this.#feedOf(tenant, room);
    if (feed) await this.#feeds.reach(feed, place);
  }
}
