import type { Head, RequestOutput, ServerFrameOf } from '#protocol/frames';
import type { Changes, Fact, Message, Person } from '#protocol/models';
import { backoffMs } from './backoff.ts';
import { Timers } from './clock.ts';
import { Cursor } from './cursor.ts';
import { ChatterClientError } from './errors.ts';
import type { RoomHost } from './room-host.ts';
import { pageSize, type RoomWindow } from './room-window.ts';

/** How long a hole may wait for late frames before it is filled by asking (R4). */
const holeMs = 500;
/** The server said that there is more than it then gave: no hurry to ask again. */
const noProgressMs = 5_000;
/** What a closed room keeps, so that coming back to it is instant. */
const keptWhenClosed = 100;

export interface RoomSyncOptions {
  room: string;
  host: RoomHost;
  window: RoomWindow;
  onOpened: (answer: RequestOutput<'room.open'>) => void;
  /** Every fact of the log, once and in order; and those who are named in them. */
  onFacts: (facts: readonly Fact[], people: readonly Person[]) => void;
  /** We are not in the room any more. */
  onGone: () => void;
  onChange: () => void;
}

/** Follows one room's log (R2 to R7), and brings what it tells into the window. */
export class RoomSync {
  readonly #options: RoomSyncOptions;
  readonly #timers: Timers;
  #status: 'closed' | 'opening' | 'ready' | 'gone' | 'error' = 'closed';
  #error: string | undefined;
  #cursor: Cursor | undefined;
  /** A new one for each time the room is opened: what an older one answers is dropped. */
  #visit: object | undefined;
  #isFilling = false;

  constructor(options: RoomSyncOptions) {
    this.#options = options;
    this.#timers = new Timers(options.host.environment.clock);
  }

  get status(): 'closed' | 'opening' | 'ready' | 'gone' | 'error' {
    return this.#status;
  }

  get error(): string | undefined {
    return this.#error;
  }

  /** The server was asked to tell of this room on the connection that stands now. */
  get isOpen(): boolean {
    return this.#visit !== undefined;
  }

  /** Opens the room on the server, from where we left off if we were there before. */
  open(): void {
    this.suspend();
    this.#visit = {};
    if (!this.#cursor) this.#setStatus('opening');
    void this.#open();
  }

  /** The connection is gone: what is shown stays. */
  suspend(): void {
    this.#visit = undefined;
    this.#isFilling = false;
    this.#timers.clearAll();
  }

  /** Nobody looks any more. */
  close(): void {
    const { host, room, window } = this.#options;
    if (this.isOpen && host.isOnline()) host.request('room.close', { room }).catch(() => undefined);
    this.suspend();
    if (window.state.hasAfter) this.#forget();
    window.shrink(keptWhenClosed);
    if (this.#status !== 'gone') this.#setStatus('closed');
  }

  /** We are not in the room any more. Its log may not be followed, and will have to be read anew should we come back. */
  gone(): void {
    this.suspend();
    this.#cursor = undefined;
    this.#options.onGone();
    this.#setStatus('gone');
  }

  /** Forgets everything: the next `open` reads the newest page. */
  reset(): void {
    this.suspend();
    this.#forget();
    this.#setStatus('closed');
  }

  takeFacts(frame: ServerFrameOf<'facts'>): void {
    const cursor = this.#cursor;
    if (!this.isOpen || !cursor) return;
    if (frame.epoch !== cursor.epoch) return this.#reopen();
    this.#apply(cursor.take(frame.facts), frame.people);
    this.#heal();
  }

  takeHead(head: Head): void {
    const cursor = this.#cursor;
    if (!this.isOpen || !cursor) return;
    if (head.epoch !== cursor.epoch) return this.#reopen();
    cursor.noteHead(head.seq);
    this.#heal();
  }

  /** A message that an answer brought. Where it is not the next one it comes with the facts before it. */
  takeMessage(message: Message): void {
    this.#cursor?.noteHead(message.changedSeq);
    this.#options.window.takeEarly(message);
    this.#heal();
  }

  async #open(attempt = 1): Promise<void> {
    const { host, room, window, onOpened } = this.#options;
    const visit = this.#visit;
    const cursor = this.#cursor;
    try {
      const answer = await host.request('room.open', { room, limit: pageSize, epoch: cursor?.epoch, after: cursor?.upTo });
      if (this.#visit !== visit) return;
      onOpened(answer);
      if (answer.page) window.replace(answer.page);
      // What a reset leaves out is had by scrolling back: the page is all that is known.
      this.#cursor = cursor && !answer.page ? cursor : new Cursor(answer.room.epoch, answer.upTo);
      this.#cursor.noteHead(answer.room.seq);
      this.#setStatus('ready');
      if (answer.changes) void this.#fill(answer.changes);
      else this.#heal();
    } catch (error) {
      if (!(error instanceof ChatterClientError)) throw error;
      if (this.#visit !== visit) return;
      if (error.retryable) {
        const waitMs = error.afterMs ?? backoffMs(attempt, host.environment.random);
        this.#timers.set('open', waitMs, () => void this.#open(attempt + 1));
      } else if (error.code === 'not_found' && this.#cursor) {
        this.gone();
      } else {
        this.suspend();
        this.#setStatus('error', error.message);
      }
    }
  }

  /** The log is another one: everything is read anew. */
  #reopen(): void {
    this.#cursor = undefined;
    this.#visit = {};
    this.#timers.clearAll();
    this.#isFilling = false;
    void this.#open();
  }

  /** Sees to it that a hole is filled, if there is one. */
  #heal(): void {
    const cursor = this.#cursor;
    if (!this.isOpen || !cursor || this.#isFilling) return;
    if (!cursor.isBehind) this.#timers.clear('fill');
    else if (cursor.isFull) void this.#fill();
    else if (!this.#timers.has('fill')) this.#timers.set('fill', holeMs, () => void this.#fill());
  }

  /**
   * Asks for what is missing, page by page (`first` is there already), and applies it as a whole: a message that was deleted
   * comes where its deletion was, perhaps some pages after those that were written after it.
   */
  async #fill(first?: Changes): Promise<void> {
    const { host, room } = this.#options;
    const visit = this.#visit;
    const cursor = this.#cursor;
    if (!cursor || this.#isFilling) return;
    this.#isFilling = true;
    this.#timers.clear('fill');
    const facts: Fact[] = [];
    const people: Person[] = [];
    const from = cursor.upTo;
    let upTo = from;
    let waitMs = noProgressMs;
    try {
      for (let page = first, hasMore = true; hasMore; page = undefined) {
        page ??= (await host.request('room.changes', { room, epoch: cursor.epoch, after: upTo })).changes;
        if (this.#visit !== visit) return;
        if (!page) return this.#reopen();
        facts.push(...page.facts);
        people.push(...page.people);
        upTo = page.upTo;
        hasMore = page.more;
      }
      this.#apply(cursor.takeChanges({ facts, upTo }), people);
      if (upTo > from) waitMs = holeMs;
    } catch (error) {
      if (!(error instanceof ChatterClientError)) throw error;
      if (this.#visit !== visit) return;
      waitMs = error.afterMs ?? noProgressMs;
    }
    this.#isFilling = false;
    if (cursor.isBehind) this.#timers.set('fill', waitMs, () => void this.#fill());
  }

  #apply(facts: readonly Fact[], people: readonly Person[]): void {
    if (facts.length === 0) return;
    const messages = facts.flatMap((fact) => (fact.kind === 'message' ? [fact.message] : []))
      .sort((a, b) => a.seq - b.seq || a.changedSeq - b.changedSeq);
    this.#options.window.take(messages);
    this.#options.onFacts(facts, people);
    this.#options.onChange();
  }

  #forget(): void {
    this.#cursor = undefined;
    this.#options.window.clear();
  }

  #setStatus(status: RoomSync['status'], error?: string): void {
    this.#status = status;
    this.#error = error;
    this.#options.onChange();
  }
}
