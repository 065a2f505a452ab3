/**
 * Time, as the core sees it. This is the only file that names `Date`, `performance` and `setTimeout`; each is looked up
 * when it is called, so that a test's fake timers apply.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. It can be set back and forth. */
  wall(): number;
  /** Milliseconds from an arbitrary point. Never goes back, but may stand still while the machine sleeps. */
  monotonic(): number;
  /** Calls `run` after `delayMs`. Returns a function that cancels it. A `background` timer does not keep the process alive. */
  after(delayMs: number, run: () => void, background?: boolean): () => void;
}

export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run, background = false) {
    const timer = setTimeout(run, delayMs);
    // Outside Node a timer is a number, and keeps nothing alive.
    if (background && typeof timer === 'object') timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The same clock for work that no caller waits for: none of its timers keeps the process alive. */
export function inBackground(clock: Clock): Clock {
  return {
    wall: () => clock.wall(),
    monotonic: () => clock.monotonic(),
    after: (delayMs, run) => clock.after(delayMs, run, true),
  };
}

/** Resolves after `delayMs`. */
export function delay(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.after(delayMs, resolve));
}
