/**
 * Time, as the core sees it. This is the only file that names `Date`, `performance` and `setTimeout`; each is looked up
 * when it is called, so that fake timers of a test apply.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. It can be set back and forth. */
  wall(): number;
  /** Milliseconds from an arbitrary point. Never goes back, but may stand still while the machine sleeps. */
  monotonic(): number;
  /** Calls `run` after `delayMs`. Returns what cancels it. In the `background` it does not keep the process alive. */
  after(delayMs: number, run: () => void, background?: boolean): () => void;
}

export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run, background = false) {
    const timer = setTimeout(run, delayMs);
    // Outside Node a timer is a number, and nothing waits for it.
    if (background && typeof timer === 'object') timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The same clock, for work that nobody waits for: none of its timers keeps the process alive. */
export function inBackground(clock: Clock): Clock {
  return {
    wall: () => clock.wall(),
    monotonic: () => clock.monotonic(),
    after: (delayMs, run) => clock.after(delayMs, run, true),
  };
}
