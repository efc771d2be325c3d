import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Sentences that come within this time are said as one. */
const gatherMs = 1_000;
/** More than these are counted, not read out. */
const mostRead = 3;

/**
 * What a screen reader is told while the reader is elsewhere on the page. Its host puts `text` into a live region that is
 * there from the beginning, and that is the only one: rows of a virtual list come and go, and are no news.
 */
export class AnnouncerController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #count: (count: number) => string;
  #waiting: string[] = [];
  #text = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `count` makes the sentence for a burst. */
  constructor(host: ReactiveControllerHost, count: (count: number) => string) {
    this.#host = host;
    this.#count = count;
    host.addController(this);
  }

  get text(): string {
    return this.#text;
  }

  say(sentences: readonly string[]): void {
    if (sentences.length === 0) return;
    this.#waiting.push(...sentences);
    this.#timer ??= setTimeout(() => this.#speak(), gatherMs);
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
    this.#text = '';
  }

  #speak(): void {
    this.#timer = undefined;
    const waiting = this.#waiting.splice(0);
    const text = waiting.length > mostRead ? this.#count(waiting.length) : waiting.join('\n');
    // The same sentence twice is news twice; a live region speaks only when its text changes.
    this.#text = text === this.#text ? `${text}\u00a0` : text;
    this.#host.requestUpdate();
  }
}
