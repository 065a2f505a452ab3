import type { TokenStore } from '@open-banking-auth/core';
import { Keyv, type KeyvOptions } from 'keyv';

/**
 * A token store over Keyv, and so over what has an adapter for it: PostgreSQL, SQLite, MongoDB, DynamoDB and others.
 *
 * Keyv has no way to set a value only if there is none, so this store has no `lock`: processes that need a token at the
 * same moment request one each, and share the one written last. Where that is too much, use the database's own lock.
 *
 * @param adapter What Keyv takes as `store`, such as `new KeyvPostgres(url)`.
 */
export function keyvTokenStore(adapter: NonNullable<KeyvOptions['store']>): TokenStore {
  // By default Keyv answers a failure as if there were no value. Thrown, it is told of by the event `store.failed`.
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
