import { rhythms } from '#protocol/codes';
import type { ServerFrameOf } from '#protocol/frames';
import type { Person } from '#protocol/models';
import type { Clock } from '../clock.ts';
import type { BusFrameOf } from './bus-frames.ts';
import { Pace } from './pace.ts';
import type { RoomFeed } from './room-feed.ts';
import { SharedFrame } from './shared-frame.ts';

/**
 * A room is told of its typists together, this often at most, and of so many at a time; a large one of a few. Who goes on
 * typing says so every 3 s, waits here on two nodes, and must be told before readers forget them after 6 s.
 */
const small = { everyMs: 250, mostTypists: 20 };
const large = { everyMs: 1_000, mostTypists: 3 };

export interface Typist {
  readonly user: Person;
  readonly active: boolean;
}

/** Who types in a room, on the way to those who have it open. */
export interface RoomTypists {
  /** Of whom it was told that they type, and when. */
  readonly told: Map<string, number>;
  /** What was not told yet; `isHere` where no other node knows it. */
  readonly news: Map<string, { typist: Typist; isHere: boolean }>;
  readonly pace: Pace;
}

export interface TypingTellerOptions {
  clock: Clock;
  isLarge(feed: RoomFeed): boolean;
  publish(frame: BusFrameOf<'typing'>): void;
}

/** Tells who types (P4, P8): what happens at about the same time in one frame, and of no more people than anybody could follow. */
export class TypingTeller {
  readonly #options: TypingTellerOptions;

  constructor(options: TypingTellerOptions) {
    this.#options = options;
  }

  /** Somebody here began or ended. */
  say(feed: RoomFeed, typist: Typist): void {
    this.#note(feed, typist, true);
  }

  /** Another node tells of its own. */
  hear(feed: RoomFeed, typists: readonly Typist[]): void {
    for (const typist of typists) this.#note(feed, typist, false);
  }

  #note(feed: RoomFeed, typist: Typist, isHere: boolean): void {
    const typists = (feed.typists ??= this.#begin(feed));
    const { told, news, pace } = typists;
    const { user: { id }, active } = typist;
    this.#forgetExpired(told);
    // They ended before anybody was told that they had begun.
    if (!active && !told.has(id)) return void news.delete(id);
    const known = new Set([...told.keys(), ...news.keys()]);
    if (!known.has(id) && known.size >= this.#boundsOf(feed).mostTypists) return;
    news.set(id, { typist, isHere });
    pace.plan();
  }

  #begin(feed: RoomFeed): RoomTypists {
    const pace = new Pace(this.#options.clock, () => this.#boundsOf(feed).everyMs, () => this.#tell(feed, typists));
    const typists: RoomTypists = { told: new Map(), news: new Map(), pace };
    return typists;
  }

  #boundsOf(feed: RoomFeed): typeof small {
    return this.#options.isLarge(feed) ? large : small;
  }

  #forgetExpired(told: Map<string, number>): void {
    const now = this.#options.clock.now();
    // Where the clock of the machine was set back, it was longer ago than it seems.
    for (const [id, at] of told) if (now < at || now - at >= rhythms.typingExpiryMs) told.delete(id);
  }

  #tell({ tenant, room, subscriptions }: RoomFeed, { told, news }: RoomTypists): void {
    const all = [...news.values()];
    news.clear();
    if (all.length === 0) return;
    const now = this.#options.clock.now();
    for (const { typist: { user, active } } of all) {
      if (active) told.set(user.id, now);
      else told.delete(user.id);
    }
    const here = all.filter(({ isHere }) => isHere).map(({ typist }) => typist);
    if (here.length > 0) this.#options.publish({ kind: 'typing', tenant, room, typists: here });
    const typists = all.map(({ typist }) => typist);
    const shared = frameOf(room, typists);
    for (const { session, state } of subscriptions) {
      if (state !== 'live') continue;
      const others = typists.filter(({ user }) => user.id !== session.userId);
      if (others.length > 0) session.sendEphemeral(others.length === typists.length ? shared : frameOf(room, others));
    }
  }
}

function frameOf(room: string, typists: readonly Typist[]): SharedFrame {
  const [first, ...others] = typists;
  const { user, active } = first!;
  return new SharedFrame(JSON.stringify({
    kind: 'typing', room, user, active, ...(others.length > 0 ? { others } : {}),
  } satisfies ServerFrameOf<'typing'>));
}
