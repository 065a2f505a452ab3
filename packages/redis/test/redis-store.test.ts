import { createTokenSource } from '@open-banking-auth/core';
import { storeContract } from '@open-banking-auth/core/store-contract';
import { type RedisLike, redisTokenStore } from '@open-banking-auth/redis';
import { describeWith } from '@open-banking-auth/test-kit/programs';
import { canStartRedis, RedisServer } from '@open-banking-auth/test-kit/redis-server';
import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { type ClientKind, type Connected, clientKinds, kinds } from './redis-clients.js';

/** A server that is there already, else one of our own. */
const url = process.env.REDIS_URL;
const server = url === undefined && canStartRedis ? new RedisServer() : undefined;
const available = url !== undefined || server !== undefined;

beforeAll(() => server?.start());
afterAll(() => server?.remove());

const describeOnRedis = (kind: ClientKind) => {
  const prefix = `test-${crypto.randomUUID()}:`;
  const connections: Connected[] = [];
  const connect = async () => {
    const connected = await clientKinds[kind](url ?? server?.url ?? '');
    connections.push(connected);
    return connected;
  };
  let one: Connected;
  let other: Connected;
  beforeAll(async () => {
    [one, other] = [await connect(), await connect()];
  });
  afterAll(() => {
    for (const { close } of connections) close();
  });

  // Turn and turn about, so that a case has two connections.
  let turn = 0;
  for (const { name, run } of storeContract(() =>
    redisTokenStore({ client: (turn++ % 2 === 0 ? one : other).client, prefix }),
  )) {
    test(`a store ${name}`, run);
  }

  test('begins all keys with the prefix, of which each does for one application', async () => {
    const mine = redisTokenStore({ client: one.client, prefix: `${prefix}mine:` });
    const theirs = redisTokenStore({ client: one.client, prefix: `${prefix}theirs:` });
    await mine.set('key', 'mine', 60_000);
    await theirs.set('key', 'theirs', 60_000);
    const release = await mine.lock?.('key', 60_000);
    expect(await theirs.lock?.('key', 60_000)).toBeDefined();
    expect(await mine.get('key')).toBe('mine');
    expect((await one.keys(`${prefix}*e*:*key`)).sort()).toEqual([
      `${prefix}mine:lock:key`,
      `${prefix}mine:token:key`,
      `${prefix}theirs:lock:key`,
      `${prefix}theirs:token:key`,
    ]);
    await release?.();
    expect(await one.keys(`${prefix}mine:lock:*`)).toEqual([]);
  });

  test('has "open-banking-auth:" as its prefix, if none is given', async () => {
    const store = redisTokenStore({ client: one.client });
    const key = crypto.randomUUID();
    await store.set(key, 'value', 1_000);
    expect(await one.keys(`*${key}`)).toEqual([`open-banking-auth:token:${key}`]);
    await store.delete(key);
  });

  let requests = 0;
  const aClient = () => ({
    tokenUrl: 'https://auth.test.invalid/connect/token',
    apiOrigins: ['https://api.test.invalid'],
    clientId: crypto.randomUUID(),
    clientSecret: 'invented',
    scope: 'accountinformation private',
    fetch: async () => Response.json({ access_token: `token-${++requests}`, token_type: 'Bearer', expires_in: 3600 }),
  });

  test('has the token, and no lock, of a program that closes its client as soon as it has a token', async () => {
    const own = `test-${crypto.randomUUID()}:`;
    const { client, quit } = await connect();
    await createTokenSource({ ...aClient(), store: redisTokenStore({ client, prefix: own }) }).get();
    await quit();
    expect(await one.keys(`${own}*`)).toEqual([expect.stringContaining(`${own}token:`)]);
  });

  test('shares a token between the sources of two connections', async () => {
    requests = 0;
    const config = aClient();
    const sources = [one, other].map(({ client }) =>
      createTokenSource({ ...config, store: redisTokenStore({ client, prefix }) }),
    );
    const tokens = await Promise.all(sources.map((source) => source.get()));
    expect(tokens.map(({ value }) => value)).toEqual(['token-1', 'token-1']);
    expect(requests).toBe(1);
  });
};
for (const kind of kinds)
  describeWith('redis-server', available, `on a real Redis server, over ${kind}`, () => describeOnRedis(kind));

describe('the client', () => {
  test('may be one of a cluster', () => {
    const cluster = new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true });
    expect(() => redisTokenStore({ client: cluster })).not.toThrow();
    expect(() =>
      redisTokenStore({ client: createCluster({ rootNodes: [{ url: 'redis://127.0.0.1:1' }] }) }),
    ).not.toThrow();
  });

  test('is neither connected nor closed', async () => {
    const client = createClient({ url: 'redis://127.0.0.1:1' });
    const other = new Redis(1, '127.0.0.1', { lazyConnect: true });
    redisTokenStore({ client });
    redisTokenStore({ client: other });
    expect(client.isOpen).toBe(false);
    expect(other.status).toBe('wait');
  });

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['a URL', 'redis://127.0.0.1'],
    ['options', { url: 'redis://127.0.0.1' }],
    ['a promise', Promise.resolve()],
    ['a Map', new Map()],
    ['a legacy client of node-redis', createClient().legacy()],
  ])('that is %s is invalid, and the error says what is expected', (_, client) => {
    expect(() => redisTokenStore({ client: client as RedisLike })).toThrow(
      expect.objectContaining({
        code: 'invalid_config',
        message: expect.stringMatching(/"client" is not a client.*createClient/s),
      }),
    );
  });

  test('given without the object around it, or with a prefix that is not a string, is invalid too', () => {
    const client = createClient();
    expect(() => redisTokenStore(client as never)).toThrow('"client" is not a client');
    expect(() => redisTokenStore(undefined as never)).toThrow('"client" is not a client');
    expect(() => redisTokenStore({ client, prefix: 1 as never })).toThrow('"prefix" is not a string');
    expect(() => redisTokenStore(Object.assign({ client }, { keyPrefix: 'a' }))).toThrow(
      '"keyPrefix" is not an option of redisTokenStore. Give { client, prefix }',
    );
  });

  test('that returns buffers, or takes callbacks only, fails where it is used, with an error that says so', async () => {
    const { isOpen, eval: run, del } = createClient();
    const client = {
      isOpen,
      eval: run,
      del,
      get: async () => Buffer.from('x'),
      set: async () => undefined,
    } as RedisLike;
    const store = redisTokenStore({ client });
    await expect(store.get('key')).rejects.toThrow('something other than text');
    await expect(store.lock?.('key', 1)).rejects.toThrow('something other than text');
  });
});
