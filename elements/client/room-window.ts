import type { RequestInput } from '#protocol/frames';
import type { Message, MessagePage } from '#protocol/models';
import { ChatterClientError } from './errors.ts';
import type { RoomHost } from './room-host.ts';
import {
  canAppend, emptyWindow, hasMessage, type MessageWindow, newestOf, withMessages, windowOf, withPageAfter, withPageBefore,
} from './room-state.ts';

/** Messages asked for at a time. */
export const pageSize = 50;

export interface RoomWindowOptions {
  room: string;
  host: RoomHost;
  /** Whether asking for a page can work now. */
  canLoad: () => boolean;
  /** Messages that came as a page: not news, but an acknowledgement of what is still waiting here. */
  onPage: (page: MessagePage) => void;
  onChange: () => void;
}

/** The window of messages that is looked at: live at its end, and moved by asking for pages. */
export class RoomWindow {
  readonly #options: RoomWindowOptions;
  #state = emptyWindow;
  /** A new one for each time the window is replaced: pages asked for before do not fit. */
  #place = {};
  readonly #loading = new Set<'before' | 'after'>();
  #loads = 0;
  /** Messages that came while a page was on its way. The page may have been read before them. */
  #late: Message[] = [];

  constructor(options: RoomWindowOptions) {
    this.#options = options;
  }

  get state(): MessageWindow {
    return this.#state;
  }

  isLoading(side: 'before' | 'after'): boolean {
    return this.#loading.has(side);
  }

  /** News of the log, by their place in it. */
  take(messages: readonly Message[]): void {
    if (this.#loads > 0) this.#late.push(...messages);
    this.#state = withMessages(this.#state, messages);
  }

  /** A message that an answer brought. Where it is not the next one it comes with the facts before it. */
  takeEarly(message: Message): void {
    if (!hasMessage(this.#state, message.seq) && !canAppend(this.#state, message)) return;
    this.#state = withMessages(this.#state, [message]);
    this.#options.onChange();
  }

  replace(page: MessagePage): void {
    this.clear();
    this.#options.onPage(page);
    this.#state = windowOf(page);
  }

  clear(): void {
    this.#state = emptyWindow;
    this.#place = {};
    this.#late = [];
  }

  /** Keeps the newest `count` messages. */
  shrink(count: number): void {
    this.#state = newestOf(this.#state, count);
  }

  async loadBefore(): Promise<void> {
    const first = this.#state.messages[0]?.message.seq;
    if (first !== undefined && this.#state.hasBefore) await this.#extend('before', { before: first }, withPageBefore);
  }

  async loadAfter(): Promise<void> {
    const last = this.#state.messages.at(-1)?.message.seq;
    if (last !== undefined && this.#state.hasAfter) await this.#extend('after', { after: last }, withPageAfter);
  }

  /** Replaces the window by the page at another place. Rejects where it cannot be had. */
  async jump(where: { around?: number }): Promise<void> {
    const place = {};
    this.#place = place;
    await this.#load(where, (page) => {
      if (this.#place === place) this.#state = windowOf(page);
    });
  }

  async #extend(
    side: 'before' | 'after', where: { before: number } | { after: number },
    extended: (window: MessageWindow, page: MessagePage) => MessageWindow,
  ): Promise<void> {
    // Where it cannot work nothing changes at all, so that a list which asks on each change does not ask for ever.
    if (this.#loading.has(side) || !this.#options.canLoad()) return;
    const place = this.#place;
    this.#loading.add(side);
    this.#options.onChange();
    try {
      await this.#load(where, (page) => {
        if (this.#place === place) this.#state = extended(this.#state, page);
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
      this.#state = withMessages(this.#state, this.#late);
      onChange();
    } finally {
      this.#loads -= 1;
      if (this.#loads === 0) this.#late = [];
    }
  }
}
