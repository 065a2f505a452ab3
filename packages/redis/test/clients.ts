// Type-checked alone: the types of the real clients fit `client` as they are.
import { redisTokenStore } from '@open-banking-auth/redis';
import { Cluster, Redis } from 'ioredis';
import { createClient, createClientPool, createCluster, createSentinel } from 'redis';

redisTokenStore({ client: createClient() });
redisTokenStore({ client: createClient({ RESP: 3 }) });
redisTokenStore({ client: createCluster({ rootNodes: [] }) });
redisTokenStore({ client: createClientPool() });
redisTokenStore({ client: createSentinel({ name: 'main', sentinelRootNodes: [] }) });
redisTokenStore({ client: new Redis() });
redisTokenStore({ client: new Cluster([]) });

// @ts-expect-error a URL is no client
redisTokenStore({ client: 'redis://127.0.0.1' });
// @ts-expect-error nor are options
redisTokenStore({ client: { url: 'redis://127.0.0.1' } });
// @ts-expect-error nor is the promise that connect() returns
redisTokenStore({ client: createClient().connect() });
