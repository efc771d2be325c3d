import { type Clock, systemClock } from '../../../server/clock.ts';

/** The system's clock, as a machine shows it whose time is wrong by `offsetMs`. Timers run as ever: they count, and do not look. */
export class JumpingClock implements Clock {
  offsetMs = 0;
  readonly monotonic = systemClock.monotonic;
  readonly after = systemClock.after;
  readonly every = systemClock.every;

  now(): number {
    return systemClock.now() + this.offsetMs;
  }
}
