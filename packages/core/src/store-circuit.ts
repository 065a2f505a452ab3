import type { Clock } from './clock.js';
import type { AuthEvent, StoreOperation } from './events.js';
import { STORE_PAUSE_MS, STORE_TIMEOUT_MS } from './policy.js';
import type { TokenStore } from './store.js';
import { withTimeLimit } from './time-limit.js';
import { fieldsOf } from './token-failure.js';

/** Asks the store in a way that nobody suffers from: not for long, and after a failure not at all for a while. */
export class StoreCircuit {
  #openUntil = 0;
  #outage = false;

  constructor(
    readonly store: TokenStore,
    readonly clock: Clock,
    readonly emit: (event: AuthEvent) => void,
  ) {}

  /** Whether the store has failed a moment ago and is not asked. */
  get open(): boolean {
    return this.clock.monotonic() < this.#openUntil;
  }

  /** @param timing Whose timer limits the wait: for work in the background one that does not keep the process alive. */
  get(key: string, timing: Clock): Promise<string | undefined> {
    return this.#attempt('get', timing, () => this.store.get(key), readText);
  }

  async set(key: string, value: string, ttlMs: number, timing: Clock): Promise<void> {
    await this.#attempt('set', timing, () => this.store.set(key, value, ttlMs), readNothing);
  }

  async delete(key: string, timing: Clock): Promise<void> {
    await this.#attempt('delete', timing, () => this.store.delete(key), readNothing);
  }

  /** Whether the store can keep processes apart at all. */
  get locks(): boolean {
    return this.store.lock !== undefined;
  }

  /** Resolves to what releases the lock, without a wait; to `undefined` if somebody else has it or the store failed. */
  async lock(key: string, ttlMs: number, timing: Clock): Promise<(() => void) | undefined> {
    let asked: Promise<unknown> | undefined;
    const ask = async () => this.store.lock?.(key, ttlMs);
    const run = () => {
      asked = ask();
      return asked;
    };
    const release = await this.#attempt('lock', timing, run, readRelease);
    if (release) return () => void this.#release(release, timing);
    // Given, but too late: nobody knows of that lock any more, and all would wait for its end.
    asked?.then((late) => typeof late === 'function' && late()).catch(() => {});
    return undefined;
  }

  /** Also when the circuit is open: it may have been the value that the store refused, and others wait for the lock. */
  #release(release: () => Promise<void>, timing: Clock): Promise<unknown> {
    return this.#ask('unlock', timing, release, readNothing);
  }

  async #attempt<T>(
    operation: StoreOperation,
    timing: Clock,
    run: () => Promise<unknown>,
    read: (answer: unknown) => T | undefined,
  ): Promise<T | undefined> {
    return this.open ? undefined : this.#ask(operation, timing, run, read);
  }

  async #ask<T>(
    operation: StoreOperation,
    timing: Clock,
    run: () => Promise<unknown>,
    read: (answer: unknown) => T | undefined,
  ): Promise<T | undefined> {
    try {
      // In an async function, since a store can also throw. What it answers after the limit is seen by nobody.
      const asked = withTimeLimit(
        whenRead(timing),
        STORE_TIMEOUT_MS,
        () => new StoreTimeout(),
        async () => run(),
      );
      const answer = read(await asked);
      this.#outage = false;
      return answer;
    } catch (error) {
      this.#openUntil = this.clock.monotonic() + STORE_PAUSE_MS;
      if (!this.#outage) this.emit({ type: 'store.failed', operation, error: nameOf(error) });
      this.#outage = true;
      return undefined;
    }
  }
}

/**
 * A process that was busy for longer than the limit finds its timer due before it has read what the store answered long
 * ago. So there is a moment between the timer and the verdict, in which it is read: not the store was slow.
 */
function whenRead(clock: Clock): Clock {
  return {
    wall: () => clock.wall(),
    monotonic: () => clock.monotonic(),
    after(delayMs, run) {
      let cancel = clock.after(delayMs - 1, () => {
        cancel = clock.after(1, run);
      });
      return () => cancel();
    },
  };
}

class StoreTimeout extends Error {
  override readonly name = 'TimeoutError';
}

function readText(answer: unknown): string | undefined {
  // Many stores say null.
  if (answer === undefined || answer === null) return undefined;
  if (typeof answer === 'string') return answer;
  throw new TypeError('A store must give text');
}

function readRelease(answer: unknown): (() => Promise<void>) | undefined {
  if (answer === undefined || answer === null || answer === false) return undefined;
  if (typeof answer === 'function') return async () => answer();
  throw new TypeError('A store must give a function that releases the lock');
}

function readNothing(): undefined {}

/** Which error it was. Its message stays out: a store's error can quote the command, and so the value. */
function nameOf(error: unknown): string {
  const { code, name } = fieldsOf(error);
  const known = [code, name].find((word) => typeof word === 'string' && /^\w{1,40}$/.test(word));
  return typeof known === 'string' ? known : 'Error';
}
