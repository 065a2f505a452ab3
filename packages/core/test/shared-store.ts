import {
  type ClientSecretConfig,
  type Clock,
  createTokenSource,
  memoryTokenStore,
  type TokenStore,
} from '@open-banking-auth/core';
import { FakeClock } from '@open-banking-auth/test-kit/fake-clock';
import { recordEvents } from '@open-banking-auth/test-kit/recorded-events';
import { CONFIG, grantedWith, recordCalls, type TokenCall } from '@open-banking-auth/test-kit/token-endpoint';

export type Locking = Required<TokenStore>;

/** A store that writes down what it is asked, and where a test can put its hand in. */
class WatchedStore implements Locking {
  readonly asked: string[] = [];
  readonly values = new Map<string, string>();
  readonly #store: Locking;
  /** What a test puts in place of some operation. */
  instead: Partial<Locking> = {};

  constructor(clock: Clock) {
    this.#store = memoryTokenStore({ clock }) as Locking;
  }

  async get(key: string) {
    this.asked.push('get');
    return this.instead.get ? this.instead.get(key) : this.#store.get(key);
  }

  async set(key: string, value: string, ttlMs: number) {
    this.asked.push('set');
    this.values.set(key, value);
    await (this.instead.set ?? this.#store.set)(key, value, ttlMs);
  }

  async delete(key: string) {
    this.asked.push('delete');
    await (this.instead.delete ?? this.#store.delete)(key);
  }

  async lock(key: string, ttlMs: number) {
    this.asked.push('lock');
    const release = await (this.instead.lock ?? this.#store.lock)(key, ttlMs);
    return (
      release &&
      (async () => {
        this.asked.push('unlock');
        await release();
      })
    );
  }

  /** Behind the back of all processes. */
  put = (key: string, value: string) => this.#store.set(key, value, 3_600_000);
  take = (key: string) => this.#store.get(key);
  isLocked = async (key: string) => {
    const release = await this.#store.lock(key, 1_000);
    await release?.();
    return release === undefined;
  };
}

/** A clock of another host: its wall clock goes wrong by some time. */
export function offBy(clock: Clock, ms: number): Clock {
  return {
    wall: () => clock.wall() + ms,
    monotonic: () => clock.monotonic(),
    after: (delayMs, run) => clock.after(delayMs, run),
  };
}

/** Processes of one application: each a source of its own, over one store and one token endpoint. */
export function fleet(
  answer: (n: number, call: TokenCall) => Response | Promise<Response> = (n) => grantedWith(n, {}),
) {
  const clock = new FakeClock();
  const store = new WatchedStore(clock);
  const { calls, fetch } = recordCalls(answer);
  const { all, events, onEvent } = recordEvents();
  // Chance, but the same each time.
  let drawn = 0;
  const random = () => (drawn = (drawn + 0.618) % 1);
  const start = (config: Partial<ClientSecretConfig> = {}, ownClock: Clock = clock) =>
    createTokenSource({ ...CONFIG, fetch, onEvent, store, ...config }, { clock: ownClock, random });
  const startMany = (count: number, config?: Partial<ClientSecretConfig>) =>
    Array.from({ length: count }, () => start(config));
  return { clock, store, calls, all, events, start, startMany };
}

/** An answer that takes its time. */
export async function after(clock: Clock, ms: number, response: Response): Promise<Response> {
  await new Promise<void>((resolve) => clock.after(ms, resolve));
  return response;
}
