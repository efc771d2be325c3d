import type { ServerFrame } from '#protocol/frames';

/** What a client said, as it went onto the wire; a request has a `ref`. */
export type ClientFrame = { kind: string; ref?: number; room?: string } & Record<string, unknown>;

/** One thing that was done or seen from outside, `at` milliseconds after the round began. All are seen by one clock. */
export type HistoryEvent = { at: number } & (
  /** A socket was accepted by a node. */
  | { kind: 'connected'; session: string; client: string; tenant: string; user: string; node: string }
  | { kind: 'sent'; session: string; frame: ClientFrame }
  | { kind: 'received'; session: string; frame: ServerFrame }
  /** The socket ended: what was asked on it and not answered is indeterminate. */
  | { kind: 'disconnected'; session: string; code: number }
  /** A person pressed "send": from here on their client owes it to them, whatever happens. */
  | { kind: 'wrote'; client: string; room: string; clientMsgId: string; text: string }
  /** A client stopped reading its socket, or reads again: what comes late then was late on our side. */
  | { kind: 'reading'; session: string; isPaused: boolean }
  /** How far a person has read, as their client shows it. A client that forgot everything begins another life. */
  | { kind: 'marker'; client: string; life: number; room: string; epoch: string; readSeq: number }
  /** Somebody was shut out, and the node has said that it is done; or is about to be let in again. `tokens`: theirs of before. */
  | { kind: 'revoked'; tenant: string; user?: string; what: 'person' | 'tokens' | 'tenant'; isRevoked: boolean }
  | { kind: 'fault'; name: string; phase: 'begins' | 'ends'; detail: string }
  | { kind: 'node'; node: string; what: 'started' | 'paused' | 'resumed' | 'killed' | 'ended' | 'broke'; detail: string }
  | { kind: 'bus'; node: string; mode: string }
  /** `who` (a node, or this harness) did not come to run for so long, ending now. */
  | { kind: 'stall'; who: string; ms: number }
  | { kind: 'memory'; node: string; rssBytes: number; sessions: number }
);

export type EventOf<K extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: K }>;
/** What there is to say about an event besides when. */
export type HappeningOf<K extends HistoryEvent['kind']> = Omit<EventOf<K>, 'at' | 'kind'>;

/** More than a round can sensibly have; it would no longer fit into memory, and nobody would read it. */
const maxEvents = 3_000_000;

/** Everything that happened in a round, in the order it was seen. Only ever appended to. */
export class History {
  readonly events: HistoryEvent[] = [];
  readonly #startedAt = performance.now();

  get isFull(): boolean {
    return this.events.length >= maxEvents;
  }

  /** Milliseconds since the round began. */
  now(): number {
    return performance.now() - this.#startedAt;
  }

  add<K extends HistoryEvent['kind']>(kind: K, happening: HappeningOf<K>): void {
    if (!this.isFull) this.events.push({ at: this.now(), kind, ...happening } as unknown as EventOf<K>);
  }
}
