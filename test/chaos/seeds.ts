import { seededRandom } from '../support/random.ts';

/** Choices that a seed repeats. Each part of a round has its own, so that one that chooses more often does not move the others. */
export class Chance {
  readonly #random: () => number;

  constructor(seed: number, part: string) {
    let mixed = seed >>> 0;
    for (const character of part) mixed = Math.imul(mixed ^ character.charCodeAt(0), 0x01000193) >>> 0;
    this.#random = seededRandom(mixed);
  }

  /** From 0 (inclusive) to 1. */
  readonly next = (): number => this.#random();

  /** From `low` to `high`, both inclusive. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  happens(share: number): boolean {
    return this.next() < share;
  }

  /** One of them; undefined of none. */
  pick<T>(things: readonly T[]): T | undefined {
    return things[Math.floor(this.next() * things.length)];
  }

  /** The name of one row of a table of weights. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const rows = Object.entries(weights) as [K, number][];
    let left = this.next() * rows.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of rows) if ((left -= weight) < 0) return name;
    return rows.at(-1)![0];
  }
}
