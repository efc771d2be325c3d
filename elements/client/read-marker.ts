import { type Clock, Timers } from './clock.ts';
import { ChatterClientError } from './errors.ts';

/** At most one marker of a room is told in this time. */
const everyMs = 2_000;

/** Tells the server how far one has read: the furthest wins, and what was not acknowledged is told again. */
export class ReadMarker {
  readonly #timers: Timers;
  readonly #tell: (seq: number) => Promise<void>;
  #wanted = 0;
  #acknowledged = 0;
  #isTelling = false;

  constructor(clock: Clock, tell: (seq: number) => Promise<void>) {
    this.#timers = new Timers(clock);
    this.#tell = tell;
  }

  mark(seq: number): void {
    if (seq <= this.#wanted) return;
    this.#wanted = seq;
    this.flush();
  }

  /** Tells what there is to tell, unless that was just done. Also to be called when a connection is back. */
  flush(): void {
    if (this.#isTelling || this.#wanted <= this.#acknowledged || this.#timers.has('pause')) return;
    this.#timers.set('pause', everyMs, () => this.flush());
    void this.#tellNow(this.#wanted);
  }

  /** Forgets everything: the room's log is another one, or the reader is. */
  reset(): void {
    this.#timers.clearAll();
    this.#wanted = 0;
    this.#acknowledged = 0;
  }

  async #tellNow(seq: number): Promise<void> {
    this.#isTelling = true;
    let canTryAgain = false;
    try {
      await this.#tell(seq);
    } catch (error) {
      if (!(error instanceof ChatterClientError)) throw error;
      canTryAgain = error.retryable;
      // Without a connection the next one tries again; a busy server is asked again when the pause is over.
      if (error.code === 'offline') this.#timers.clear('pause');
      else if (canTryAgain) this.#timers.set('pause', error.afterMs ?? everyMs, () => this.flush());
    }
    this.#isTelling = false;
    if (canTryAgain) return;
    this.#acknowledged = Math.max(this.#acknowledged, seq);
    this.flush();
  }
}
