import type { RedisLike } from '@open-banking-auth/redis';
import { Redis } from 'ioredis';
import { createClient } from 'redis';

/** Where a Redis server is: a socket's path, or a URL. */
export type Address = string;

/** A connected client of either kind, and how it is closed. */
export interface Connected {
  readonly client: RedisLike;
  readonly keys: (pattern: string) => Promise<string[]>;
  readonly close: () => void;
}

const isUrl = (address: Address) => address.includes('://');

export const clientKinds = {
  'node-redis': async (address: Address): Promise<Connected> => {
    const client = createClient(isUrl(address) ? { url: address } : { socket: { path: address, tls: false } });
    client.on('error', () => {}); // Without a listener an outage would end the process.
    await client.connect();
    return { client, keys: (pattern) => client.keys(pattern), close: () => client.destroy() };
  },
  ioredis: async (address: Address): Promise<Connected> => {
    const client = isUrl(address) ? new Redis(address) : new Redis({ path: address });
    client.on('error', () => {});
    return { client, keys: (pattern) => client.keys(pattern), close: () => client.disconnect() };
  },
};

export type ClientKind = keyof typeof clientKinds;
export const kinds: readonly ClientKind[] = ['node-redis', 'ioredis'];
