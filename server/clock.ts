/** Time, so that tests can turn it. Every timer of the server goes through here. */
export interface Clock {
  /** Milliseconds since 1970. It is set forward and back: for what has a date, as the end of a token. */
  now(): number;
  /** Milliseconds since some moment. Nobody sets it: for how long ago something was. */
  monotonic(): number;
  /** Calls back once, `ms` from now. Returns its undo. Does not keep the process alive. */
  after(ms: number, callback: () => void): () => void;
  /** Calls back every `ms`. Returns its undo. Does not keep the process alive. */
  every(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  // Whole ones, and from a small one on: such numbers need no place of their own, and each session keeps five.
  monotonic: () => Math.floor(performance.now()),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  every(ms, callback) {
    const timer = setInterval(callback, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};
