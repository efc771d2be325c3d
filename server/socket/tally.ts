/** How many there are of each; what there is none of costs nothing. */
export class Tally {
  readonly #counts = new Map<string, number>();

  of(key: string | undefined): number {
    return key === undefined ? 0 : this.#counts.get(key) ?? 0;
  }

  /** One more of it, or with -1 one less. What has no key is not counted. */
  change(key: string | undefined, by: 1 | -1): void {
    if (key === undefined) return;
    const count = this.of(key) + by;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }
}
