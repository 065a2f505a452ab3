import { invalidConfig, kindOf } from './errors.js';

/**
 * Storage that several processes share, for their tokens. Keys are 64 hex digits, some with a short suffix; values are text
 * of up to about 12,000 characters, sealed before they get here. Everything a store must do beyond these types is specified
 * as cases that any test runner can run: `@open-banking-auth/core/store-contract`.
 *
 * An operation that fails rejects. It is not repeated, and waited for no longer than 250 ms: the source then goes on
 * without the store, tries it again after 1 s, doubling to 10 s, and emits `store.failed`.
 */
export interface TokenStore {
  /** The value, or `undefined` if there is none or it has expired. */
  get(key: string): Promise<string | undefined>;
  /** Keeps a value for `ttlMs` milliseconds, an integer from 1, and replaces an existing one. */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Deletes a value. Does nothing if there is none. */
  delete(key: string): Promise<void>;
  /**
   * Takes the lock of this name if it is free: resolves to a function that releases it, or to `undefined` if it is taken.
   * It does not wait. After `ttlMs` milliseconds the lock expires; a release after that must not release the lock of the
   * next holder. Locks and values of the same name are independent of each other.
   *
   * Optional. Without it, processes that need a token at the same moment request one each; later ones share the token
   * that was written last.
   */
  lock?(key: string, ttlMs: number): Promise<(() => Promise<void>) | undefined>;
}

/** @throws OpenBankingAuthError `invalid_config` unless it implements {@link TokenStore}. */
export function parseStore(value: TokenStore | undefined): TokenStore | undefined {
  if (value === undefined) return undefined;
  const hint =
    'Give what redisTokenStore, fileTokenStore, memoryTokenStore or a store of your own returns, not a client or a promise';
  if (typeof value !== 'object' || value === null) throw invalidConfig(`"store" is ${kindOf(value)}`, hint);
  for (const operation of ['get', 'set', 'delete'] as const) {
    if (typeof value[operation] !== 'function') throw invalidConfig(`"store" has no function "${operation}"`, hint);
  }
  if (value.lock !== undefined && typeof value.lock !== 'function') {
    throw invalidConfig(`"store.lock" is ${kindOf(value.lock)}`, 'It must be a function, or be left out');
  }
  return value;
}
