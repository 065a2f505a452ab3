import { type Clock, systemClock } from '../clock.js';
import type { TokenStore } from '../token-store.js';

interface Entry {
  readonly content: string;
  readonly until: number;
}

/**
 * A store in this process's memory: for several sources in one process, such as those of a test, and as a reference
 * implementation. It shares nothing with other processes.
 *
 * @param runtime For tests: time.
 */
export function memoryTokenStore(runtime: { readonly clock?: Clock } = {}): TokenStore {
  const { clock = systemClock } = runtime;
  const values = new Map<string, Entry>();
  const locks = new Map<string, Entry>();

  function read(entries: Map<string, Entry>, key: string): Entry | undefined {
    const entry = entries.get(key);
    if (entry && clock.monotonic() < entry.until) return entry;
    entries.delete(key);
    return undefined;
  }

  return Object.freeze({
    get: async (key: string) => read(values, key)?.content,
    async set(key: string, value: string, ttlMs: number) {
      values.set(key, { content: value, until: clock.monotonic() + ttlMs });
    },
    async delete(key: string) {
      values.delete(key);
    },
    async lock(key: string, ttlMs: number) {
      if (read(locks, key)) return undefined;
      const lock = { content: '', until: clock.monotonic() + ttlMs };
      locks.set(key, lock);
      return async () => {
        if (locks.get(key) === lock) locks.delete(key);
      };
    },
  });
}
