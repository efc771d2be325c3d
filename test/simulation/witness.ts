import assert from 'node:assert/strict';
import type { RequestKind, RequestOutput, ServerFrame } from '../../server/protocol/frames.ts';
import type { Fact, Message } from '../../server/protocol/models.ts';
import type { Store } from '../../server/store/store.ts';
import type { ManualClock } from '../support/clock.ts';
import type { Eavesdropper } from '../support/link.ts';

/** Whoever is out hears nothing after this (G7); where a bus has lost their going, a little later. */
const outMs = 2_000;
const outUnheardMs = 32_000;

/** One connection, as its server speaks to it. */
interface Hearing {
  tenant: string;
  user: string;
  /** Rooms it was told to be out of. */
  gone: Set<string>;
  /** Open rooms: the first place that may come, and the last that came. */
  streams: Map<string, { from: number; last: number | undefined }>;
}

export interface WitnessOptions {
  clock: ManualClock;
  store: Store;
  fault: (error: unknown) => void;
  /** Words that stand in everything of a tenant. */
  canaries: ReadonlyMap<string, string>;
  /** Until when nothing was wrong between the nodes and their database, and how slow it was at worst. */
  troubleUntil: () => number;
  slownessMs: () => number;
}

/** Sees every commit and every word of every server, and says at once what may not be. */
export class Witness {
  readonly rooms: { tenant: string; id: string }[] = [];
  /** What was acknowledged, as `idOf` names it. */
  readonly acknowledged = new Set<string>();
  readonly #options: WitnessOptions;
  readonly #committed = new Set<string>();
  /** When each person has last come into a room or left it. */
  readonly #passages = new Map<string, { at: number; isIn: boolean }>();

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** The database has done something. */
  done(method: string, [tenant, room]: readonly unknown[], result: unknown): void {
    if (method === 'appendMessage') {
      const { message } = result as { message: Message };
      this.#committed.add(idOf(String(tenant), message));
    } else if (method === 'createRoom') {
      const made = result as { room: { id: string }; facts: Fact[]; created: boolean };
      if (made.created) this.rooms.push({ tenant: String(tenant), id: made.room.id });
      this.#pass(String(tenant), made.room.id, made.facts);
    } else if (method === 'changeMembers') {
      this.#pass(String(tenant), String(room), (result as { facts: Fact[] }).facts);
    }
  }

  /** A connection begins. */
  hear(tenant: string, user: string): Eavesdropper {
    const hearing: Hearing = { tenant, user, gone: new Set(), streams: new Map() };
    return (frame, text, asked) => {
      try {
        this.#said(hearing, frame, text, asked);
      } catch (error) {
        this.#options.fault(error);
      }
    };
  }

  #said(hearing: Hearing, frame: ServerFrame, text: string, asked: RequestKind | undefined): void {
    for (const [tenant, canary] of this.#options.canaries) {
      if (tenant !== hearing.tenant) assert.ok(!text.includes(canary), `G8: nothing of another tenant is told: ${text}`);
    }
    switch (frame.kind) {
      case 'ok': return this.#answered(hearing, asked, frame.data);
      case 'facts':
        this.#mayHear(hearing, frame.room, text);
        return this.#follows(hearing, frame.room, frame.facts);
      case 'heads':
        for (const { room } of frame.heads) this.#mayHear(hearing, room, text);
        return;
      case 'room':
        return this.#mayHear(hearing, frame.room.id, text);
      case 'read':
      case 'seen':
      case 'typing':
        return this.#mayHear(hearing, frame.room, text);
      case 'room.gone':
        hearing.gone.add(frame.room);
        hearing.streams.delete(frame.room);
        return;
      default:
    }
  }

  #answered(hearing: Hearing, asked: RequestKind | undefined, data: unknown): void {
    const { tenant } = hearing;
    if (asked === 'message.send') {
      const { message } = data as RequestOutput<'message.send'>;
      const id = idOf(tenant, message);
      assert.ok(this.#committed.has(id), `G1: what is acknowledged was committed: ${JSON.stringify(message)}`);
      this.acknowledged.add(id);
    }
    if (asked === 'room.open') {
      const { room, upTo } = data as RequestOutput<'room.open'>;
      if (this.#outSince(hearing, room.id) === undefined) hearing.gone.delete(room.id);
      hearing.streams.set(room.id, { from: Math.max(upTo, room.seq) + 1, last: undefined });
    }
  }

  /** No hole, no step back (G3, G4, G6): what is left out was superseded. */
  #follows(hearing: Hearing, room: string, facts: readonly Fact[]): void {
    const stream = hearing.streams.get(room);
    assert.ok(stream, `facts of a room that ${hearing.user} has not open: ${room}`);
    for (const { seq } of facts) {
      const isFirst = stream.last === undefined;
      assert.ok(isFirst || seq > stream.last!, `G4: ${hearing.user} got fact ${seq} of ${room} after ${stream.last}`);
      const from = isFirst ? stream.from : stream.last! + 1;
      if (seq > from) this.#wereSuperseded(hearing, room, from, seq);
      stream.last = seq;
    }
  }

  #wereSuperseded({ tenant, user }: Hearing, room: string, from: number, to: number): void {
    this.#options.store.changes(tenant, room, from - 1, to).then(({ facts }) => {
      const missing = facts.find(({ seq }) => seq < to);
      if (missing) throw new Error(`G6: ${user} got fact ${to} of ${room} without ${missing.seq}`);
    }).catch((error: unknown) => this.#options.fault(error));
  }

  #mayHear(hearing: Hearing, room: string, text: string): void {
    const { clock, troubleUntil, slownessMs } = this.#options;
    const since = this.#outSince(hearing, room);
    if (since === undefined) return void hearing.gone.delete(room);
    assert.ok(!hearing.gone.has(room), `R10: ${hearing.user} was told to be out of ${room}, and then: ${text}`);
    const isHealthy = troubleUntil() < since;
    const sinceMs = clock.now() - since;
    const mostMs = isHealthy ? outMs : outUnheardMs + slownessMs();
    assert.ok(sinceMs <= mostMs, `G7: ${hearing.user} is out of ${room} for ${sinceMs} ms, and hears: ${text}`);
  }

  /** Since when the person is out of the room; undefined where they are in it. */
  #outSince({ tenant, user }: Hearing, room: string): number | undefined {
    const last = this.#passages.get([tenant, room, user].join(' '));
    if (!last) return -Infinity;
    return last.isIn ? undefined : last.at;
  }

  #pass(tenant: string, room: string, facts: readonly Fact[]): void {
    for (const fact of facts) {
      if (fact.kind !== 'member') continue;
      const isIn = fact.member.leftAt === undefined;
      this.#passages.set([tenant, room, fact.member.userId].join(' '), { at: this.#options.clock.now(), isIn });
    }
  }
}

/** The name that a message has for ever (G2); ids of this world are never made twice. */
export function idOf(tenant: string, { senderId, clientMsgId }: Pick<Message, 'senderId' | 'clientMsgId'>): string {
  return [tenant, senderId, clientMsgId].join(' ');
}
