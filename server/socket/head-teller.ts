import type { Head } from '#protocol/frames';
import { BoundedMap } from '../actions/bounded-map.ts';
import type { Rosters } from '../actions/rosters.ts';
import { tenantKey } from '../actions/tenant-key.ts';
import type { Clock } from '../clock.ts';
import type { OccasionalLog } from '../occasional-log.ts';
import type { Session } from './session.ts';
import { SharedFrame } from './shared-frame.ts';

/** Lists move at once after a silence, and this often in a busy time. */
const everyMs = 100;
/** Where the members of a room could not be read, it is tried again after this long. */
const againMs = 1_000;
/** Heads kept for a session that reads slowly; whoever is in more busy rooms than that comes back and lists them anew. */
const maxLate = 1_000;
/** Rooms of which it is remembered how far they were told. */
const maxTold = 20_000;
/** A head holds the last message: a frame of them holds about so many characters, so that a slow reader is never given them all at once (F7). */
const packedCharacters = 32 * 1024;

/** Tells lists how far their rooms have come: the newest head only, to sessions that do not have the room open. */
export class HeadTeller {
  readonly #rosters: Rosters;
  readonly #clock: Clock;
  readonly #log: OccasionalLog;
  readonly #sessionsOf: (tenant: string, user: string) => readonly Session[];
  #moved = new Map<string, { tenant: string; head: Head }>();
  /** The same head may be heard of by the bus, and found in the database. */
  readonly #told = new BoundedMap<string, { epoch: string; seq: number }>(maxTold);
  readonly #late = new Map<Session, Map<string, Head>>();
  /** Each head is written once for all lists that it goes to. */
  readonly #written = new WeakMap<Head, string>();
  #isPlanned = false;
  #isClosed = false;
  #ranAt = -Infinity;

  constructor(options: {
    rosters: Rosters; clock: Clock; log: OccasionalLog; sessionsOf: (tenant: string, user: string) => readonly Session[];
  }) {
    this.#rosters = options.rosters;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#sessionsOf = options.sessionsOf;
  }

  tell(tenant: string, head: Head): void {
    const key = tenantKey(tenant, head.room);
    const told = this.#told.get(key);
    if (told?.epoch === head.epoch && told.seq >= head.seq) return;
    const known = this.#moved.get(key);
    if (!known || known.head.seq < head.seq || known.head.epoch !== head.epoch) this.#moved.set(key, { tenant, head });
    this.#plan();
  }

  /** Tells some sessions some heads now. */
  tellAll(told: ReadonlyMap<Session, readonly Head[]>): void {
    const singles = new Map<Head, SharedFrame>();
    for (const [session, heads] of told) {
      if (session.leavesOut()) {
        this.#keep(session, heads);
      } else if (heads.length === 1) {
        const [head] = heads as [Head];
        let frame = singles.get(head);
        if (!frame) singles.set(head, (frame = frameOf([this.#write(head)])));
        session.sendShared(frame);
      } else {
        this.#tellMany(session, heads);
      }
    }
  }

  /** The session reads again: what was kept for it goes out. */
  recovered(session: Session): void {
    const late = this.#late.get(session);
    this.#late.delete(session);
    if (late) this.#tellMany(session, [...late.values()]);
  }

  /** The person is no longer in the room (R10). */
  forget(session: Session, room: string): void {
    this.#late.get(session)?.delete(room);
  }

  leave(session: Session): void {
    this.#late.delete(session);
  }

  close(): void {
    this.#isClosed = true;
    this.#moved.clear();
    this.#late.clear();
  }

  #plan(afterMs = everyMs): void {
    if (this.#isPlanned || this.#isClosed) return;
    this.#isPlanned = true;
    // Never longer than that: the clock of the machine may have been set back.
    const waitMs = Math.min(afterMs, this.#ranAt + afterMs - this.#clock.now());
    if (waitMs > 0) this.#clock.after(waitMs, () => void this.#run());
    else setImmediate(() => void this.#run());
  }

  /** One run at a time, so that a list never gets an older head after a newer one. */
  async #run(): Promise<void> {
    this.#ranAt = this.#clock.now();
    const moved = this.#moved;
    this.#moved = new Map();
    const rooms = await this.#readRosters(moved);
    if (this.#isClosed) return;
    this.#isPlanned = false;
    // In one turn from here on: whoever is shown out of a room must not hear of it afterwards (R10).
    const told = new Map<Session, Head[]>();
    let isAnyLeft = false;
    for (const [key, one] of moved) {
      const { tenant, head } = one;
      const roster = rooms && this.#rosters.known(tenant, head.room);
      if (roster) {
        this.#told.set(key, { epoch: head.epoch, seq: head.seq });
        for (const user of roster.members) this.#collect(told, tenant, user, head);
      } else if (!rooms || rooms.has(key)) {
        // Not read; or read, and too old already when the last of the others had come.
        isAnyLeft = true;
        if (!this.#moved.has(key)) this.#moved.set(key, one);
      }
    }
    this.tellAll(told);
    if (this.#moved.size > 0) this.#plan(isAnyLeft ? againMs : everyMs);
  }

  /** Resolves to those rooms that there are; to nothing where it could not be read. */
  async #readRosters(moved: ReadonlyMap<string, { tenant: string; head: Head }>): Promise<ReadonlySet<string> | undefined> {
    const rooms = new Set<string>();
    try {
      for (const [key, { tenant, head }] of moved) if (await this.#rosters.of(tenant, head.room)) rooms.add(key);
      return rooms;
    } catch (error) {
      if (!this.#isClosed) this.#log.warn('Lists could not be told how far their rooms have come; they will be.', { cause: 'lists', error });
      return undefined;
    }
  }

  #collect(told: Map<Session, Head[]>, tenant: string, user: string, head: Head): void {
    for (const session of this.#sessionsOf(tenant, user)) {
      if (session.subscriptions.has(head.room)) continue;
      const heads = told.get(session);
      if (heads) heads.push(head);
      else told.set(session, [head]);
    }
  }

  #keep(session: Session, heads: readonly Head[]): void {
    let late = this.#late.get(session);
    if (!late) this.#late.set(session, (late = new Map()));
    for (const head of heads) late.set(head.room, head);
    if (late.size > maxLate) session.endAsSlow();
  }

  /** What a reader is not told who gets slow over it, is kept. */
  #tellMany(session: Session, heads: readonly Head[]): void {
    let written: string[] = [];
    let length = 0;
    for (const [index, head] of heads.entries()) {
      const text = this.#write(head);
      written.push(text);
      length += text.length;
      const isLast = index === heads.length - 1;
      if (length < packedCharacters && !isLast) continue;
      session.sendShared(frameOf(written));
      if (!isLast && session.leavesOut()) return this.#keep(session, heads.slice(index + 1));
      written = [];
      length = 0;
    }
  }

  #write(head: Head): string {
    let text = this.#written.get(head);
    if (text === undefined) this.#written.set(head, (text = JSON.stringify(head)));
    return text;
  }
}

function frameOf(heads: readonly string[]): SharedFrame {
  return new SharedFrame(`{"kind":"heads","heads":[${heads.join(',')}]}`);
}
