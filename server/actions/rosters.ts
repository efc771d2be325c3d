import type { Fact, RoomKind } from '#protocol/models';
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import { BoundedMap } from './bounded-map.ts';
import { tenantKey } from './tenant-key.ts';

/** Who is in a room, as this node knows it. */
export interface Roster {
  readonly room: string;
  readonly kind: RoomKind;
  readonly epoch: string;
  readonly members: ReadonlySet<string>;
  /** Facts up to here are in it. */
  readonly seq: number;
}

/** After this long a roster is read again, so that a lost fact cannot keep a door open for longer (G7). */
const freshMs = 30_000;
/** Member ids kept on a node, over all rooms; a room counts as ten more. */
const capacity = 1_000_000;
const roomWeight = 10;
/** Places kept of a room behind a gap; what is lost beyond is found when it is looked for. */
const maxAhead = 256;

/** How far a log was followed. */
interface Place {
  seq: number;
  /** Facts beyond it that came before those in between. */
  ahead: Set<number> | undefined;
}

interface Entry extends Place {
  readonly room: string;
  readonly kind: RoomKind;
  epoch: string;
  readonly members: Set<string>;
  /** How far it was heard: what was only read of it since was told to nobody. */
  readonly heard: Place;
  /** Whether it was looked at since it was read first: until then nobody knows whether what was before was told. */
  isFollowed: boolean;
  /** The members were read at this `seq`; a fact up to it is old news. */
  readSeq: number;
  /** `seq` of the last change heard of a member since then. */
  readonly memberSeqs: Map<string, number>;
  readAt: number;
}

/**
 * Memberships, cached: each send and each open asks for one, and a database would answer the same a thousand times a
 * second. Kept right by the member facts that this node makes or hears, and read again when it is 30 s old.
 */
export class Rosters {
  readonly #store: Pick<Store, 'room' | 'memberIds'>;
  readonly #clock: Clock;
  readonly #entries = new BoundedMap<string, Entry>(capacity);
  readonly #loading = new Map<string, { promise: Promise<Entry | undefined>; heard: Fact[] }>();

  constructor(store: Pick<Store, 'room' | 'memberIds'>, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The roster, where it is known and fresh: for those who cannot wait. */
  known(tenant: string, room: string): Roster | undefined {
    const entry = this.#entries.get(tenantKey(tenant, room));
    if (!entry) return undefined;
    const ageMs = this.#clock.now() - entry.readAt;
    // Younger than nothing: the clock of the machine was set back, and its age is not known.
    return ageMs >= 0 && ageMs < freshMs ? entry : undefined;
  }

  /** The roster; undefined where there is no such room. */
  async of(tenant: string, room: string): Promise<Roster | undefined> {
    return this.known(tenant, room) ?? this.#load(tenant, room);
  }

  /** The roster as it was when it was looked at last, however long ago. */
  lastKnown(tenant: string, room: string): Roster | undefined {
    return this.#entries.get(tenantKey(tenant, room));
  }

  /** The roster as it stands in the database now. Where nothing has happened in the room since, that is all that is asked. */
  async reread(tenant: string, room: string): Promise<Roster | undefined> {
    // What is being read may have been read before now.
    await this.#loading.get(tenantKey(tenant, room))?.promise.catch(() => undefined);
    return this.#load(tenant, room);
  }

  /** Takes in facts of a room's log. */
  hear(tenant: string, room: string, facts: readonly Fact[]): void {
    const key = tenantKey(tenant, room);
    this.#loading.get(key)?.heard.push(...facts.filter((fact) => fact.kind === 'member'));
    const entry = this.#entries.get(key);
    if (entry) apply(entry, facts);
  }

  /** Facts of these places were heard of; those of them that are about members, with `hear`. */
  hearPlaces(tenant: string, room: string, seqs: readonly number[]): void {
    const entry = this.#entries.get(tenantKey(tenant, room));
    for (const seq of entry ? seqs : []) hearOf(entry!, seq);
  }

  /** How far this node has heard of a room, without a gap, and whether all before was told; undefined where it does not know. */
  place(tenant: string, room: string): { epoch: string; seq: number; isFollowed: boolean } | undefined {
    const entry = this.#entries.get(tenantKey(tenant, room));
    return entry && { epoch: entry.epoch, seq: entry.heard.seq, isFollowed: entry.isFollowed };
  }

  /** Everything of a room's log after `after` and up to `seq` was looked at: its member facts were heard. */
  reached(tenant: string, room: string, { epoch, after, seq }: { epoch: string; after: number; seq: number }): void {
    const entry = this.#entries.get(tenantKey(tenant, room));
    if (entry?.epoch !== epoch) return;
    skip(entry, after, seq);
    skip(entry.heard, after, seq);
  }

  /** All that was before was told. */
  follow(tenant: string, room: string, epoch: string): void {
    const entry = this.#entries.get(tenantKey(tenant, room));
    if (entry?.epoch === epoch) entry.isFollowed = true;
  }

  #load(tenant: string, room: string): Promise<Entry | undefined> {
    const key = tenantKey(tenant, room);
    const running = this.#loading.get(key);
    if (running) return running.promise;
    const heard: Fact[] = [];
    const promise = this.#read(tenant, room, heard).finally(() => this.#loading.delete(key));
    this.#loading.set(key, { promise, heard });
    return promise;
  }

  async #read(tenant: string, room: string, heard: readonly Fact[]): Promise<Entry | undefined> {
    const key = tenantKey(tenant, room);
    const readAt = this.#clock.now();
    // The place in the log first, then the members: what changed in between is heard as a fact, and taken in again.
    const record = await this.#store.room(tenant, room);
    if (!record) return undefined;
    const stale = this.#entries.get(key);
    if (stale && stale.seq === record.seq && stale.epoch === record.epoch) {
      // Each change of a member takes a seq (G3), so at the same seq stand the same members.
      stale.readAt = readAt;
      stale.readSeq = stale.seq;
      for (const [user, memberSeq] of stale.memberSeqs) if (memberSeq <= stale.seq) stale.memberSeqs.delete(user);
      return stale;
    }
    const members = new Set(await this.#store.memberIds(tenant, room));
    const { kind, epoch, seq } = record;
    const { heard: heardBefore, isFollowed } = stale?.epoch === epoch ? stale : { heard: { seq, ahead: undefined }, isFollowed: false };
    const entry: Entry = { room, kind, epoch, seq, ahead: undefined, heard: heardBefore, isFollowed, members, readSeq: seq, memberSeqs: new Map(), readAt };
    apply(entry, heard);
    this.#entries.set(key, entry, members.size + roomWeight);
    return entry;
  }
}

/** Nodes that commit in turns hear of each other's facts a moment later than of their own. */
function advance(place: Place, seq: number): void {
  if (seq > place.seq + 1) {
    place.ahead ??= new Set();
    if (place.ahead.size < maxAhead) place.ahead.add(seq);
  } else if (seq === place.seq + 1) {
    place.seq = seq;
    while (place.ahead?.delete(place.seq + 1)) place.seq += 1;
  }
}

/** All after `after` and up to `seq` is known. */
function skip(place: Place, after: number, seq: number): void {
  if (place.seq < after || place.seq >= seq) return;
  place.seq = seq;
  for (const one of place.ahead ?? []) if (one <= seq) place.ahead!.delete(one);
  while (place.ahead?.delete(place.seq + 1)) place.seq += 1;
}

function hearOf(entry: Entry, seq: number): void {
  advance(entry, seq);
  advance(entry.heard, seq);
}

function apply(entry: Entry, facts: readonly Fact[]): void {
  for (const fact of facts) {
    hearOf(entry, fact.seq);
    if (fact.kind !== 'member' || fact.seq <= (entry.memberSeqs.get(fact.member.userId) ?? entry.readSeq)) continue;
    entry.memberSeqs.set(fact.member.userId, fact.seq);
    if (fact.member.leftAt === undefined) entry.members.add(fact.member.userId);
    else entry.members.delete(fact.member.userId);
  }
}
