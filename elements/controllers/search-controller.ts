import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Long enough that a word is typed, short enough that nobody waits. */
const pauseMs = 200;

/** Asks the server while someone types, and keeps the answer to what is typed now. */
export class SearchController<T> implements ReactiveController {
  #host: ReactiveControllerHost;
  #ask: (query: string) => Promise<readonly T[]>;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #query = '';
  #found: readonly T[] | undefined;
  #status: 'waiting' | 'ready' | 'error' = 'ready';

  constructor(host: ReactiveControllerHost, ask: (query: string) => Promise<readonly T[]>) {
    this.#host = host;
    this.#ask = ask;
    host.addController(this);
  }

  /** As it was typed. */
  get query(): string {
    return this.#query;
  }

  get status(): 'waiting' | 'ready' | 'error' {
    return this.#status;
  }

  /** What was found last. It stays while the next answer is on its way, so that nothing flickers. */
  get found(): readonly T[] | undefined {
    return this.#found;
  }

  hostConnected(): void {
    // It was taken away while it waited: what was typed is still there, and waits for its answer.
    if (this.#status === 'waiting') this.start();
  }

  hostDisconnected(): void {
    clearTimeout(this.#pause);
  }

  /** For each keystroke: asks when typing rests. */
  type(query: string): void {
    const isSame = query.trim() === this.#query.trim();
    this.#query = query;
    this.#host.requestUpdate();
    if (isSame) return;
    clearTimeout(this.#pause);
    this.#status = 'waiting';
    this.#pause = setTimeout(() => void this.#search(), pauseMs);
  }

  /** Asks at once, with nothing found yet. */
  start(query = this.#query): void {
    clearTimeout(this.#pause);
    this.#query = query;
    this.#found = undefined;
    this.#status = 'waiting';
    this.#host.requestUpdate();
    void this.#search();
  }

  /** Forgets query and answer. */
  clear(): void {
    clearTimeout(this.#pause);
    this.#query = '';
    this.#found = undefined;
    this.#status = 'ready';
    this.#host.requestUpdate();
  }

  async #search(): Promise<void> {
    const query = this.#query;
    const isWanted = (): boolean => this.#query === query && this.#status === 'waiting';
    try {
      const found = await this.#ask(query.trim());
      if (!isWanted()) return;
      this.#found = found;
      this.#status = 'ready';
    } catch {
      if (!isWanted()) return;
      this.#status = 'error';
    }
    this.#host.requestUpdate();
  }
}
