import { limits } from '#protocol/codes';
import type { Fact } from '#protocol/models';
import type { Rosters } from '../actions/rosters.ts';
import { tenantKey } from '../actions/tenant-key.ts';
import type { Clock } from '../clock.ts';
import type { OccasionalLog } from '../occasional-log.ts';
import type { RoomPlace, Store } from '../store/store.ts';
import { Gate } from './gate.ts';
import type { HeadTeller } from './head-teller.ts';
import { Owed } from './owed.ts';
import { Pace } from './pace.ts';

/** Nodes' clocks differ, and what was written at a moment can be read a moment later: rounds look back further than the one before. */
const shortOverlapMs = 5_000;
const longOverlapMs = 60_000;
/** Rooms in one question. */
const pageRooms = 500;
/** Rooms that are looked into at the same time. */
const atOnce = 8;
/** Rooms whose change was too long for the bus are gathered this long, in a busy time. */
const gatherMs = 50;

export interface ListHealerOptions {
  store: Pick<Store, 'changedRooms' | 'changes' | 'heads'>;
  rosters: Rosters;
  clock: Clock;
  log: OccasionalLog;
  heads: HeadTeller;
  /** Whether somebody of this node is in the room. */
  isListedHere(tenant: string, members: ReadonlySet<string>): boolean;
  /** A room has come this far: whoever has it open follows. Never rejects. */
  reach(place: RoomPlace): Promise<void>;
  takeInPeople(tenant: string, room: string, facts: readonly Fact[]): void;
  /** The same of everything that there is. Rejects where it cannot be read. */
  takeInPeopleAnew(tenant: string, room: string): Promise<void>;
}

/**
 * Finds what lists were not told: one question for all rooms of all people that changed lately, and then only for those of
 * which this node has not heard as much.
 */
export class ListHealer {
  readonly #options: ListHealerOptions;
  /** Nobody was here before. */
  #since: number;
  readonly #gate = new Gate(atOnce);
  readonly #pace: Pace;
  /** Rooms whose head is only said to be in the database. */
  #referred = new Map<string, { tenant: string; room: string }>();
  /** Those of them whose head could not be read. */
  readonly #owed: Owed<{ tenant: string; room: string }>;
  /** The latest time that was seen in the database: this node's own clock may be ahead of it. */
  #latest: number | undefined;
  #isClosed = false;

  constructor(options: ListHealerOptions) {
    this.#options = options;
    this.#since = options.clock.now();
    this.#pace = new Pace(options.clock, gatherMs, () => void this.#tellReferred());
    this.#owed = new Owed(options.clock, ({ tenant, room }) => this.referTo(tenant, room));
  }

  /** What may have been missed, also long ago. Never rejects. */
  check(): Promise<void> {
    return this.#round(longOverlapMs);
  }

  /** What has just changed. Never rejects. */
  poll(): Promise<void> {
    return this.#round(shortOverlapMs);
  }

  /** Nobody is here whose list could have missed anything. Whoever comes reads theirs. */
  rest(): void {
    this.#since = this.#options.clock.now();
    this.#latest = undefined;
  }

  /** The head of the room is in the database, and was not said. */
  referTo(tenant: string, room: string): void {
    this.#referred.set(tenantKey(tenant, room), { tenant, room });
    this.#pace.plan();
  }

  close(): void {
    this.#isClosed = true;
    this.#pace.stop();
    this.#owed.close();
  }

  async #round(overlapMs: number): Promise<void> {
    const { store, log } = this.#options;
    const since = this.#startOf(overlapMs);
    try {
      for (let after: RoomPlace | undefined; ;) {
        const page = await store.changedRooms({ since, after, limit: pageRooms });
        if (this.#isClosed) return;
        await this.#heal(page);
        after = page.at(-1);
        if (after) this.#latest = Math.max(this.#latest ?? 0, after.changedAt);
        if (page.length < pageRooms || this.#isClosed) return;
      }
    } catch (error) {
      // What was not seen yet is looked for from here on, however long it takes.
      this.#latest ??= since + overlapMs;
      if (!this.#isClosed) log.warn('The database could not be asked what was missed; it will be asked again.', { cause: 'lists', error });
    }
  }

  #startOf(overlapMs: number): number {
    const now = this.#options.clock.now();
    return Math.max(Math.min(this.#since, now) - shortOverlapMs, Math.min(now, this.#latest ?? now) - overlapMs);
  }

  /** What fails is not reached, and so it is missed in the next round too. */
  async #heal(places: readonly RoomPlace[]): Promise<void> {
    const { rosters, reach } = this.#options;
    const missed = places.filter(({ tenant, room, epoch, seq }) => {
      const heard = rosters.place(tenant, room);
      return heard?.epoch !== epoch || heard.seq < seq || !heard.isFollowed;
    });
    const looked = await Promise.all(missed.map((place) => this.#gate.pass(async () => {
      // Who has the room open hears of who came and went with everything else.
      await reach(place);
      return { ...place, after: await this.#healPeople(place) };
    })));
    if (this.#isClosed) return;
    await this.#tellHeads(missed);
    for (const { tenant, room, ...reached } of looked) {
      rosters.reached(tenant, room, reached);
      rosters.follow(tenant, room, reached.epoch);
    }
  }

  /** Who came, who went, and the name: what a head does not tell. Taking them in twice changes nothing. Resolves to where it began. */
  async #healPeople({ tenant, room, epoch, seq, peopleSeq }: RoomPlace): Promise<number> {
    const { store, rosters, takeInPeople, takeInPeopleAnew } = this.#options;
    const heard = rosters.place(tenant, room);
    const isAnotherLog = heard !== undefined && heard.epoch !== epoch;
    // Where nothing was ever heard of the room, what may have been lost is what happened lately.
    const after = isAnotherLog ? seq : heard?.seq ?? Math.max(0, seq - limits.changesPage);
    if (isAnotherLog || (peopleSeq > after && seq - after > limits.resetAfter)) {
      await takeInPeopleAnew(tenant, room);
      return after;
    }
    for (let from = after; peopleSeq > from && !this.#isClosed; ) {
      const { facts, upTo } = await store.changes(tenant, room, from, limits.changesPage);
      if (!this.#isClosed) takeInPeople(tenant, room, facts.filter(({ kind }) => kind !== 'message'));
      if (upTo <= from) break;
      from = upTo;
    }
    return after;
  }

  async #tellReferred(): Promise<void> {
    const rooms = this.#referred;
    this.#referred = new Map();
    try {
      await this.#tellHeads([...rooms.values()]);
    } catch (error) {
      if (this.#isClosed) return;
      this.#options.log.warn('Heads of rooms could not be read; they will be.', { cause: 'heads', error });
      for (const [key, room] of rooms) this.#owed.add(key, room);
    }
  }

  async #tellHeads(rooms: readonly { tenant: string; room: string }[]): Promise<void> {
    const { store, rosters, heads, isListedHere } = this.#options;
    const byTenant = new Map<string, string[]>();
    await Promise.all(rooms.map(({ tenant, room }) => this.#gate.pass(async () => {
      const roster = await rosters.of(tenant, room);
      if (!roster || !isListedHere(tenant, roster.members)) return;
      const listed = byTenant.get(tenant);
      if (listed) listed.push(room);
      else byTenant.set(tenant, [room]);
    })));
    for (const [tenant, listed] of byTenant) {
      for (let from = 0; from < listed.length && !this.#isClosed; from += pageRooms) {
        for (const head of await store.heads(tenant, listed.slice(from, from + pageRooms))) heads.tell(tenant, head);
      }
    }
  }
}
