import type { Head } from '#protocol/frames';
import type { Fact, Person } from '#protocol/models';
import type { Rosters } from '../actions/rosters.ts';
import { tenantKey } from '../actions/tenant-key.ts';
import type { Bus } from '../bus/bus.ts';
import { allTopics, topicOf } from '../bus/topics.ts';
import type { Clock } from '../clock.ts';
import type { Announcer } from '../context.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { OccasionalLog } from '../occasional-log.ts';
import type { Change, ReadState, Store } from '../store/store.ts';
import { type BusFrame, type BusFrameOf, parseBusFrame } from './bus-frames.ts';
import { HeadTeller } from './head-teller.ts';
import { Healer } from './healer.ts';
import { MarkerTeller } from './marker-teller.ts';
import { MembershipTeller } from './membership-teller.ts';
import { OccupancyTeller } from './occupancy-teller.ts';
import { OutgoingChanges } from './outgoing-changes.ts';
import { Presence } from './presence.ts';
import { RoomFeed, type Subscription } from './room-feed.ts';
import type { Session } from './session.ts';
import { SummaryTeller } from './summary-teller.ts';
import { TypingTeller } from './typing-teller.ts';

export interface HubOptions {
  node: string;
  store: Pick<Store, 'changedRooms' | 'changes' | 'heads' | 'summary' | 'companions'>;
  bus: Bus;
  rosters: Rosters;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Something may have been revoked by another node. */
  onRevoked(): void;
}

/**
 * Carries what was committed, on this node or another, to the sessions of this one. It only ever hurries: whatever is lost
 * on the way is found again in the log, at the next fact or when the heads are told (G6).
 */
export class Hub implements Announcer {
  readonly presence: Presence;
  readonly occupancy: OccupancyTeller;
  readonly #options: HubOptions;
  /** Sessions of each person: a new array with each that comes or goes, so that whoever goes through one is not disturbed. */
  readonly #people = new Map<string, readonly Session[]>();
  readonly #feeds = new Map<string, RoomFeed>();
  readonly #heads: HeadTeller;
  readonly #summaries: SummaryTeller;
  readonly #markers: MarkerTeller;
  readonly #memberships: MembershipTeller;
  readonly #typing: TypingTeller;
  readonly #healer: Healer;
  /** What whoever can reach the broker can cause as often as they like. */
  readonly #troubles: OccasionalLog;
  /** Feeds that heard something in this turn. */
  readonly #woken = new Set<RoomFeed>();
  readonly #outgoing = new OutgoingChanges();
  readonly #undo: (() => void)[];
  #isFlushPlanned = false;
  #isClosed = false;
  #listening: Promise<void> | undefined;

  constructor(options: HubOptions) {
    const { node, store, bus, rosters, clock, log, metrics } = options;
    this.#options = options;
    const sessionsOf = (tenant: string, user: string) => this.sessionsOf(tenant, user);
    const feedOf = (tenant: string, room: string) => this.#feeds.get(tenantKey(tenant, room));
    this.presence = new Presence({
      node, bus, clock, log,
      // All of it on one topic: what a node says of its people is heard in the order in which it said it.
      publish: (frame) => this.#publish(topicOf('', node), frame),
      companions: (tenant, user, users) => store.companions(tenant, user, users),
      watchersOf: sessionsOf,
    });
    this.occupancy = new OccupancyTeller({
      rosters, clock, log,
      feeds: () => this.#feeds.values(),
      feedOf,
      countOnline: (tenant, users) => this.presence.countOnline(tenant, users),
    });
    this.#troubles = new OccasionalLog(log, clock);
    this.#heads = new HeadTeller({ rosters, clock, log: this.#troubles, sessionsOf });
    this.#summaries = new SummaryTeller({ store, rosters, clock, log: this.#troubles, sessionsOf });
    this.#markers = new MarkerTeller({ rosters, clock, log: this.#troubles, sessionsOf, feedOf });
    this.#memberships = new MembershipTeller({
      rosters, clock, log: this.#troubles, heads: this.#heads, summaries: this.#summaries, presence: this.presence, sessionsOf, feedOf,
      takeOut: (subscription) => this.unsubscribe(subscription, 'gone'),
    });
    this.#typing = new TypingTeller({
      clock,
      isLarge: (feed) => this.occupancy.isLarge(feed.tenant, feed.room),
      // It is old news by the time the bus is up again.
      publish: (frame) => {
        if (bus.mode === 'up') this.#publish(topicOf(frame.tenant, frame.room), frame);
      },
    });
    this.#healer = new Healer({
      store, bus, rosters, clock, log: this.#troubles, metrics, heads: this.#heads,
      feeds: () => this.#feeds.values(),
      feedOf,
      isHere: (tenant, users) => this.#isHere(tenant, users),
      isAnybodyHere: () => this.#people.size > 0,
      takeInMembers: (tenant, room, facts) => this.#memberships.takeIn(tenant, room, facts),
      takeInMembersAnew: (tenant, room) => this.#memberships.takeInAnew(tenant, room),
      showOut: (tenant, room, user) => this.#memberships.showOut(tenant, room, user),
    });
    this.#undo = [
      bus.onDelivery((_topic, payload) => this.#hear(payload)),
      bus.onGap(() => metrics.busGap()),
      bus.onGap(options.onRevoked),
      bus.onError((error, stage) => this.#troubles.warn('The bus has trouble; nothing is lost, but it may come later.', { cause: stage, error })),
    ];
    // Where it fails, the first session asks again.
    this.listen().catch(() => {});
  }

  /** Resolves when what other nodes say is heard here: begun at the start, and no session is let in before. */
  listen(): Promise<void> {
    this.#listening ??= Promise.all(allTopics.map((topic) => this.#options.bus.subscribe(topic)))
      .then(() => this.presence.listen())
      .catch((error: unknown) => {
        this.#listening = undefined;
        throw error;
      });
    return this.#listening;
  }

  /** Rooms that sessions of this node have open. */
  get openRooms(): number {
    return this.#feeds.size;
  }

  /** People who have sessions on this node. */
  get presentPeople(): number {
    return this.#people.size;
  }

  sessionsOf(tenant: string, user: string): readonly Session[] {
    return this.#people.get(tenantKey(tenant, user)) ?? nobody;
  }

  /** A session went live. Returns its undo. */
  join(session: Session, tenant: string, user: string): () => void {
    const key = tenantKey(tenant, user);
    this.#people.set(key, [...this.sessionsOf(tenant, user), session]);
    const depart = this.presence.arrive(tenant, user);
    return () => {
      const others = this.sessionsOf(tenant, user).filter((other) => other !== session);
      if (others.length > 0) this.#people.set(key, others);
      else this.#people.delete(key);
      for (const subscription of [...session.subscriptions.values()]) this.unsubscribe(subscription);
      this.#heads.leave(session);
      this.presence.unwatch(session);
      depart();
    };
  }

  /** The session read slowly and has caught up: it gets what was kept or left out meanwhile (F7). */
  recovered(session: Session): void {
    this.#heads.recovered(session);
    this.presence.recovered(session);
    this.occupancy.recovered(session);
  }

  /** Holds the room's facts for the session from now on; they flow after `goLive`. The caller has asked `Access`. */
  async subscribe(session: Session, tenant: string, room: string): Promise<Subscription> {
    const earlier = session.subscriptions.get(room);
    if (earlier) this.unsubscribe(earlier);
    const feed = this.#feedOf(tenant, room);
    const subscription: Subscription = { session, feed, state: 'buffering', after: 0, held: undefined, heldSeen: undefined, typedAt: undefined };
    feed.subscriptions.add(subscription);
    session.subscriptions.set(room, subscription);
    try {
      await feed.ready;
    } catch (error) {
      this.unsubscribe(subscription);
      throw error;
    }
    return subscription;
  }

  unsubscribe(subscription: Subscription, state: 'ended' | 'gone' = 'ended'): void {
    const { session, feed } = subscription;
    subscription.state = state;
    subscription.held = undefined;
    if (session.subscriptions.get(feed.room) === subscription) session.subscriptions.delete(feed.room);
    feed.subscriptions.delete(subscription);
    const key = tenantKey(feed.tenant, feed.room);
    if (feed.subscriptions.size === 0 && this.#feeds.get(key) === feed) {
      feed.stop();
      this.#feeds.delete(key);
    }
  }

  changed(tenant: string, room: string, { facts, people, head }: Change): void {
    if (facts.length === 0) return;
    this.#takeIn(tenant, room, facts, people, head);
    if (this.#options.bus.mode !== 'alone') this.#outgoing.add(tenant, room, { facts, people, head });
    this.#planFlush();
  }

  read(tenant: string, room: string, user: string, state: ReadState, bySession?: string): void {
    const { readSeq, readCount, unread } = state;
    this.#tellRead({ kind: 'read', tenant, room, user, readSeq, readCount, unread, bySession });
  }

  /** Three times, because a ring may be lost, and no later fact would tell of this one. */
  revoked(): void {
    const ring = () => this.#publish(topicOf('', 'revoked'), { kind: 'revoked' });
    ring();
    for (const ms of [500, 1_000]) this.#options.clock.after(ms, ring);
  }

  /** Says that `user` types, to everyone else who has the room open. */
  typing(tenant: string, room: string, user: Person, active: boolean): void {
    const feed = this.#feeds.get(tenantKey(tenant, room));
    if (feed) this.#typing.say(feed, { user, active });
  }

  close(): void {
    this.#flush();
    this.presence.close();
    this.occupancy.close();
    this.#isClosed = true;
    for (const undo of this.#undo) undo();
    for (const feed of this.#feeds.values()) feed.stop();
    this.#heads.close();
    this.#summaries.close();
    this.#markers.close();
    this.#memberships.close();
    this.#healer.close();
  }

  #isHere(tenant: string, users: Iterable<string>): boolean {
    for (const user of users) if (this.#people.has(tenantKey(tenant, user))) return true;
    return false;
  }

  #hear(payload: string): void {
    const frame = parseBusFrame(payload);
    if (!frame) {
      this.#options.bus.counters.garbage += 1;
      return this.#troubles.warn('The bus carried something that no node of this version says.', { cause: 'garbage' });
    }
    switch (frame.kind) {
      case 'changed':
        return this.#takeIn(frame.tenant, frame.room, frame.facts, frame.people, frame.head);
      case 'moved':
        return this.#takeInReference(frame);
      case 'read':
        return this.#markers.tell(frame);
      case 'typing':
        return this.#hearTyping(frame);
      case 'revoked':
        return this.#options.onRevoked();
      default:
        return this.presence.heard(frame);
    }
  }

  /** Facts of a room, of this node or another. */
  #takeIn(tenant: string, room: string, facts: readonly Fact[], people: readonly Person[], head: Head): void {
    const feed = this.#feeds.get(tenantKey(tenant, room));
    const epoch = feed?.epoch || this.#options.rosters.lastKnown(tenant, room)?.epoch;
    // Another log than we know: everybody would have to start over, so the database has to say it too.
    if (epoch && epoch !== head.epoch) return this.#healer.lookUp(tenant, room, { epoch: head.epoch, seq: head.seq, hasMessages: true });
    this.#memberships.takeIn(tenant, room, facts);
    if (feed) {
      feed.arrived.push(...facts);
      for (const person of people) feed.people.set(person.id, person);
      this.#woken.add(feed);
      this.#planFlush();
    }
    if (facts.some((fact) => fact.kind === 'message')) this.#heads.tell(tenant, head);
  }

  /** Facts that are in the log, and were too long to be said: whoever has the room open gets them from there. */
  #takeInReference({ tenant, room, epoch, seqs, facts }: BusFrameOf<'moved'>): void {
    this.#memberships.takeIn(tenant, room, facts);
    this.#options.rosters.hearPlaces(tenant, room, seqs);
    this.#healer.lookUp(tenant, room, { epoch, seq: Math.max(...seqs), hasMessages: seqs.length > facts.length });
  }

  /** At the end of a turn, so that all facts of a room that one commit made go out in one frame (F6). */
  #planFlush(): void {
    if (this.#isFlushPlanned || this.#isClosed) return;
    this.#isFlushPlanned = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#isFlushPlanned = false;
    if (this.#isClosed) return;
    for (const feed of this.#woken) {
      feed.flush();
      if (feed.sequencer.hasHole) this.#healer.waitForHole(feed);
    }
    this.#woken.clear();
    this.#outgoing.publish((topic, payload) => this.#options.bus.publish(topic, payload));
  }

  #tellRead(frame: BusFrameOf<'read'>): void {
    this.#markers.tell(frame);
    this.#publish(topicOf(frame.tenant, frame.room), frame);
  }

  #hearTyping({ tenant, room, typists }: BusFrameOf<'typing'>): void {
    const feed = this.#feeds.get(tenantKey(tenant, room));
    if (feed) this.#typing.hear(feed, typists);
  }

  #feedOf(tenant: string, room: string): RoomFeed {
    const key = tenantKey(tenant, room);
    const known = this.#feeds.get(key);
    if (known) return known;
    const feed = new RoomFeed(tenant, room, this.#options.metrics);
    this.#feeds.set(key, feed);
    // The place in the log is taken before any session reads, so that whatever a session reads reaches at least up to it.
    feed.ready = this.#options.rosters.of(tenant, room).then((roster) => {
      feed.epoch = roster?.epoch ?? '';
      feed.sequencer.start(roster?.seq ?? 0);
    });
    return feed;
  }

  #publish(topic: string, frame: BusFrame): void {
    const { bus } = this.#options;
    if (!this.#isClosed && bus.mode !== 'alone') bus.publish(topic, JSON.stringify(frame));
  }
}

const nobody: readonly Session[] = [];
