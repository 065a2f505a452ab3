import { invalidConfig, kindOf } from './errors.js';

/**
 * A place that several processes share, for their tokens. Keys are 64 hex digits, some with a few letters more; values are
 * text of up to about 12,000 characters, sealed before they get here. What a store must do beyond the types is written
 * down as cases that any test runner can run: `@open-banking-auth/core/store-contract`.
 *
 * An operation that fails rejects. It is not repeated, and not waited for longer than 250 ms: the source then goes on
 * without the store for 10 s, and says so with the event `store.failed`.
 */
export interface TokenStore {
  /** The value, or `undefined` if there is none or its time is up. */
  get(key: string): Promise<string | undefined>;
  /** Keeps a value for `ttlMs` milliseconds, a whole number from 1, in place of the one there was. */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Drops a value. Nothing happens if there is none. */
  delete(key: string): Promise<void>;
  /**
   * Takes the lock of this name, if nobody has it: resolves to what releases it, or to `undefined` if somebody else has it.
   * It does not wait. After `ttlMs` milliseconds the lock is free by itself; a release after that must not release the lock
   * of the next holder. Locks and values of one name have nothing to do with each other.
   *
   * A store may lack it. Then processes that need a token at the same moment request one each; those that come later share
   * the one written last.
   */
  lock?(key: string, ttlMs: number): Promise<(() => Promise<void>) | undefined>;
}

/** @throws OpenBankingAuthError `invalid_config` for what is no store. */
export function parseStore(value: TokenStore | undefined): TokenStore | undefined {
  if (value === undefined) return undefined;
  const hint = 'Give what redisTokenStore, memoryTokenStore or a store of your own returns, not a client or a promise';
  if (typeof value !== 'object' || value === null) throw invalidConfig(`"store" is ${kindOf(value)}`, hint);
  for (const operation of ['get', 'set', 'delete'] as const) {
    if (typeof value[operation] !== 'function') throw invalidConfig(`"store" has no function "${operation}"`, hint);
  }
  if (value.lock !== undefined && typeof value.lock !== 'function') {
    throw invalidConfig(`"store.lock" is ${kindOf(value.lock)}`, 'It must be a function, or be left out');
  }
  return value;
}
