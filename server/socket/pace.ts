import type { Clock } from '../clock.ts';

/** Does something at the end of the turn after a silence, and this often in a busy time: what is asked for in between waits. */
export class Pace {
  readonly #clock: Clock;
  readonly #everyMs: number | (() => number);
  readonly #run: () => void;
  #state: 'idle' | 'planned' | 'resting' | 'resting, and planned' | 'stopped' = 'idle';
  #stopResting: (() => void) | undefined;

  constructor(clock: Clock, everyMs: number | (() => number), run: () => void) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#run = run;
  }

  plan(): void {
    if (this.#state === 'resting') this.#state = 'resting, and planned';
    if (this.#state !== 'idle') return;
    this.#state = 'planned';
    setImmediate(() => {
      if (this.#state === 'planned') this.#go();
    });
  }

  stop(): void {
    this.#state = 'stopped';
    this.#stopResting?.();
  }

  #go(): void {
    // Before it runs: what it asks for itself is for the next time.
    this.#state = 'resting';
    const restMs = typeof this.#everyMs === 'number' ? this.#everyMs : this.#everyMs();
    this.#stopResting = this.#clock.after(restMs, () => {
      if (this.#state === 'resting, and planned') this.#go();
      else this.#state = 'idle';
    });
    this.#run();
  }
}
