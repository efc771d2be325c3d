import type { Fact } from '#protocol/models';

/** Frames that a hole may hold back before it has to be filled at once. */
const heldFrames = 64;

/**
 * How far a client has followed a room's log (R4): everything up to `upTo` was applied, with nothing missing. What comes
 * out of order is held until the hole before it is closed, by late frames or by `room.changes`.
 */
export class Cursor {
  readonly epoch: string;
  #upTo: number;
  /** The highest `seq` ever heard of. Never a place to go on from: only a sign that something is missing. */
  #head: number;
  readonly #held = new Map<number, Fact>();
  #heldFrames = 0;

  constructor(epoch: string, upTo: number) {
    this.epoch = epoch;
    this.#upTo = upTo;
    this.#head = upTo;
  }

  get upTo(): number {
    return this.#upTo;
  }

  /** Something up to the head has not come. */
  get isBehind(): boolean {
    return this.#head > this.#upTo;
  }

  /** Nothing more is held: what is missing has to be asked for now. */
  get isFull(): boolean {
    return this.#heldFrames >= heldFrames;
  }

  noteHead(seq: number): void {
    this.#head = Math.max(this.#head, seq);
  }

  /** Takes a frame's facts. Returns those that can be applied now, in order. */
  take(facts: readonly Fact[]): Fact[] {
    const mayHold = !this.isFull;
    const ready: Fact[] = [];
    for (const fact of facts) {
      this.noteHead(fact.seq);
      if (fact.seq === this.#upTo + 1) {
        this.#upTo = fact.seq;
        ready.push(fact, ...this.#drain());
      } else if (fact.seq > this.#upTo && mayHold) {
        this.#held.set(fact.seq, fact);
      }
    }
    this.#heldFrames = this.#held.size === 0 ? 0 : this.#heldFrames + 1;
    return ready;
  }

  /** Takes a page of `room.changes`, which leaves nothing out up to its `upTo` but what was superseded. */
  takeChanges(changes: { facts: readonly Fact[]; upTo: number }): Fact[] {
    const ready = changes.facts.filter((fact) => fact.seq > this.#upTo);
    this.#upTo = Math.max(this.#upTo, changes.upTo);
    this.noteHead(changes.upTo);
    for (const seq of this.#held.keys()) if (seq <= this.#upTo) this.#held.delete(seq);
    ready.push(...this.#drain());
    this.#heldFrames = 0;
    return ready;
  }

  #drain(): Fact[] {
    const ready: Fact[] = [];
    for (let fact = this.#held.get(this.#upTo + 1); fact; fact = this.#held.get(this.#upTo + 1)) {
      this.#held.delete(fact.seq);
      this.#upTo = fact.seq;
      ready.push(fact);
    }
    return ready;
  }
}
