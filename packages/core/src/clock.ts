/**
 * Time, as the core sees it. This is the only file that names `Date`, `performance` and `setTimeout`; each is looked up
 * when it is called, so that fake timers of a test apply.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. It can be set back and forth. */
  wall(): number;
  /** Milliseconds from an arbitrary point. Never goes back, but may stand still while the machine sleeps. */
  monotonic(): number;
  /** Calls `run` after `delayMs`. Returns what cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
