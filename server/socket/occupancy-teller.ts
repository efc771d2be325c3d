import { limits, rhythms } from '#protocol/codes';
import type { ServerFrameOf } from '#protocol/frames';
import type { Rosters } from '../actions/rosters.ts';
import { tenantKey } from '../actions/tenant-key.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { RoomFeed, Subscription } from './room-feed.ts';
import type { Session } from './session.ts';
import { SharedFrame } from './shared-frame.ts';

/** A room too large to tell who of its members is there; somebody here has it open, or had it a moment ago. */
interface LargeRoom {
  readonly tenant: string;
  readonly room: string;
  /** As it was told last. */
  online: number | undefined;
}

export interface OccupancyTellerOptions {
  rosters: Rosters;
  clock: Clock;
  log: Log;
  feeds(): Iterable<RoomFeed>;
  feedOf(tenant: string, room: string): RoomFeed | undefined;
  /** How many of these people are there, on whatever node. */
  countOnline(tenant: string, users: ReadonlySet<string>): number;
}

/** Tells those who have a large room open how many of its members are there (P7): one count for each room and round. */
export class OccupancyTeller {
  readonly #options: OccupancyTellerOptions;
  readonly #rooms = new Map<string, LargeRoom>();
  readonly #stopRounds: () => void;
  #isOnRound = false;
  #isClosed = false;

  constructor(options: OccupancyTellerOptions) {
    this.#options = options;
    this.#stopRounds = options.clock.every(rhythms.occupancyMs, () => void this.#goRound());
  }

  /** A session has opened a room with so many members. */
  opened({ session, feed: { tenant, room } }: Subscription, memberCount: number): void {
    if (memberCount <= limits.membersTold) return;
    const known = this.#rooms.get(tenantKey(tenant, room));
    if (!known) void this.#count(this.#add(tenant, room));
    // Where it is being counted just now, that is told when it is done.
    else if (known.online !== undefined) session.sendEphemeral(frameOf(known.room, known.online));
  }

  /** Whether the room has too many members to tell each of each. Only asked of rooms that are open here. */
  isLarge(tenant: string, room: string): boolean {
    return this.#rooms.has(tenantKey(tenant, room));
  }

  /** The session read slowly, and was not told some of it. */
  recovered(session: Session): void {
    for (const { feed: { tenant, room } } of session.subscriptions.values()) {
      const online = this.#rooms.get(tenantKey(tenant, room))?.online;
      if (online !== undefined) session.sendEphemeral(frameOf(room, online));
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#stopRounds();
    this.#rooms.clear();
  }

  #add(tenant: string, room: string): LargeRoom {
    const large: LargeRoom = { tenant, room, online: undefined };
    this.#rooms.set(tenantKey(tenant, room), large);
    return large;
  }

  async #goRound(): Promise<void> {
    if (this.#isOnRound) return;
    this.#isOnRound = true;
    const { rosters, feeds } = this.#options;
    // Rooms may have grown since they were opened.
    for (const { tenant, room } of feeds()) {
      const members = rosters.known(tenant, room)?.members.size ?? 0;
      if (members > limits.membersTold && !this.#rooms.has(tenantKey(tenant, room))) this.#add(tenant, room);
    }
    for (const room of this.#rooms.values()) {
      await this.#count(room);
      // A room of a hundred thousand takes some milliseconds: each in a turn of its own.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#isOnRound = false;
  }

  async #count(large: LargeRoom): Promise<void> {
    const { rosters, log, feedOf, countOnline } = this.#options;
    const { tenant, room } = large;
    try {
      const roster = feedOf(tenant, room) && await rosters.of(tenant, room);
      const feed = feedOf(tenant, room);
      if (this.#isClosed) return;
      if (!feed || !roster || roster.members.size <= limits.membersTold) return void this.#rooms.delete(tenantKey(tenant, room));
      const online = countOnline(tenant, roster.members);
      if (online === large.online) return;
      large.online = online;
      const frame = frameOf(room, online);
      for (const { session, state } of feed.subscriptions) if (state === 'live') session.sendEphemeral(frame);
    } catch (error) {
      if (!this.#isClosed) log.error('Who is in a room could not be counted; it will be next time.', { room, error });
    }
  }
}

function frameOf(room: string, online: number): SharedFrame {
  return new SharedFrame(JSON.stringify({ kind: 'occupancy', room, online } satisfies ServerFrameOf<'occupancy'>));
}
