import type { RoomSummary } from '#protocol/models';
import type { RequestInput, RequestOutput } from '#protocol/frames';
import { backoffMs } from './backoff.ts';
import { ChangeNotifier } from './change-notifier.ts';
import { type Clock, Timers } from './clock.ts';
import { ChatterClientError } from './errors.ts';
import type { Summaries } from './summaries.ts';

const pageSize = 50;
/** After a reconnect the list is read again up to here; what lies deeper is read again when it is scrolled to. */
const reloadLimit = 300;

export interface RoomListOptions {
  clock: Clock;
  random: () => number;
  summaries: Summaries;
  list: (input: RequestInput<'rooms.list'>) => Promise<RequestOutput<'rooms.list'>>;
  isOnline: () => boolean;
  onConnection: (listener: { onReady(): void; onLost(): void; onForget(): void; onStopped(message: string): void }) => void;
}

/** The person's rooms. It is read from the server when the first listener is there, and live from then on. */
export class RoomList {
  readonly #options: RoomListOptions;
  readonly #notifier = new ChangeNotifier();
  #status: 'loading' | 'ready' | 'error' = 'loading';
  #error: string | undefined;
  #rooms: readonly RoomSummary[] | undefined;
  /** Where the next page begins; undefined after the last one. */
  #next: string | undefined;
  #loadedCount = 0;
  #isWanted = false;
  readonly #timers: Timers;
  /** Readings in a row that failed. */
  #failures = 0;
  /** The reading that counts: what an older one answers is dropped. */
  #reading: Promise<void> | undefined;
  /** Rooms that were told of while the list is being read: they are in it, or out of it, whatever the pages say. */
  #told = new Set<string>();

  /** Made by the `ChatClient`. */
  constructor(options: RoomListOptions) {
    this.#options = options;
    this.#timers = new Timers(options.clock);
    options.summaries.onChange((room) => {
      this.#told.add(room);
      this.#changed();
    });
    options.onConnection({
      onReady: () => {
        if (this.#isWanted) void this.reload();
      },
      onLost: () => this.#timers.clearAll(),
      onForget: () => this.#setStatus('loading'),
      onStopped: (message) => this.#setStatus('error', message),
    });
  }

  /** Most recently active first, live. */
  get rooms(): readonly RoomSummary[] {
    this.#rooms ??= this.#options.summaries.all().sort(byActivity);
    return this.#rooms;
  }

  get status(): 'loading' | 'ready' | 'error' {
    return this.#status;
  }

  get error(): string | undefined {
    return this.#error;
  }

  get hasMore(): boolean {
    return this.#next !== undefined;
  }

  /** Sum of `unread` over the rooms that are known. */
  get unread(): number {
    return this.rooms.reduce((sum, room) => sum + room.unread, 0);
  }

  onChange(listener: () => void): () => void {
    const undo = this.#notifier.add(listener);
    if (!this.#isWanted) {
      this.#isWanted = true;
      if (this.#options.isOnline()) void this.reload();
    }
    return undo;
  }

  async loadMore(): Promise<void> {
    if (this.#reading) return this.#reading;
    if (this.#next === undefined) return;
    await this.#read(async (isCurrent) => {
      await this.#page(this.#next, pageSize, isCurrent);
    });
  }

  /** Reads the list again, as far as it was read before. */
  async reload(): Promise<void> {
    this.#isWanted = true;
    await this.#read(async (isCurrent) => {
      const { summaries } = this.#options;
      const missing = new Map(summaries.all().map((room) => [room.id, room.activeAt]));
      const told = this.#told;
      const wantedCount = Math.min(reloadLimit, this.#loadedCount);
      let oldestAt = 0;
      this.#loadedCount = 0;
      this.#next = undefined;
      do {
        const rooms = await this.#page(this.#next, pageSize, isCurrent);
        if (!rooms) return;
        for (const { id, activeAt } of rooms) {
          missing.delete(id);
          oldestAt = activeAt;
        }
      } while (this.#next !== undefined && this.#loadedCount < wantedCount);
      // Who would have been on these pages, and was not, is not in the list any more. What lies deeper may be.
      for (const [id, activeAt] of missing) {
        if (!told.has(id) && (this.#next === undefined || activeAt > oldestAt)) summaries.remove(id);
      }
    });
  }

  async search(query: string): Promise<RoomSummary[]> {
    const { rooms } = await this.#options.list({ query, limit: pageSize });
    return rooms;
  }

  async #read(run: (isCurrent: () => boolean) => Promise<void>): Promise<void> {
    this.#told = new Set();
    this.#timers.clearAll();
    const reading: Promise<void> = run(() => this.#reading === reading).then(
      () => {
        if (this.#reading !== reading) return;
        this.#failures = 0;
        this.#setStatus('ready');
      },
      (error: unknown) => {
        if (!(error instanceof ChatterClientError)) throw error;
        // Lost with the connection: the next one reads again. What is already shown stays.
        if (this.#reading !== reading || error.code === 'offline') return;
        this.#setStatus('error', error.message);
        if (!error.retryable) return;
        this.#failures += 1;
        this.#timers.set('again', error.afterMs ?? backoffMs(this.#failures, this.#options.random), () => void this.reload());
      },
    );
    this.#reading = reading;
    if (this.#status === 'error') this.#setStatus('loading');
    await reading;
    if (this.#reading === reading) this.#reading = undefined;
  }

  async #page(cursor: string | undefined, limit: number, isCurrent: () => boolean): Promise<RoomSummary[] | undefined> {
    const { rooms, next } = await this.#options.list({ cursor, limit });
    if (!isCurrent()) return undefined;
    const { summaries } = this.#options;
    for (const room of rooms) if (!this.#told.has(room.id) || summaries.get(room.id)) summaries.put(room);
    this.#loadedCount += rooms.length;
    this.#next = next;
    this.#changed();
    return rooms;
  }

  #setStatus(status: 'loading' | 'ready' | 'error', error?: string): void {
    this.#status = status;
    this.#error = error;
    this.#changed();
  }

  #changed(): void {
    this.#rooms = undefined;
    this.#notifier.notify();
  }
}

function byActivity(a: RoomSummary, b: RoomSummary): number {
  return b.activeAt - a.activeAt || (a.id < b.id ? -1 : 1);
}
