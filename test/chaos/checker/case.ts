import type { DumpedMember, DumpedMessage, DumpedRoom } from '../dump.ts';
import {
  type AskedRequest, type Evidence, requestsOf, type SessionRecord, sessionsOf, type ToldFact, toldFacts, type ToldMessage, toldMessages,
} from './evidence.ts';

/** The evidence, put in order once for all who judge by it. */
export class Case {
  readonly evidence: Evidence;
  readonly sessions: ReadonlyMap<string, SessionRecord>;
  readonly requests: readonly AskedRequest[];
  readonly facts: readonly ToldFact[];
  readonly messages: readonly ToldMessage[];
  readonly rooms: ReadonlyMap<string, DumpedRoom>;
  /** Rows of each room, by `seq`. */
  readonly rowsOf: ReadonlyMap<string, ReadonlyMap<number, DumpedMessage>>;
  readonly membersOf: ReadonlyMap<string, readonly DumpedMember[]>;

  constructor(evidence: Evidence) {
    const { events, dump } = evidence;
    this.evidence = evidence;
    this.sessions = sessionsOf(events);
    this.requests = requestsOf(events);
    this.facts = toldFacts(events, this.requests);
    this.messages = toldMessages(this.requests, this.facts, events);
    this.rooms = new Map(dump.rooms.map((room) => [room.id, room]));
    this.rowsOf = new Map([...grouped(dump.messages, ({ room }) => room)].map(([room, rows]) => [room, new Map(rows.map((row) => [row.seq, row]))]));
    this.membersOf = grouped(dump.members, ({ room }) => room);
  }

  readonly row = (room: string | undefined, seq: number): DumpedMessage | undefined => this.rowsOf.get(room ?? '')?.get(seq);
}

/** Things by what they have in common, in their order. */
export function grouped<T, K>(things: Iterable<T>, keyOf: (thing: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const thing of things) {
    const group = groups.get(keyOf(thing));
    if (group) group.push(thing);
    else groups.set(keyOf(thing), [thing]);
  }
  return groups;
}
