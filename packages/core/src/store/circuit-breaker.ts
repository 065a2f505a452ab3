import type { Clock } from '../clock.js';
import { ERROR_NAME, fieldsOf } from '../errors.js';
import type { Occurrence, StoreOperation } from '../events.js';
import { LONGEST_STORE_COOLDOWN_MS, STORE_COOLDOWN_MS, STORE_TIMEOUT_MS, STORE_TIMEOUT_SLICE_MS } from '../policy.js';
import type { TokenStore } from '../token-store.js';
import { withTimeLimit } from '../web/time-limit.js';

/**
 * Circuit breaker around the store: every call has a short timeout, and a failure stops all calls for a while. Then one call
 * probes the store, and the others go on without it until that has succeeded.
 */
export class CircuitBreaker {
  readonly #store: TokenStore;
  readonly #clock: Clock;
  readonly #emit: (event: Occurrence) => void;
  #openUntil = 0;
  /** 0 while the store works. */
  #cooldownMs = 0;
  #probing = false;
  #outage = false;

  constructor(store: TokenStore, clock: Clock, emit: (event: Occurrence) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#emit = emit;
  }

  /** Whether the store has failed and is not called at the moment. */
  get isOpen(): boolean {
    return this.#probing || this.#clock.monotonic() < this.#openUntil;
  }

  /** @param timing The clock whose timer limits the wait: in the background one that does not keep the process alive. */
  get(key: string, timing: Clock): Promise<string | undefined> {
    return this.#attempt('get', timing, () => this.#store.get(key), parseText);
  }

  async set(key: string, value: string, ttlMs: number, timing: Clock): Promise<void> {
    await this.#attempt('set', timing, () => this.#store.set(key, value, ttlMs), ignore);
  }

  async delete(key: string, timing: Clock): Promise<void> {
    await this.#attempt('delete', timing, () => this.#store.delete(key), ignore);
  }

  /** Whether the store has locks at all. */
  get hasLocks(): boolean {
    return this.#store.lock !== undefined;
  }

  /** Resolves to a function that starts the release, or to `undefined` if the lock is taken or the store failed. */
  async lock(key: string, ttlMs: number, timing: Clock): Promise<(() => void) | undefined> {
    let pending: Promise<unknown> | undefined;
    const call = () => {
      pending = (async () => this.#store.lock?.(key, ttlMs))();
      return pending;
    };
    const release = await this.#attempt('lock', timing, call, parseRelease);
    if (release) return () => void this.#release(release, timing);
    // A lock that was granted after the timeout has no holder: released, or everybody would wait until it expires.
    pending?.then((late) => typeof late === 'function' && late()).catch(() => {});
    return undefined;
  }

  /** Even with the circuit open: it may have been a value that the store refused, and others wait for the lock. */
  #release(release: () => Promise<void>, timing: Clock): Promise<unknown> {
    return this.#call('unlock', timing, release, ignore);
  }

  async #attempt<T>(
    operation: StoreOperation,
    timing: Clock,
    run: () => Promise<unknown>,
    parse: (result: unknown) => T | undefined,
  ): Promise<T | undefined> {
    if (this.isOpen) return undefined;
    if (this.#cooldownMs === 0) return this.#call(operation, timing, run, parse);
    this.#probing = true;
    try {
      return await this.#call(operation, timing, run, parse);
    } finally {
      this.#probing = false;
    }
  }

  async #call<T>(
    operation: StoreOperation,
    timing: Clock,
    run: () => Promise<unknown>,
    parse: (result: unknown) => T | undefined,
  ): Promise<T | undefined> {
    try {
      // In an async function, since a store can also throw synchronously.
      const pending = withTimeLimit(
        inFreeTime(timing),
        STORE_TIMEOUT_MS,
        () => new StoreTimeout(),
        async () => run(),
      );
      const result = parse(await pending);
      this.#outage = false;
      if (this.#clock.monotonic() >= this.#openUntil) this.#cooldownMs = 0;
      return result;
    } catch (error) {
      const now = this.#clock.monotonic();
      // Calls that were under way together fail together, which is one failure.
      if (now >= this.#openUntil) {
        this.#cooldownMs = Math.min(Math.max(STORE_COOLDOWN_MS, 2 * this.#cooldownMs), LONGEST_STORE_COOLDOWN_MS);
        this.#openUntil = now + this.#cooldownMs;
      }
      if (!this.#outage) this.#emit({ type: 'store.failed', operation, error: nameOf(error) });
      this.#outage = true;
      return undefined;
    }
  }
}

/**
 * A clock whose timers count the time in which the event loop could have read a reply. After a blocked loop a timer fires
 * before pending I/O is read, however long ago it arrived: so a long time is many short timers, each of which gives way to
 * the reads that are due.
 */
function inFreeTime(clock: Clock): Clock {
  return {
    wall: () => clock.wall(),
    monotonic: () => clock.monotonic(),
    after(delayMs, run) {
      let leftMs = delayMs;
      let cancel: () => void;
      const wait = () => {
        const sliceMs = Math.min(STORE_TIMEOUT_SLICE_MS, leftMs);
        leftMs -= sliceMs;
        cancel = clock.after(sliceMs, () => (leftMs > 0 ? wait() : run()));
      };
      wait();
      return () => cancel();
    },
  };
}

class StoreTimeout extends Error {
  override readonly name = 'TimeoutError';
}

function parseText(result: unknown): string | undefined {
  // Many stores return null for a missing value.
  if (result === undefined || result === null) return undefined;
  if (typeof result === 'string') return result;
  throw new TypeError('A store must return text');
}

function parseRelease(result: unknown): (() => Promise<void>) | undefined {
  if (result === undefined || result === null || result === false) return undefined;
  if (typeof result === 'function') return async () => result();
  throw new TypeError('A store must return a function that releases the lock');
}

function ignore(): undefined {}

/** Of Node, databases and TLS: words in capitals, with few digits. */
const CODE = /^(?:[A-Z]{1,20}|[A-Z\d]{1,6})(?:_(?:[A-Z]{1,20}|[A-Z\d]{1,6})){0,8}$/;

/** The kind of the error. Its message stays out: a store's error can quote the command, and so the value. */
function nameOf(error: unknown): string {
  const { code, name } = fieldsOf(error);
  const known = [code, name].find((word) => typeof word === 'string' && (CODE.test(word) || ERROR_NAME.test(word)));
  return typeof known === 'string' ? known : 'Error';
}
