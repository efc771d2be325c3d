import { rhythms } from '#protocol/codes';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';

/** The database is asked this often what has changed, while the bus does not tell. */
const pollMs = 500;

export interface HealingRoundsOptions {
  bus: Pick<Bus, 'mode' | 'onModeChange' | 'onGap'>;
  clock: Clock;
  /** Looks at everything that people of this node see, and tells the heads of what they have open (R7). Never rejects. */
  check(): Promise<void>;
  /** Looks for what has changed lately. Never rejects. */
  poll(): Promise<void>;
}

/**
 * When this node asks the database what it may have missed: every 10 s, at each gap that the bus tells of, and in short turns
 * while the bus is down. No round begins before the one before it has ended: a slow database is not asked more for being slow.
 */
export class HealingRounds {
  readonly #check: () => void;
  readonly #poll: () => void;
  readonly #undo: (() => void)[];
  #stopPolling: (() => void) | undefined;

  constructor({ bus, clock, check, poll }: HealingRoundsOptions) {
    this.#check = oneAtATime(check);
    this.#poll = oneAtATime(poll);
    const turn = (): void => {
      this.#stopPolling?.();
      this.#stopPolling = bus.mode === 'down' ? clock.every(pollMs, this.#poll) : undefined;
    };
    turn();
    this.#undo = [
      clock.every(rhythms.headsMs, this.#check),
      // Nodes that have all lost the same broker find it again at random moments, and so come here at random moments too.
      bus.onGap(this.#check),
      bus.onModeChange((mode) => {
        turn();
        // What was lost before it was noticed may be older than what a poll looks at.
        if (mode === 'down') this.#check();
      }),
    ];
  }

  close(): void {
    for (const undo of this.#undo) undo();
    this.#stopPolling?.();
  }
}

/** Asked for again while it runs, it runs once more afterwards: what it has looked at already may have changed. */
function oneAtATime(work: () => Promise<void>): () => void {
  let isRunning = false;
  let isWanted = false;
  const run = async (): Promise<void> => {
    isRunning = true;
    do {
      isWanted = false;
      await work();
    } while (isWanted);
    isRunning = false;
  };
  return () => {
    if (isRunning) isWanted = true;
    else void run();
  };
}
