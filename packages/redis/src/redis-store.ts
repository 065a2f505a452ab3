import type { TokenStore } from '@open-banking-auth/core';
import { assertOptions, invalidConfig } from '@open-banking-auth/core/client';

/** The used part of a client of the package `redis` (node-redis) 4 or newer, for a single server or a cluster. */
export interface NodeRedisLike {
  get(key: string): Promise<unknown>;
  set(key: string, value: string, options: { PX: number; NX?: true }): Promise<unknown>;
  del(key: string): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  /** Neither ioredis nor node-redis's legacy clients, which use callbacks, have it. */
  readonly isOpen: boolean;
}

/** The used part of a client of the package `ioredis`, for a single server or a cluster. */
export interface IoredisLike {
  get(key: string): Promise<unknown>;
  set(key: string, value: string, px: 'PX', ttlMs: number): Promise<unknown>;
  set(key: string, value: string, px: 'PX', ttlMs: number, nx: 'NX'): Promise<unknown>;
  del(key: string): Promise<unknown>;
  eval(script: string, keys: number, key: string, argument: string): Promise<unknown>;
  /** ioredis turns scripts into commands; node-redis does not. */
  defineCommand(name: string, definition: { lua: string; numberOfKeys?: number }): void;
}

/** A Redis client of either kind. It remains yours: the store neither connects nor closes it. */
export type RedisLike = NodeRedisLike | IoredisLike;

/** The Redis commands of a store; each concerns a single key, as a cluster requires. */
interface Commands {
  get(key: string): Promise<unknown>;
  set(key: string, value: string, ttlMs: number): Promise<unknown>;
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  deleteIfEqual(key: string, value: string): Promise<unknown>;
}

// A lock may have expired and belong to somebody else by now, so its value is compared, atomically with the deletion.
const DELETE_IF_EQUAL = "return redis.call('get', KEYS[1]) == ARGV[1] and redis.call('del', KEYS[1]) or 0";

const UNUSABLE_REPLY =
  'The Redis client returns something other than text: use one without buffers, callbacks or a pipeline';

const DEFAULT_PREFIX = 'open-banking-auth:';

/**
 * A token store in Redis, or a compatible server such as Valkey: all processes with the same Redis, prefix and client
 * secret share one token for each scope.
 *
 * @param options.client A client that you have made and connected, of node-redis 4 or newer or of ioredis. The commands
 * GET, SET, DEL and EVAL must be allowed.
 * @param options.prefix The start of every key. Default: `open-banking-auth:`.
 * @throws OpenBankingAuthError `invalid_config` unless `client` is such a client and `prefix` a string.
 */
export function redisTokenStore(options: {
  readonly client: RedisLike;
  readonly prefix?: string | undefined;
}): TokenStore {
  const { client, prefix = DEFAULT_PREFIX } = options ?? {};
  const commands = commandsOf(client);
  assertOptions(options, ['client', 'prefix'], 'redisTokenStore');
  if (typeof prefix !== 'string') {
    throw invalidConfig('"prefix" is not a string', `Leave it out for ${JSON.stringify(DEFAULT_PREFIX)}`);
  }
  const tokenAt = (key: string) => `${prefix}token:${key}`;
  const lockAt = (key: string) => `${prefix}lock:${key}`;

  return Object.freeze({
    async get(key: string) {
      const value = await commands.get(tokenAt(key));
      if (value === null) return undefined;
      if (typeof value === 'string') return value;
      throw new TypeError(UNUSABLE_REPLY);
    },
    async set(key: string, value: string, ttlMs: number) {
      await commands.set(tokenAt(key), value, ttlMs);
    },
    async delete(key: string) {
      await commands.delete(tokenAt(key));
    },
    async lock(key: string, ttlMs: number) {
      const holder = crypto.randomUUID();
      const reply = await commands.setIfAbsent(lockAt(key), holder, ttlMs);
      if (reply === null) return undefined;
      if (reply !== 'OK') throw new TypeError(UNUSABLE_REPLY);
      return async () => {
        await commands.deleteIfEqual(lockAt(key), holder);
      };
    },
  });
}

function commandsOf(client: RedisLike): Commands {
  if (isIoredis(client)) {
    return {
      get: (key) => client.get(key),
      set: (key, value, ttlMs) => client.set(key, value, 'PX', ttlMs),
      setIfAbsent: (key, value, ttlMs) => client.set(key, value, 'PX', ttlMs, 'NX'),
      delete: (key) => client.del(key),
      deleteIfEqual: (key, value) => client.eval(DELETE_IF_EQUAL, 1, key, value),
    };
  }
  if (isNodeRedis(client)) {
    return {
      get: (key) => client.get(key),
      set: (key, value, ttlMs) => client.set(key, value, { PX: ttlMs }),
      setIfAbsent: (key, value, ttlMs) => client.set(key, value, { PX: ttlMs, NX: true }),
      delete: (key) => client.del(key),
      deleteIfEqual: (key, value) => client.eval(DELETE_IF_EQUAL, { keys: [key], arguments: [value] }),
    };
  }
  throw invalidConfig(
    '"client" is not a client of node-redis 4 or newer, nor of ioredis',
    'Give what createClient() of "redis" or new Redis() of "ioredis" returns: not its options or URL, not a promise, not a legacy client',
  );
}

function isIoredis(client: RedisLike): client is IoredisLike {
  return hasFunctions(client, ['defineCommand', 'get', 'set', 'del', 'eval']);
}

function isNodeRedis(client: RedisLike): client is NodeRedisLike {
  return hasFunctions(client, ['get', 'set', 'del', 'eval']) && 'isOpen' in client;
}

/** JavaScript callers can pass anything. */
function hasFunctions(client: object, names: readonly string[]): boolean {
  return (
    typeof client === 'object' &&
    client !== null &&
    names.every((name) => typeof Reflect.get(client, name) === 'function')
  );
}
