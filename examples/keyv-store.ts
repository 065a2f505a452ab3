import type { TokenStore } from '@open-banking-auth/core';
import { Keyv, type KeyvOptions } from 'keyv';

/**
 * A token store on top of Keyv, for anything that has a Keyv adapter: PostgreSQL, SQLite, MongoDB, DynamoDB and others.
 *
 * Keyv cannot set a value only if there is none, so this store has no `lock`: processes that need a token at the same
 * moment request one each, and share the one written last. Where that is too many, use the database's own lock.
 *
 * @param adapter Keyv's `store` option, such as `new KeyvPostgres(url)`.
 */
export function keyvTokenStore(adapter: NonNullable<KeyvOptions['store']>): TokenStore {
  // By default Keyv treats a failure as a missing value. When it throws, the event `store.failed` reports the failure.
  const keyv = new Keyv<string>({ store: adapter, namespace: 'open-banking-auth', throwOnErrors: true });
  keyv.on('error', () => {});
  return {
    get: (key) => keyv.get(key),
    async set(key, value, ttlMs) {
      await keyv.set(key, value, ttlMs);
    },
    async delete(key) {
      await keyv.delete(key);
    },
  };
}
