import type { Clock } from '@open-banking-auth/core';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** From here on a wait is taken for a time limit. */
const LONG_WAIT_MS = 4_000;

/** What other threads get before a time limit fires, on the machine's own clock. */
const OTHER_THREADS_MS = 40;

/** A clock with two hands: the wall clock can be set, the monotonic one can sleep. */
export class FakeClock implements Clock {
  #wall = Date.UTC(2026, 10, 22, 12);
  #monotonic = 1_000;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  wall = () => this.#wall;
  monotonic = () => this.#monotonic;

  after = (delayMs: number, run: () => void) => {
    const timer = { at: this.#monotonic + delayMs, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  /** Time passes: on both hands, and for timers, those included that others set. */
  advance(ms: number): void {
    const until = this.#monotonic + ms;
    for (let next = this.#nextTimer(); next && next.at <= until; next = this.#nextTimer()) {
      this.#pass(Math.max(0, next.at - this.#monotonic));
      this.#timers.delete(next);
      next.run();
    }
    this.#pass(until - this.#monotonic);
  }

  /** Time passes while the event loop is blocked: then each timer that is due fires once, and sees how late it is. */
  block(ms: number): void {
    this.#pass(ms);
    for (const timer of [...this.#timers].sort((a, b) => a.at - b.at)) {
      if (timer.at > this.#monotonic) continue;
      this.#timers.delete(timer);
      timer.run();
    }
  }

  #pass(ms: number): void {
    this.#wall += ms;
    this.#monotonic += ms;
  }

  #nextTimer() {
    return [...this.#timers].reduce<{ readonly at: number; readonly run: () => void } | undefined>(
      (first, timer) => (first && first.at <= timer.at ? first : timer),
      undefined,
    );
  }

  /** Time passes until the next timer fires. */
  advanceToNextTimer(): void {
    const next = this.#nextTimer();
    if (next) this.advance(Math.max(0, next.at - this.#monotonic));
  }

  /** Time passes as long as something waits for it, until the promise is settled. */
  async through<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    promise.then(
      () => {
        settled = true;
      },
      () => {
        settled = true;
      },
    );
    for (let steps = 0; steps < 10_000; steps++) {
      // What can go on without time goes first; hashing a token takes a few turns on another thread.
      for (let turn = 0; turn < 30 && !settled; turn++) await new Promise((resolve) => setImmediate(resolve));
      // A long way to the next timer is mostly a time limit, which must not beat work on another thread, such as signing.
      const isLimit = (this.#nextTimer()?.at ?? 0) - this.#monotonic >= LONG_WAIT_MS;
      const patience = performance.now() + (isLimit ? OTHER_THREADS_MS : 0);
      while (!settled && performance.now() < patience) await new Promise((resolve) => setImmediate(resolve));
      if (settled) return promise;
      this.advanceToNextTimer();
    }
    throw new Error('The promise was not settled, however much time went by');
  }

  /** Somebody sets the clock, or the machine slept and only the wall clock saw it. */
  setWallBy(ms: number): void {
    this.#wall += ms;
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }
}
