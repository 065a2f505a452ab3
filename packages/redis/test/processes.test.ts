import { type Sandbox, startSandbox } from '@open-banking-auth/sandbox';
import { IN_FULL } from '@open-banking-auth/test-kit/in-full';
import { type Application as AnyApplication, Processes } from '@open-banking-auth/test-kit/processes';
import { describeWith } from '@open-banking-auth/test-kit/programs';
import { canStartRedis, RedisServer } from '@open-banking-auth/test-kit/redis-server';
import type { RedisPlace } from './application.js';
import { type ClientKind, clientKinds, kinds } from './redis-clients.js';

// Dozens of processes take their time to start on a busy machine.
jest.setTimeout(60_000);

/** How many share a Redis where the number matters. */
const MANY = IN_FULL ? 24 : 4;

const MINUTE = 60_000;

type Application = AnyApplication<RedisPlace>;

// These stop and pause the server, so they need one of their own, whatever REDIS_URL says.
describeWith('redis-server', canStartRedis, 'processes with one Redis', () => {
  let processes: Processes<RedisPlace>;
  let redis: RedisServer;
  let sandbox: Sandbox;

  beforeAll(async () => {
    processes = await Processes.build(`${__dirname}/application.ts`);
  });
  afterAll(() => processes.remove());

  beforeEach(async () => {
    redis = new RedisServer();
    await redis.start();
    sandbox = await startSandbox({
      clients: [
        { clientId: 'one', clientSecret: 'secret+of/one=' },
        { clientId: 'two', clientSecret: 'secret+of/two=' },
      ],
    });
  });
  afterEach(async () => {
    await processes.endAll();
    await sandbox.close();
    await redis.remove();
  });

  async function start(
    count: number,
    { wallOffByMs = 0, client = 0, kind }: { wallOffByMs?: number; client?: number; kind?: ClientKind } = {},
  ): Promise<Application[]> {
    const { clientId = 'unknown', clientSecret = 'unknown' } = sandbox.clients[client] ?? {};
    return Promise.all(
      Array.from({ length: count }, (_, index) =>
        processes.start({
          place: { kind: kind ?? kinds[index % kinds.length] ?? 'ioredis', url: redis.url },
          apiUrl: sandbox.apiUrl,
          config: { ...sandbox.config, clientId, clientSecret },
          wallOffByMs,
        }),
      ),
    );
  }

  const callAll = async (applications: readonly Application[], times: number) =>
    (await Promise.all(applications.map((application) => application.call(times)))).flat();
  const tokenRequests = () => sandbox.stats().tokenRequests;
  const failuresOf = (applications: readonly Application[]) =>
    applications.flatMap(({ events }) => events.filter(({ type }) => type === 'store.failed'));

  async function onRedis<T>(run: (command: (...words: string[]) => Promise<unknown>) => Promise<T>): Promise<T> {
    const { createClient } = await import('redis');
    const client = createClient({ url: redis.url });
    await client.connect();
    try {
      return await run((...words) => client.sendCommand(words));
    } finally {
      client.destroy();
    }
  }

  test('many that start together and make 50 requests each: one token request; one more when it is revoked meanwhile; none failed when Redis is killed', async () => {
    const applications = await start(MANY);
    expect(await callAll(applications, 50)).toEqual([]);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiAccepted: MANY * 50, unauthorized: 0 });

    sandbox.resetStats();
    const calls = callAll(applications, 50);
    while (sandbox.stats().apiAccepted < 100) await new Promise((resolve) => setImmediate(resolve));
    expect(sandbox.revokeTokens()).toBe(1);
    expect(await calls).toEqual([]);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiAccepted: MANY * 50 });

    sandbox.resetStats();
    await redis.kill();
    expect(await callAll(applications, 10)).toEqual([]);
    expect(tokenRequests()).toBe(0);
    sandbox.revokeTokens();
    expect(await callAll(applications, 10)).toEqual([]);
    expect(tokenRequests()).toBeLessThanOrEqual(MANY);
    expect(sandbox.stats().apiAccepted).toBe(MANY * 20);
  });

  test.each(kinds)(
    'many of %s whose event loops are blocked again and again: one token request for a revocation',
    async (kind) => {
      const applications = await start(MANY, { kind });
      expect(await callAll(applications, 1)).toEqual([]);
      sandbox.revokeTokens();
      const failures = await Promise.all(applications.map((application) => application.call(1, { busy: true })));
      expect(failures.flat()).toEqual([]);
      expect(tokenRequests()).toBe(2);
      expect(failuresOf(applications)).toEqual([]);
    },
  );

  test('many with an unknown client id: two token requests at most, and none after they have all been restarted', async () => {
    const unknown = { client: sandbox.clients.length };
    expect(await callAll(await start(MANY, unknown), 2)).toHaveLength(2 * MANY);
    const before = tokenRequests();
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThanOrEqual(2);
    await processes.endAll();
    expect(await callAll(await start(MANY, unknown), 2)).toHaveLength(2 * MANY);
    expect(tokenRequests()).toBe(before);
  });

  test('of which one is killed in its token request: the others are served by one further token request, before its lock ends', async () => {
    const [holder, ...others] = await start(6);
    sandbox.fault({ kind: 'hang', at: 'token', times: 1 });
    holder?.call(1).catch(() => {});
    await holder?.saw('token.requested');
    while (tokenRequests() < 1) await new Promise((resolve) => setImmediate(resolve));
    await holder?.kill();
    const calls = callAll(others, 5);
    // Most of the 9 s after which they give the holder up. How long they wait in all is tested under a fake clock.
    for (const application of others) application.skip(8_500);
    expect(await calls).toEqual([]);
    expect(tokenRequests()).toBe(2);
  });

  test('that is stopped and started again: each goes on alone, then all share a token again', async () => {
    const applications = await start(4);
    await callAll(applications, 2);
    await redis.kill();
    sandbox.revokeTokens();
    expect(await callAll(applications, 5)).toEqual([]);
    expect(tokenRequests()).toBe(1 + 4);
    expect(failuresOf(applications)).toHaveLength(4);
    await redis.start();
    // Both clients connect again by themselves; each process looks again after 10 s.
    await Promise.all(applications.map((application) => application.reconnect()));
    sandbox.resetStats();
    sandbox.revokeTokens();
    for (const application of applications) application.skip(10_000);
    expect(await callAll(applications, 5)).toEqual([]);
    expect(tokenRequests()).toBe(1);
  });

  test.each<[string, () => Promise<void>]>([
    ['stands still', async () => redis.pause()],
    [
      'responds after a second',
      () => onRedis(async (command) => void (await command('CLIENT', 'PAUSE', '1000', 'ALL'))),
    ],
    [
      'responds with errors',
      () => onRedis(async (command) => void (await command('ACL', 'SETUSER', 'default', '-@all'))),
    ],
    [
      'cannot write',
      () => onRedis(async (command) => void (await command('ACL', 'SETUSER', 'default', '-set', '-del', '-eval'))),
    ],
  ])(
    'that %s: no request fails, and each process requests one token at most',
    async (_, harm) => {
      const applications = await start(4);
      await callAll(applications, 2);
      await harm();
      sandbox.resetStats();
      sandbox.revokeTokens();
      expect(await callAll(applications, 5)).toEqual([]);
      expect(tokenRequests()).toBeLessThanOrEqual(4);
      expect(failuresOf(applications)).toHaveLength(4);
      redis.resume();
    },
    30_000,
  );

  test('whose values are garbled or flushed costs one token request when the next is needed', async () => {
    const applications = await start(4);
    await callAll(applications, 2);
    const keys = await onRedis(async (command) => {
      const found = (await command('KEYS', '*:token:*')) as string[];
      for (const key of found) await command('SET', key, 'garbled');
      return found;
    });
    expect(keys).toHaveLength(1);
    expect(await callAll(applications, 5)).toEqual([]);
    expect(await callAll(await start(2), 5)).toEqual([]);
    expect(tokenRequests()).toBe(2);
    await onRedis((command) => command('FLUSHALL'));
    expect(await callAll(applications, 5)).toEqual([]);
    expect(await callAll(await start(2), 5)).toEqual([]);
    expect(tokenRequests()).toBe(3);
    expect(failuresOf(processes.running)).toEqual([]);
  });

  test('on hosts whose clocks are minutes apart: one token request, and one more for a revocation', async () => {
    const applications = (
      await Promise.all([-7, 0, 7].map((minutes) => start(2, { wallOffByMs: minutes * MINUTE })))
    ).flat();
    expect(await callAll(applications, 5)).toEqual([]);
    expect(tokenRequests()).toBe(1);
    sandbox.revokeTokens();
    expect(await callAll(applications, 5)).toEqual([]);
    expect(tokenRequests()).toBe(2);
  });

  test('of two applications: a token each', async () => {
    const applications = [...(await start(2)), ...(await start(2, { client: 1 }))];
    for (let round = 0; round < 3; round++) expect(await callAll(applications, 5)).toEqual([]);
    expect(tokenRequests()).toBe(2);
  });

  test('of which one host is rolled back to an older value: nobody uses that, and one token is requested', async () => {
    const applications = await start(3);
    await callAll(applications, 2);
    const { client, close } = await clientKinds.ioredis(redis.url);
    const [key = ''] = await onRedis(async (command) => (await command('KEYS', '*:token:*')) as string[]);
    const older = String(await client.get(key));
    sandbox.revokeTokens();
    await callAll(applications, 2);
    expect(tokenRequests()).toBe(2);
    await onRedis((command) => command('SET', key, older));
    close();
    sandbox.revokeTokens();
    expect(await callAll(applications, 5)).toEqual([]);
    expect(tokenRequests()).toBe(3);
  });
});
