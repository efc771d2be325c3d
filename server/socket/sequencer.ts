import type { Fact } from '#protocol/models';

/** Facts kept behind a hole; more than that are quicker read again. */
const maxHeld = 1_000;

/** Puts facts that come in any order, twice or not at all, into one line without a hole (G3). */
export class Sequencer {
  #position: number | undefined;
  readonly #held = new Map<number, Fact>();

  /** Everything up to here was given out; undefined before `start`. */
  get position(): number | undefined {
    return this.#position;
  }

  /** Facts wait behind one that has not come. */
  get hasHole(): boolean {
    return this.#position !== undefined && this.#held.size > 0;
  }

  /** From here on. */
  start(position: number): void {
    this.#position = position;
    for (const seq of this.#held.keys()) if (seq <= position) this.#held.delete(seq);
  }

  /** Takes facts in, and gives out those whose turn it is, in order. */
  offer(facts: readonly Fact[]): Fact[] {
    for (const fact of facts) {
      if (this.#position !== undefined && fact.seq <= this.#position) continue;
      // The one that fills the hole is always welcome, or nothing would ever go on.
      const isNext = this.#position !== undefined && fact.seq === this.#position + 1;
      if (isNext || this.#held.size < maxHeld) this.#held.set(fact.seq, fact);
    }
    const ready: Fact[] = [];
    while (this.#position !== undefined) {
      const next = this.#held.get(this.#position + 1);
      if (!next) break;
      this.#held.delete(next.seq);
      this.#position = next.seq;
      ready.push(next);
    }
    return ready;
  }

  /** Forgets what waits behind a hole: it was read from the log, or will be. */
  dropHeld(): void {
    this.#held.clear();
  }
}
