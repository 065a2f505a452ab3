import type { RedisLike } from '@open-banking-auth/redis';
import { Redis } from 'ioredis';
import { createClient } from 'redis';

/** A connected client of either kind, and how it is closed. */
export interface Connected {
  readonly client: RedisLike;
  readonly keys: (pattern: string) => Promise<string[]>;
  /** At once, whatever is under way. */
  readonly close: () => void;
  /** As an application does it that is done. */
  readonly quit: () => Promise<unknown>;
}

export const clientKinds = {
  'node-redis': async (url: string): Promise<Connected> => {
    const client = createClient({ url });
    client.on('error', () => {}); // Without a listener an outage would end the process.
    await client.connect();
    return {
      client,
      keys: (pattern) => client.keys(pattern),
      close: () => client.destroy(),
      quit: () => client.close(),
    };
  },
  ioredis: async (url: string): Promise<Connected> => {
    const client = new Redis(url);
    client.on('error', () => {});
    return {
      client,
      keys: (pattern) => client.keys(pattern),
      close: () => client.disconnect(),
      quit: () => client.quit(),
    };
  },
};

export type ClientKind = keyof typeof clientKinds;
export const kinds: readonly ClientKind[] = ['node-redis', 'ioredis'];
