/** Rows `start` to `end` (exclusive) of a list. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** `key` never changes for a row, whatever comes before it. */
export interface Row {
  readonly key: string;
}

/**
 * The arithmetic of a list of which only a window stands in the page: how high rows are (measured, or estimated until then),
 * which of them a view needs, and how high all those outside the window are together.
 *
 * Knows no DOM. A question costs as many steps as rows come into question, never as many as the list has: what is above and
 * below the window is kept as a sum, and corrected by the rows that the window takes in and lets go.
 */
export class RowWindow<T extends Row> {
  #items: readonly T[] = [];
  #range: RowRange = { start: 0, end: 0 };
  #above = 0;
  #below = 0;
  readonly #estimate: (item: T) => number;
  readonly #measured = new Map<string, number>();

  constructor(estimate: (item: T) => number) {
    this.#estimate = estimate;
  }

  get items(): readonly T[] {
    return this.#items;
  }

  /** What stands in the page. */
  get range(): RowRange {
    return this.#range;
  }

  /** Height of all rows before the window, as far as known. */
  get above(): number {
    return this.#above;
  }

  /** Height of all rows after the window, as far as known. */
  get below(): number {
    return this.#below;
  }

  heightAt(index: number): number {
    const item = this.#items[index];
    if (!item) throw new RangeError(`There is no row ${index}.`);
    return this.heightOf(item);
  }

  heightOf(item: T): number {
    return this.#measured.get(item.key) ?? this.#estimate(item);
  }

  /** Says how high a row of the window turned out to be. Rows outside of it are part of a sum, and may not change. */
  measure(index: number, height: number): void {
    const item = this.#items[index];
    if (item) this.#measured.set(item.key, height);
  }

  /**
   * Takes another list. Answers by how much rows moved (50 where 50 came before them), or undefined where it is another
   * stretch altogether; then the window is empty until `show` says where it is.
   */
  setItems(items: readonly T[]): number | undefined {
    const old = this.#items;
    this.#items = items;
    const shift = shiftBetween(old, items);
    if (shift === undefined) {
      this.#range = { start: 0, end: 0 };
      this.#above = 0;
      this.#below = this.#sum(0, items.length);
      return undefined;
    }
    const isGone = this.#range.end + shift <= 0;
    const start = clamp(this.#range.start + shift, 0, items.length);
    const end = clamp(this.#range.end + shift, start, items.length);
    this.#range = { start, end };
    this.#above = shift > 0 ? this.#above + this.#sum(0, shift) : this.#sum(0, start);
    const grownBy = items.length - (old.length + shift);
    // Rows leave the end seldom, and then there is little below to count.
    this.#below = grownBy >= 0 && !isGone ? this.#below + this.#sum(items.length - grownBy, items.length) : this.#sum(end, items.length);
    return shift;
  }

  /** Moves the window. */
  show(range: RowRange): void {
    const { start, end } = this.#range;
    const count = this.#items.length;
    this.#above += range.start >= start ? this.#sum(start, range.start) : -this.#sum(range.start, start);
    this.#below += range.end <= end ? this.#sum(range.end, end) : -this.#sum(end, range.end);
    // Estimates that were replaced in the meantime leave a remainder. At the ends it is known to be nothing.
    this.#above = range.start === 0 ? 0 : Math.max(0, this.#above);
    this.#below = range.end === count ? 0 : Math.max(0, this.#below);
    this.#range = range;
  }

  /** The rows that fill `height` and `overscan` on both sides of it, where row `index` has its top at `top`. */
  around(index: number, top: number, height: number, overscan: number): RowRange {
    let start = index;
    for (let at = top; start > 0 && at > -overscan;) at -= this.heightAt(--start);
    let end = index;
    for (let at = top; end < this.#items.length && (at < height + overscan || end === index);) at += this.heightAt(end++);
    return { start, end };
  }

  /** The row that covers `y`, counted from the top of the list, and where its own top is. */
  rowAt(y: number): { index: number; top: number } {
    // From the window outwards: that is where people scroll.
    let index = Math.min(this.#range.start, Math.max(0, this.#items.length - 1));
    let top = this.#above;
    while (index > 0 && top > y) top -= this.heightAt(--index);
    while (index < this.#items.length - 1 && top + this.heightAt(index) <= y) top += this.heightAt(index++);
    return { index, top };
  }

  #sum(start: number, end: number): number {
    let sum = 0;
    for (let index = start; index < end; index += 1) sum += this.heightAt(index);
    return sum;
  }
}

function shiftBetween(old: readonly Row[], items: readonly Row[]): number | undefined {
  const first = old[0];
  const newFirst = items[0];
  if (!first || !newFirst) return undefined;
  const prepended = items.findIndex((item) => item.key === first.key);
  if (prepended >= 0) return prepended;
  const dropped = old.findIndex((item) => item.key === newFirst.key);
  return dropped >= 0 ? -dropped : undefined;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
