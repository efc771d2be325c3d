import type { Head, RequestInput, RequestOutput, ServerFrameOf } from '#protocol/frames';
import type { Changes, Fact, Message, MessagePage, Person } from '#protocol/models';
import { backoffMs } from './backoff.ts';
import { Timers } from './clock.ts';
import { Cursor } from './cursor.ts';
import { ChatterClientError } from './errors.ts';
import type { RoomHost } from './room-host.ts';
import {
  canAppend, emptyWindow, hasMessage, type MessageWindow, newestOf, withMessages, windowOf, withPageAfter, withPageBefore,
} from './room-state.ts';

const pageSize = 50;
/** How long a hole may wait for late frames before it is filled by asking (R4). */
const holeMs = 500;
/** The server said that there is more than it then gave: no hurry to ask again. */
const noProgressMs = 5_000;
/** What a closed room keeps, so that coming back to it is instant. */
const keptWhenClosed = 100;

export interface RoomSyncOptions {
  room: string;
  host: RoomHost;
  onOpened: (answer: RequestOutput<'room.open'>) => void;
  /** Every fact of the log, once and in order; and those who are named in them. */
  onFacts: (facts: readonly Fact[], people: readonly Person[]) => void;
  /** Messages that came as a page: not news, but an acknowledgement of what is still waiting here. */
  onPage: (page: MessagePage) => void;
  onChange: () => void;
}

/** Follows one room's log, and holds the window of messages that is looked at. */
export class RoomSync {
  readonly #options: RoomSyncOptions;
  readonly #timers: Timers;
  #status: 'closed' | 'opening' | 'ready' | 'gone' | 'error' = 'closed';
  #error: string | undefined;
  #window = emptyWindow;
  #cursor: Cursor | undefined;
  /** A new one for each time the room is opened: what an older one answers is dropped. */
  #visit: object | undefined;
  /** A new one for each time the window is replaced: pages asked for before do not fit. */
  #place = {};
  #isFilling = false;
  #loading = new Set<'before' | 'after'>();
  #loads = 0;
  /** Messages that came while a page was on its way. The page may have been read before them. */
  #late: Message[] = [];

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

  get window(): MessageWindow {
    return this.#window;
  }

  get isLoadingBefore(): boolean {
    return this.#loading.has('before');
  }

  get isLoadingAfter(): boolean {
    return this.#loading.has('after');
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
    const { host, room } = this.#options;
    if (this.isOpen && host.isOnline) host.request('room.close', { room }).catch(() => undefined);
    this.suspend();
    if (this.#window.hasAfter) this.#forget();
    this.#window = newestOf(this.#window, keptWhenClosed);
    if (this.#status !== 'gone') this.#setStatus('closed');
  }

  /** We are not in the room any more. Its log may not be followed, and will have to be read anew should we come back. */
  gone(): void {
    this.suspend();
    this.#cursor = undefined;
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
    if (hasMessage(this.#window, message.seq) || canAppend(this.#window, message)) {
      this.#window = withMessages(this.#window, [message]);
      this.#options.onChange();
    }
    this.#heal();
  }

  async loadBefore(): Promise<void> {
    const first = this.#window.messages[0]?.message.seq;
    if (first !== undefined && this.#window.hasBefore) await this.#extend('before', { before: first }, withPageBefore);
  }

  async loadAfter(): Promise<void> {
    const last = this.#window.messages.at(-1)?.message.seq;
    if (last !== undefined && this.#window.hasAfter) await this.#extend('after', { after: last }, withPageAfter);
  }

  /** Replaces the window by the page at another place. Rejects where it cannot be had. */
  async jump(where: { around?: number }): Promise<void> {
    const place = {};
    this.#place = place;
    await this.#load(where, (page) => {
      if (this.#place === place) this.#window = windowOf(page);
    });
  }

  async #extend(
    side: 'before' | 'after', where: { before: number } | { after: number },
    extended: (window: MessageWindow, page: MessagePage) => MessageWindow,
  ): Promise<void> {
    // Without a connection nothing changes at all, so that a list which asks on each change does not ask for ever.
    if (this.#loading.has(side) || !this.isOpen || !this.#options.host.isOnline) return;
    const place = this.#place;
    this.#loading.add(side);
    this.#options.onChange();
    try {
      await this.#load(where, (page) => {
        if (this.#place === place) this.#window = extended(this.#window, page);
      });
    } catch (error) {
      // Scrolling on asks again.
      if (!(error instanceof ChatterClientError)) throw error;
    } finally {
      this.#loading.delete(side);
      this.#options.onChange();
    }
  }

  async #load(where: Partial<RequestInput<'history'>>, apply: (page: MessagePage) => void): Promise<void> {
    const { host, room, onPage, onChange } = this.#options;
    this.#loads += 1;
    try {
      const { page } = await host.request('history', { room, limit: pageSize, ...where });
      onPage(page);
      apply(page);
      this.#window = withMessages(this.#window, this.#late);
      onChange();
    } finally {
      this.#loads -= 1;
      if (this.#loads === 0) this.#late = [];
    }
  }

  async #open(attempt = 1): Promise<void> {
    const { host, room, onOpened, onPage } = this.#options;
    const visit = this.#visit;
    const cursor = this.#cursor;
    try {
      const answer = await host.request('room.open', { room, limit: pageSize, epoch: cursor?.epoch, after: cursor?.upTo });
      if (this.#visit !== visit) return;
      onOpened(answer);
      if (answer.page) {
        onPage(answer.page);
        this.#forget();
        this.#window = windowOf(answer.page);
      }
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
        this.#timers.set('open', error.afterMs ?? backoffMs(attempt, host.environment.random), () => void this.#open(attempt + 1));
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
    if (this.#loads > 0) this.#late.push(...messages);
    this.#window = withMessages(this.#window, messages);
    this.#options.onFacts(facts, people);
    this.#options.onChange();
  }

  #forget(): void {
    this.#cursor = undefined;
    this.#window = emptyWindow;
    this.#place = {};
    this.#late = [];
  }

  #setStatus(status: RoomSync['status'], error?: string): void {
    this.#status = status;
    this.#error = error;
    this.#options.onChange();
  }
}
