import type { Fact, Person } from '#protocol/models';
import type { Metrics } from '../metrics.ts';
import { Sequencer } from './sequencer.ts';
import type { Session } from './session.ts';
import { SharedFrame } from './shared-frame.ts';
import type { RoomTypists } from './typing-teller.ts';

/** What may wait for a session while it reads, in characters; beyond, it comes back and reads again. */
const maxHeld = 1024 * 1024;
/** Facts are packed into frames of about this size: a reader is never kept waiting for the end of a book. */
const packedBytes = 32 * 1024;

/** A session's place in an open room. */
export interface Subscription {
  readonly session: Session;
  readonly feed: RoomFeed;
  /**
   * `buffering`: the answer to `room.open` is on its way, and facts wait for it (R2). `live`: facts go out as they come.
   * `ended`: closed, or replaced by another `room.open`. `gone`: the person is no longer in the room (R10).
   */
  state: 'buffering' | 'live' | 'ended' | 'gone';
  /** The session has everything up to here. */
  after: number;
  /** What waits while it is `buffering`, if anything does. */
  held: { frames: Packed[]; length: number } | undefined;
  /** Markers that moved while it is `buffering`. */
  heldSeen: Map<string, number> | undefined;
  /** When the room was last told that the person types. */
  typedAt: number | undefined;
}

/** A frame of facts, shared by all who get it, and the place in the log that it reaches. */
interface Packed {
  frame: SharedFrame;
  facts: number;
  last: number;
}

/** The facts of one room, on their way to the sessions of this node that have it open. */
export class RoomFeed {
  readonly tenant: string;
  readonly room: string;
  readonly #metrics: Metrics;
  readonly sequencer = new Sequencer();
  readonly subscriptions = new Set<Subscription>();
  /** Heard in this turn, and given out together at its end (F6). */
  arrived: Fact[] = [];
  readonly people = new Map<string, Person>();
  /** Markers of members that moved and were not told yet. */
  readonly seen = new Map<string, number>();
  /** Who types, where somebody has. */
  typists: RoomTypists | undefined;
  /** Resolves when the feed knows its place in the log. */
  ready: Promise<void> = Promise.resolve();
  /** Undoes what is planned, if anything is. */
  stopWaitingForHole: (() => void) | undefined;
  stopWaitingForSeen: (() => void) | undefined;
  /** The log is being read, and up to where it is to be read at least. */
  catchingUp: Promise<void> | undefined;
  wantedSeq = 0;
  /** Whether the members are known at this place: not so after a jump. */
  areMembersRead = true;
  epoch = '';

  constructor(tenant: string, room: string, metrics: Metrics) {
    this.tenant = tenant;
    this.room = room;
    this.#metrics = metrics;
  }

  /** The epoch that a head tells; another one than before voids the place in the log. */
  isOfEpoch({ epoch }: { epoch: string }): boolean {
    return this.epoch === '' || epoch === this.epoch;
  }

  get isBehind(): boolean {
    return this.sequencer.position !== undefined && this.sequencer.position < this.wantedSeq;
  }

  /** Gives what has arrived, as far as it is in line, to everyone who has not got it. */
  flush(): void {
    const arrived = this.arrived;
    this.arrived = [];
    this.#deliver(this.sequencer.offer(arrived));
    if (!this.sequencer.hasHole) this.people.clear();
  }

  /** Facts read from the log, up to `upTo`; superseded ones are left out of them. */
  deliverRead(facts: readonly Fact[], people: readonly Person[], upTo: number): void {
    for (const person of people) this.people.set(person.id, person);
    const position = this.sequencer.position ?? 0;
    this.sequencer.start(Math.max(position, upTo));
    this.#deliver(facts.filter((fact) => fact.seq > position));
    this.flush();
  }

  /** The answer to `room.open` is out: what came meanwhile follows, and then whatever comes (R2). */
  goLive(subscription: Subscription, answer: { upTo: number; room: { epoch: string } }): void {
    if (subscription.state !== 'buffering') return;
    const { held } = subscription;
    subscription.state = 'live';
    // An answer of an epoch that has ended meanwhile says nothing of places in this one.
    subscription.after = answer.room.epoch === this.epoch ? answer.upTo : 0;
    subscription.held = undefined;
    for (const packed of held?.frames ?? []) if (give(subscription, packed)) this.#metrics.factsDelivered(packed.facts);
    if (subscription.heldSeen) {
      const cursors = [...subscription.heldSeen];
      subscription.heldSeen = undefined;
      subscription.session.send({ kind: 'seen', room: this.room, cursors });
    }
  }

  /** Goes on from the head, without what was between: whoever has the room open will ask for it. */
  startOver(head: { epoch: string; seq: number }): void {
    this.epoch = head.epoch;
    this.wantedSeq = 0;
    this.arrived = [];
    this.sequencer.dropHeld();
    this.sequencer.start(head.seq);
    for (const subscription of this.subscriptions) {
      subscription.after = 0;
      subscription.held = undefined;
    }
  }

  stop(): void {
    this.stopWaitingForHole?.();
    this.stopWaitingForSeen?.();
    this.typists?.pace.stop();
  }

  #deliver(facts: readonly Fact[]): void {
    for (const packed of this.#pack(facts)) {
      let given = 0;
      for (const subscription of this.subscriptions) {
        if (subscription.state === 'live') given += give(subscription, packed) ? 1 : 0;
        else if (subscription.state === 'buffering') hold(subscription, packed);
      }
      this.#metrics.factsDelivered(packed.facts * given);
    }
  }

  /** Frames of some facts: one, unless they are many or long. */
  *#pack(facts: readonly Fact[]): Generator<Packed> {
    let parts: string[] = [];
    let named = new Map<string, Person>();
    let length = 0;
    for (const [index, fact] of facts.entries()) {
      const part = JSON.stringify(fact);
      parts.push(part);
      length += part.length;
      for (const id of namedIn(fact)) {
        const person = this.people.get(id);
        if (person) named.set(id, person);
      }
      if (length < packedBytes && index < facts.length - 1) continue;
      yield { frame: this.#frame(parts, [...named.values()]), facts: parts.length, last: fact.seq };
      parts = [];
      named = new Map();
      length = 0;
    }
  }

  #frame(facts: readonly string[], people: readonly Person[]): SharedFrame {
    const { room, epoch } = this;
    return new SharedFrame(
      `{"kind":"facts","room":${JSON.stringify(room)},"epoch":${JSON.stringify(epoch)},` +
      `"facts":[${facts.join(',')}],"people":${JSON.stringify(people)}}`,
    );
  }
}

/** Whether it was new to the session. */
function give(subscription: Subscription, { frame, last }: Packed): boolean {
  if (last <= subscription.after) return false;
  subscription.after = last;
  subscription.session.sendShared(frame);
  return true;
}

function hold(subscription: Subscription, packed: Packed): void {
  const held = (subscription.held ??= { frames: [], length: 0 });
  held.frames.push(packed);
  held.length += packed.frame.text.length;
  if (held.length > maxHeld) subscription.session.endAsSlow();
}

function namedIn(fact: Fact): string[] {
  if (fact.kind === 'message') return [fact.message.senderId];
  return fact.kind === 'member' ? [fact.member.userId] : [];
}
