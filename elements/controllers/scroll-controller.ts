import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { RowWindow, type Row, type RowRange } from '../virtual/row-window.ts';

/** The four nodes of a virtual list: `scroller` scrolls, and holds `above`, `rows` and `below` in this order. */
export interface ScrollParts {
  scroller: HTMLElement;
  /** Empty; as high as the rows before the window. */
  above: HTMLElement;
  /** One child a row of the window, without margins between them, so that their heights add up. */
  rows: HTMLElement;
  /** Empty; as high as the rows after the window. */
  below: HTMLElement;
}

export interface ScrollOptions<T extends Row> {
  /** Asked after each update; undefined while there is no list. */
  parts: () => ScrollParts | undefined;
  /** How high a row will be, about. Must answer the same for the same row. */
  estimate: (item: T) => number;
  /** Whether the last row is the newest there is, so that the end is worth staying at. */
  canFollow: () => boolean;
  /** The view moved, or what is in it changed. */
  onMove: () => void;
}

/** The row that must not move, and where its top is, from the top of the view. */
interface Anchor {
  index: number;
  top: number;
}

/** Rows stand ready this far outside the view, so that a turn of the wheel never outruns them. */
const leastOverscan = 600;
/** Where the browser does not say that scrolling ended. */
const restAfterMs = 150;
/** Of a row that is seen this much may be below the view: there is no text so far down. */
const unseenEdge = 10;
/** What is left free after the last row. */
const endPadding = 8;
/** Who scrolls down to this distance from the end wants to be at the end. */
const endMagnet = 24;

/**
 * Holds a long list still. Whatever changes (rows before, after, between, their heights, the size of the view), the first
 * visible row stays where it is to the pixel; a list that is at its end stays at its end.
 *
 * Only a window of the rows stands in the page, in normal flow, between two empty boxes. Where the view is follows from the
 * anchor by arithmetic; the page is measured after an update, and by a ResizeObserver before anything is painted.
 * The browser's own scroll anchoring must be off (`overflow-anchor: none`): Safari has none, and two do not agree.
 */
export class ScrollController<T extends Row> implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #options: ScrollOptions<T>;
  readonly #sizes = new ResizeObserver(() => this.#resized());
  #window: RowWindow<T>;
  #parts: ScrollParts | undefined;
  #anchor: Anchor = { index: 0, top: 0 };
  /** A row to be brought into view as soon as it is there; `at` is the part of the view above it. */
  #target: { key: string; at: number } | undefined;
  #isConnected = false;
  #isFollowing = true;
  #isScrolling = false;
  /** The view had no size, or was taken out of the page: the browser then forgets its position, and we must not believe it. */
  #isUnplaced = true;
  #lastScrollTop = 0;
  #viewHeight = 800;
  #spacer = 0;
  #restTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost, options: ScrollOptions<T>) {
    this.#host = host;
    this.#options = options;
    this.#window = new RowWindow(options.estimate);
    host.addController(this);
  }

  /** The rows that have to stand in the page. */
  get range(): RowRange {
    return this.#window.range;
  }

  get isAtEnd(): boolean {
    return this.#isFollowing;
  }

  /** The rows of which something is in view. */
  get visible(): RowRange {
    const { range, items } = this.#window;
    const start = Math.min(this.#anchor.index, items.length);
    let end = start;
    for (let top = this.#anchor.top; end < range.end && top < this.#viewHeight; end += 1) top += this.#window.heightAt(end);
    return { start, end };
  }

  /** The last row that is in view with its lower edge, or with enough of it that it fills the view; -1 where there is none. */
  get lastSeen(): number {
    const { start, end } = this.visible;
    let top = this.#anchor.top;
    let seen = -1;
    for (let index = start; index < end; index += 1) {
      const bottom = top + this.#window.heightAt(index);
      // A row taller than the view is seen when its end is.
      if (bottom <= this.#viewHeight + unseenEdge && bottom > 0) seen = index;
      top = bottom;
    }
    return seen;
  }

  /** Height of the rows before the view, of those that are loaded. */
  get pixelsAbove(): number {
    return this.#window.above - this.#rowsTop;
  }

  /** Height of the rows after the view, of those that are loaded. */
  get pixelsBelow(): number {
    return this.#rowsTop + this.#rowsHeight + this.#window.below - this.#viewHeight;
  }

  /** Where the view is, for putting it back there later. */
  get viewHeight(): number {
    return this.#viewHeight;
  }

  /** Starts over with another list, at its end unless a target is set. */
  reset(): void {
    this.#window = new RowWindow(this.#options.estimate);
    this.#anchor = { index: 0, top: 0 };
    this.#target = undefined;
    this.#isFollowing = true;
    this.#isUnplaced = true;
  }

  /** To be called before rendering: `range` is right for these rows afterwards. */
  setItems(items: readonly T[]): void {
    if (items !== this.#window.items) {
      this.#takeScroll();
      const old = this.#window.items;
      const shift = this.#window.setItems(items);
      // Rows before the first were let go, with the anchor among them: the first that stays takes over, where it is.
      const firstStaying = -(shift ?? 0);
      for (; this.#anchor.index < firstStaying; this.#anchor.index += 1) this.#anchor.top += this.#window.heightOf(old[this.#anchor.index]!);
      const anchorKey = old[this.#anchor.index]?.key;
      this.#anchor.index += shift ?? 0;
      if (shift === undefined || items[this.#anchor.index]?.key !== anchorKey) this.#findAnchor(anchorKey);
    }
    if (this.#target) this.#aim();
    if (this.#isFollowing && !this.#options.canFollow()) this.#isFollowing = false;
    this.#cover();
  }

  /** To the newest row, and stays there. */
  jumpToEnd(): void {
    this.#target = undefined;
    this.#isFollowing = true;
    this.#host.requestUpdate();
  }

  /** Brings a row into view, now or as soon as it is loaded; `at` is the part of the view that stays above it. */
  jumpTo(key: string, at = 0.25): void {
    this.#target = { key, at };
    this.#host.requestUpdate();
  }

  /** Scrolls by as little as is needed to see all of a row, where it is not seen. */
  reveal(index: number): void {
    const { items } = this.#window;
    const item = items[index];
    if (!item) return;
    const top = this.#topOf(index);
    const height = this.#window.heightAt(index);
    if (top < 0) this.#moveAnchor(index, 8);
    else if (top + height > this.#viewHeight) this.#moveAnchor(index, Math.max(8, this.#viewHeight - height - 8));
  }

  hostConnected(): void {
    this.#isConnected = true;
    this.#isUnplaced = true;
    if (this.#parts) this.#host.requestUpdate();
  }

  hostUpdated(): void {
    // An update may still run after the host was taken away: nothing would ever undo what is begun then.
    const parts = this.#isConnected ? this.#options.parts() : undefined;
    if (parts?.scroller !== this.#parts?.scroller) this.#attach(parts);
    this.#settle();
  }

  hostDisconnected(): void {
    this.#isConnected = false;
    this.#attach(undefined);
  }

  #attach(parts: ScrollParts | undefined): void {
    this.#sizes.disconnect();
    clearTimeout(this.#restTimer);
    this.#isScrolling = false;
    this.#parts?.scroller.removeEventListener('scroll', this.#onScroll);
    this.#parts?.scroller.removeEventListener('scrollend', this.#onRest);
    this.#parts = parts;
    this.#isUnplaced = true;
    if (!parts) return;
    parts.scroller.addEventListener('scroll', this.#onScroll, { passive: true });
    parts.scroller.addEventListener('scrollend', this.#onRest);
    this.#sizes.observe(parts.scroller);
    this.#sizes.observe(parts.rows);
  }

  #onScroll = (): void => {
    if (!this.#parts || this.#isUnplaced) return;
    this.#isScrolling = true;
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(this.#onRest, restAfterMs);
    this.#takeScroll();
    if (!this.#isCovered(0.5)) {
      this.#cover();
      this.#host.requestUpdate();
    }
    this.#options.onMove();
  };

  #onRest = (): void => {
    clearTimeout(this.#restTimer);
    if (!this.#isScrolling) return;
    this.#isScrolling = false;
    this.#settle();
    this.#options.onMove();
  };

  #resized(): void {
    this.#settle();
    this.#options.onMove();
  }

  /**
   * Believes where the browser says we are. By arithmetic from where we were, not by measuring: if something grew since,
   * measuring would take the jump for the reader's wish.
   */
  #takeScroll(): void {
    const { scroller } = this.#parts ?? {};
    if (!scroller || this.#isUnplaced) return;
    const scrollTop = scroller.scrollTop;
    const movedBy = scrollTop - this.#lastScrollTop;
    if (movedBy === 0) return;
    this.#lastScrollTop = scrollTop;
    const distance = scroller.scrollHeight - scroller.clientHeight - scrollTop;
    this.#isFollowing = this.#options.canFollow() && (distance <= 1 || (movedBy > 0 && distance <= endMagnet));
    this.#target = undefined;
    this.#anchor.top -= movedBy;
    this.#slideAnchor();
  }

  /** Makes the first visible row the anchor; nothing moves by it. */
  #slideAnchor(): void {
    const y = this.#window.above - this.#rowsTop;
    const { index, top } = this.#window.rowAt(y);
    this.#anchor = { index, top: top - y };
  }

  /** After the rows were exchanged for those of another stretch. */
  #findAnchor(key: string | undefined): void {
    const { items } = this.#window;
    const index = key === undefined ? -1 : items.findIndex((item) => item.key === key);
    if (index >= 0) this.#anchor.index = index;
    else if (this.#options.canFollow()) this.#isFollowing = true;
    else this.#anchor = { index: 0, top: 0 };
  }

  #aim(): void {
    const index = this.#window.items.findIndex((item) => item.key === this.#target!.key);
    if (index < 0) return;
    this.#isFollowing = false;
    // Less above it, where that brings all that follows into view.
    let height = endPadding;
    for (let row = index; row < this.#window.items.length && height <= this.#viewHeight; row += 1) height += this.#window.heightAt(row);
    const left = this.#viewHeight - height;
    const wished = Math.round(this.#viewHeight * this.#target!.at);
    this.#anchor = { index, top: left >= 0 ? Math.min(wished, left) : wished };
  }

  #moveAnchor(index: number, top: number): void {
    this.#isFollowing = false;
    this.#anchor = { index, top };
    this.#isScrolling = false;
    this.#cover();
    this.#host.requestUpdate();
  }

  get #overscan(): number {
    return Math.max(leastOverscan, this.#viewHeight);
  }

  /** Moves the window so that the view and its surroundings are in it. */
  #cover(): void {
    const { items } = this.#window;
    if (items.length === 0) return;
    if (this.#isFollowing) {
      const last = items.length - 1;
      const top = this.#viewHeight - this.#window.heightAt(last);
      this.#window.show(this.#window.around(last, top, this.#viewHeight, this.#overscan));
    } else if (!this.#isCovered(0.5)) {
      this.#window.show(this.#window.around(this.#anchor.index, this.#anchor.top, this.#viewHeight, this.#overscan));
    }
  }

  /** Whether the window holds the anchor, the view, and this part of the overscan around it. */
  #isCovered(part: number): boolean {
    const { range, items } = this.#window;
    const { index } = this.#anchor;
    if (items.length > 0 && (index < range.start || index >= range.end)) return false;
    const margin = this.#overscan * part;
    const top = this.#rowsTop;
    return (
      (range.start === 0 || top <= -margin) &&
      (range.end === items.length || top + this.#rowsHeight >= this.#viewHeight + margin)
    );
  }

  /** Top of the window's first row, from the top of the view. */
  get #rowsTop(): number {
    return this.#topOf(this.#window.range.start);
  }

  get #rowsHeight(): number {
    const { start, end } = this.#window.range;
    let height = 0;
    for (let index = start; index < end; index += 1) height += this.#window.heightAt(index);
    return height;
  }

  #topOf(row: number): number {
    let { top } = this.#anchor;
    for (let index = this.#anchor.index; index > row; index -= 1) top -= this.#window.heightAt(index - 1);
    for (let index = this.#anchor.index; index < row; index += 1) top += this.#window.heightAt(index);
    return top;
  }

  /** Measures what stands in the page, and puts the anchor (or the end) where it belongs. */
  #settle(): void {
    const parts = this.#parts;
    const { items, range } = this.#window;
    if (!parts || parts.rows.children.length !== range.end - range.start) return;
    const viewHeight = parts.scroller.clientHeight;
    if (viewHeight === 0) {
      this.#isUnplaced = true;
      return;
    }
    if (!this.#isUnplaced) this.#takeScroll();
    this.#viewHeight = viewHeight;
    Array.from(parts.rows.children, (row, offset) => this.#window.measure(range.start + offset, row.getBoundingClientRect().height));
    if (this.#target) this.#aim();
    if (this.#isFollowing) this.#placeAtEnd(parts);
    else this.#placeAtAnchor(parts);
    this.#isUnplaced = false;
    if (this.#target && items.some((item) => item.key === this.#target!.key)) this.#target = undefined;
    if (!this.#isCovered(0.25)) {
      this.#cover();
      // Not in this frame where a ResizeObserver called: it may not change what it observes.
      this.#host.requestUpdate();
    }
  }

  #placeAtEnd(parts: ScrollParts): void {
    this.#setSpacers(parts, Math.round(this.#window.above));
    parts.scroller.scrollTop = parts.scroller.scrollHeight;
    this.#lastScrollTop = parts.scroller.scrollTop;
    this.#readAnchor(parts);
  }

  #placeAtAnchor(parts: ScrollParts): void {
    const { scroller, above } = parts;
    const { range } = this.#window;
    // Where the list begins in what scrolls, and where the anchor is in the list.
    const base = scroller.scrollTop + above.getBoundingClientRect().top - scroller.getBoundingClientRect().top - scroller.clientTop;
    let before = 0;
    for (let index = range.start; index < this.#anchor.index; index += 1) before += this.#window.heightAt(index);
    const wanted = base + before - this.#anchor.top;

    // Either the box above takes up the difference, or the scroll position does. Writing the position stops a turn of the
    // wheel or a fling in its course, so while somebody scrolls the box takes it as long as there is a box.
    const keeping = scroller.scrollTop - wanted;
    const ideal = this.#window.above;
    if (Math.abs(keeping - ideal) < 1 ? keeping >= 0 : this.#isScrolling && range.start > 0 && keeping > 0) {
      this.#setSpacers(parts, keeping);
      return;
    }
    // Positions are whole pixels of the screen; the fraction goes into the box, or it would add up to a drift.
    const scrollTop = Math.max(0, Math.ceil(wanted + ideal));
    this.#setSpacers(parts, Math.max(0, scrollTop - wanted));
    scroller.scrollTop = scrollTop;
    this.#lastScrollTop = scroller.scrollTop;
    const missedBy = this.#lastScrollTop - scrollTop;
    if (missedBy !== 0 && Math.abs(missedBy) < 1 && this.#spacer + missedBy >= 0) this.#setSpacers(parts, this.#spacer + missedBy);
    else if (missedBy !== 0 || scrollTop - wanted < 0) this.#readAnchor(parts);
    // There is no more below: this is the end.
    const isEnd = scroller.scrollHeight - scroller.clientHeight - this.#lastScrollTop <= 1;
    if (isEnd && this.#options.canFollow()) this.#isFollowing = true;
  }

  #setSpacers(parts: ScrollParts, above: number): void {
    this.#spacer = above;
    parts.above.style.height = `${above}px`;
    parts.below.style.height = `${this.#window.below}px`;
  }

  /** Takes the first visible row from the page. */
  #readAnchor(parts: ScrollParts): void {
    const { start } = this.#window.range;
    const top = parts.rows.getBoundingClientRect().top - parts.scroller.getBoundingClientRect().top - parts.scroller.clientTop;
    this.#anchor = { index: start, top };
    this.#slideAnchor();
  }
}
