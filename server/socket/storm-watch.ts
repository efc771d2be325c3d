import { rhythms } from '#protocol/codes';
import type { Clock } from '../clock.ts';

/** So many at least, and more than this part of all, within so many seconds: that is a storm. */
const leastChanges = 50;
const leastPart = 0.05;
const windowSeconds = 5;
/** After the last of it, it is waited the longer the more came and left. */
const quietMsPerChange = 20;
const leastQuietMs = 5_000;
const mostQuietMs = 60_000;
/** A storm that does not end is over for a moment this often. */
const longestMs = 120_000;

/**
 * Notices when a good part of all come or leave at once, as when a line breaks or a server starts again. Telling each of
 * them to everyone who watches would be the second blow: most are back in a moment.
 */
export class StormWatch {
  readonly #clock: Clock;
  readonly #onOver: () => void;
  /** People who are here, and those who are elsewhere. */
  readonly #recent = { here: new RecentCount(), elsewhere: new RecentCount() };
  #changes = 0;
  #isOfLeavers = false;
  #startedAt = 0;
  #stopWaiting: (() => void) | undefined;

  /** `onOver` is called when a storm has calmed. */
  constructor(clock: Clock, onOver: () => void) {
    this.#clock = clock;
    this.#onOver = onOver;
  }

  get isOn(): boolean {
    return this.#stopWaiting !== undefined;
  }

  /** So many of `all` came or left. `areInGrace`: they have only just left, and may be back before they are away. */
  note(where: 'here' | 'elsewhere', all: number, changes = 1, areInGrace = false): void {
    const now = this.#clock.now();
    const recent = this.#recent[where].add(changes, Math.floor(now / 1_000));
    if (this.isOn) this.#changes += changes;
    if (recent < leastChanges || recent <= all * leastPart) return;
    if (!this.isOn) {
      this.#changes = recent;
      this.#startedAt = now;
      this.#isOfLeavers = false;
    }
    this.#isOfLeavers ||= areInGrace;
    const graceMs = this.#isOfLeavers ? rhythms.presenceGraceMs : 0;
    const quietMs = Math.min(Math.max(this.#changes * quietMsPerChange, leastQuietMs) + graceMs, mostQuietMs);
    const lastedMs = Math.max(0, now - this.#startedAt);
    this.#stopWaiting?.();
    this.#stopWaiting = this.#clock.after(Math.min(quietMs, Math.max(0, longestMs - lastedMs)), () => {
      this.#stopWaiting = undefined;
      this.#onOver();
    });
  }

  close(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
  }
}

/** How many in the last few seconds. */
class RecentCount {
  readonly #counts: number[] = Array.from({ length: windowSeconds }, () => 0);
  #second = 0;

  /** Answers the sum, with what is added. */
  add(count: number, second: number): number {
    // Where the clock of the machine was set back, nothing is known of how long ago the others were.
    const passed = second - this.#second;
    if (passed < 0 || passed >= windowSeconds) this.#counts.fill(0);
    else for (let ago = 0; ago < passed; ago++) this.#counts[(second - ago) % windowSeconds] = 0;
    this.#second = second;
    this.#counts[second % windowSeconds]! += count;
    return this.#counts.reduce((sum, one) => sum + one, 0);
  }
}
