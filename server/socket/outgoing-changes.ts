import type { Fact } from '#protocol/models';
import { tenantKey } from '../actions/tenant-key.ts';
import { topicOf } from '../bus/topics.ts';
import type { Change } from '../store/store.ts';
import type { BusFrameOf } from './bus-frames.ts';

/** What is longer is not carried by the bus, but said to be in the database. */
const maxBytes = 4 * 1024;

type Changed = BusFrameOf<'changed'>;

/** What this node has committed in this turn, by room, for the other nodes. */
export class OutgoingChanges {
  readonly #byRoom = new Map<string, Changed>();

  add(tenant: string, room: string, { facts, people, head }: Change): void {
    const key = tenantKey(tenant, room);
    const waiting = this.#byRoom.get(key);
    if (!waiting) {
      this.#byRoom.set(key, { kind: 'changed', tenant, room, facts: [...facts], people: [...people], head });
      return;
    }
    waiting.facts.push(...facts);
    waiting.people.push(...people);
    if (head.seq > waiting.head.seq) waiting.head = head;
  }

  /** Hands everything over, once. */
  publish(publish: (topic: string, payload: string) => void): void {
    for (const changed of this.#byRoom.values()) {
      for (const payload of payloadsOf(changed)) publish(topicOf(changed.tenant, changed.room), payload);
    }
    this.#byRoom.clear();
  }
}

/** One frame where it is short; several where there is much; and a reference for what is long by itself. */
export function payloadsOf(changed: Changed): string[] {
  const { kind, tenant, room, facts, people, head } = changed;
  const whole = JSON.stringify(changed);
  if (isShort(whole)) return [whole];
  const opening = `{"kind":"${kind}","tenant":${JSON.stringify(tenant)},"room":${JSON.stringify(room)},"head":${JSON.stringify(head)}`;
  const written = new Map(people.map((person) => [person.id, JSON.stringify(person)]));
  const payloads: string[] = [];
  const tooLong: Fact[] = [];
  let part = { facts: [] as string[], people: new Set<string>() };
  const payloadOf = ({ facts: some, people: named }: typeof part) => `${opening},"facts":[${some.join(',')}],"people":[${[...named].join(',')}]}`;
  for (const fact of facts) {
    const [text, person] = [JSON.stringify(fact), written.get(namedIn(fact) ?? '')];
    const withIt = (to: typeof part) => ({ facts: [...to.facts, text], people: person === undefined ? to.people : new Set(to.people).add(person) });
    const [longer, alone] = [withIt(part), withIt({ facts: [], people: new Set() })];
    if (isShort(payloadOf(longer))) {
      part = longer;
    } else if (!isShort(payloadOf(alone))) {
      tooLong.push(fact);
    } else {
      payloads.push(payloadOf(part));
      part = alone;
    }
  }
  if (part.facts.length > 0) payloads.push(payloadOf(part));
  if (tooLong.length > 0) payloads.push(JSON.stringify(referenceTo(changed, tooLong)));
  return payloads;
}

/** Who came and who went is said all the same, however long it gets: it must not wait for a database (G7). */
function referenceTo({ tenant, room, head: { epoch } }: Changed, tooLong: readonly Fact[]): BusFrameOf<'moved'> {
  return { kind: 'moved', tenant, room, epoch, seqs: tooLong.map(({ seq }) => seq), facts: tooLong.filter(({ kind }) => kind !== 'message') };
}

/** Whom a fact names, and does not bring along. */
function namedIn(fact: Fact): string | undefined {
  if (fact.kind === 'message') return fact.message.senderId;
  return fact.kind === 'member' ? fact.member.userId : undefined;
}

function isShort(text: string): boolean {
  return text.length <= maxBytes && Buffer.byteLength(text) <= maxBytes;
}
