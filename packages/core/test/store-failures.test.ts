import type { TokenStore } from '@open-banking-auth/core';
import { HOUR, SECOND } from '@open-banking-auth/test-kit/fake-clock';
import { deferred, granted, json, settle, until } from '@open-banking-auth/test-kit/token-endpoint';
import { cryptoImmediately } from './immediate-crypto.js';
import { after, fleet, type Locking } from './shared-store.js';

cryptoImmediately();

const unhandled = jest.fn();
beforeAll(() => void process.on('unhandledRejection', unhandled));
afterAll(() => void process.off('unhandledRejection', unhandled));
afterEach(async () => {
  await settle();
  expect(unhandled).not.toHaveBeenCalled();
});

const ways: [string, () => never | Promise<never>, string][] = [
  [
    'throws',
    () => {
      throw new RangeError('GET secret-value');
    },
    'RangeError',
  ],
  [
    'rejects',
    () => Promise.reject(Object.assign(new Error('SET secret-value'), { code: 'ECONNREFUSED' })),
    'ECONNREFUSED',
  ],
  ['rejects with something that is not an error', () => Promise.reject('secret-value'), 'Error'],
  ['rejects with a value as its name', () => Promise.reject({ name: 'secret-value of a token' }), 'Error'],
  ['never responds', () => new Promise<never>(() => {}), 'TimeoutError'],
];
const operations = ['get', 'set', 'delete', 'lock', 'unlock'] as const;

/** Has an operation fail. */
function broken(operation: (typeof operations)[number], fail: () => Promise<never>): Partial<Locking> {
  return operation === 'unlock' ? { lock: async () => fail } : { [operation]: fail };
}

describe.each(operations)('a store whose "%s"', (operation) => {
  test.each(ways)('%s fails no call, delays it by 250 ms at most, and is reported once', async (_, fail, error) => {
    const { clock, store, calls, all, events, start } = fleet();
    const tokens = start();
    await tokens.get();
    await settle();
    // Without a pause of the circuit between, so that it is this operation that is met first.
    store.instead = broken(operation, fail as () => Promise<never>);
    const before = clock.monotonic();
    expect((await clock.through(tokens.renew('token-1')))?.value).toBe('token-2');
    expect(clock.monotonic() - before).toBeLessThanOrEqual(250);
    await clock.through(tokens.get());
    await clock.through(settle());
    clock.advance(249);
    clock.advance(1);
    await settle();
    expect(events('store.failed')).toEqual([expect.objectContaining({ operation, error })]);
    expect(JSON.stringify(all)).not.toContain('secret-value');
    expect(calls).toHaveLength(2);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a store that fails', () => {
  test.each([
    ['pLq8Zr3mXv9TnKc2Wd5Yb7GhJ4sF0', 'Error'],
    ['9f2c4be17d30a86515c9e2b47f08d3a1', 'Error'],
    ['JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', 'Error'],
    ['hunter2', 'Error'],
    ['MaxRetriesPerRequestError', 'MaxRetriesPerRequestError'],
    ['ProvisionedThroughputExceededException', 'ProvisionedThroughputExceededException'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'],
    ['SQLITE_BUSY', 'SQLITE_BUSY'],
    ['57P01', '57P01'],
  ])('with the code %s is reported with %s: a code that could be a secret is not', async (code, error) => {
    const { store, events, start } = fleet();
    store.instead.get = () => Promise.reject(Object.assign(new Error(), { code, name: code }));
    await start().get();
    expect(events('store.failed')).toEqual([expect.objectContaining({ error })]);
  });

  test('is probed by one operation after 1 s, doubling to 10 s, and used again as soon as that succeeds', async () => {
    const { clock, store, calls, events, start } = fleet();
    const tokens = start();
    store.instead.get = () => Promise.reject(new Error('down'));
    let token = await tokens.get();
    const renew = async () => {
      token = (await tokens.renew(token)) ?? token;
    };
    for (const seconds of [1, 2, 4, 8, 10, 10]) {
      const asked = store.asked.length;
      clock.advance(seconds * SECOND - 1);
      await renew();
      expect(store.asked).toHaveLength(asked);
      clock.advance(1);
      await renew();
      expect(store.asked).toHaveLength(asked + 1);
    }
    store.instead = {};
    clock.advance(10 * SECOND);
    await renew();
    expect((await start().get()).value).toBe(token.value);
    expect(calls).toHaveLength(1 + 6 * 2 + 1);
    expect(events('store.failed')).toHaveLength(1);
  });

  test('is probed by one operation alone: whoever needs a token meanwhile goes on without it', async () => {
    const { clock, store, start } = fleet();
    const tokens = start();
    store.instead.get = () => Promise.reject(new Error('down'));
    await tokens.get();
    store.instead.get = () => new Promise(() => {});
    clock.advance(SECOND);
    const probing = tokens.get({ context: 'corporate' });
    await settle();
    const asked = store.asked.length;
    await tokens.renew('token-1');
    expect(store.asked).toHaveLength(asked);
    await clock.through(probing);
  });

  test('is reported once for an outage, however long, and again for the next', async () => {
    const { clock, store, events, start } = fleet();
    const tokens = start();
    let token = await tokens.get();
    await settle();
    for (const outage of [1, 2]) {
      store.instead.get = () => Promise.reject(new Error('down'));
      for (let minute = 0; minute < 5; minute++) {
        clock.advance(60 * SECOND);
        token = (await tokens.renew(token)) ?? token;
        await settle();
      }
      expect(events('store.failed')).toHaveLength(outage);
      store.instead = {};
      clock.advance(60 * SECOND);
      token = (await tokens.renew(token)) ?? token;
      await settle();
    }
  });

  test('that is slow to take a token holds callers up for 100 ms at most: the token is used meanwhile', async () => {
    const { clock, store, start } = fleet();
    const slow = deferred<void>();
    store.instead.set = () => slow.promise;
    const arrived = jest.fn<void, [{ readonly value: string }]>();
    const token = start().get().then(arrived);
    await until(() => store.asked.includes('set'));
    clock.advance(99);
    await settle();
    expect(arrived).not.toHaveBeenCalled();
    clock.advance(1);
    await token;
    expect(arrived).toHaveBeenCalledWith(expect.objectContaining({ value: 'token-1' }));
    expect(store.asked).not.toContain('unlock');
    slow.give();
    await settle();
    expect(store.asked.slice(-2)).toEqual(['set', 'unlock']);
  });

  test('while processes wait for a token of the holder of its lock has each request one at once', async () => {
    const { clock, store, calls, startMany } = fleet((n) => after(clock, n === 1 ? 60 * SECOND : 100, granted(n)));
    const sources = startMany(5, { timeoutMs: 100_000 });
    const tokens = sources.map((source) => source.get());
    await until(() => store.asked.filter((operation) => operation === 'lock').length === 5);
    const before = clock.monotonic();
    const down = () => Promise.reject(new Error('down'));
    store.instead = { get: down, set: down, lock: down };
    await clock.through(Promise.all(tokens.slice(1)));
    expect(clock.monotonic() - before).toBeLessThan(SECOND);
    expect(calls).toHaveLength(5);
  });

  test('has every process use a token of its own, and all share one again when it is back', async () => {
    const { clock, store, calls, startMany } = fleet();
    const down = () => Promise.reject(new Error('down'));
    store.instead = { get: down, set: down, lock: down };
    const sources = startMany(4);
    for (const source of sources) await source.get();
    expect(calls).toHaveLength(4);
    store.instead = {};
    clock.advance(HOUR - 31 * SECOND);
    for (const source of sources) {
      await source.get();
      await settle();
    }
    expect(sources.map((source) => source.peek()?.value)).toEqual(Array(4).fill('token-5'));
    expect(calls).toHaveLength(5);
  });

  test('late, with a value after the 250 ms, is not waited for', async () => {
    const { clock, store, start } = fleet();
    const answer = deferred<string | undefined>();
    store.instead.get = () => answer.promise;
    await clock.through(start().get());
    answer.fail(new Error('too late'));
    await settle();
  });

  test('is not what a process was that was busy itself: an answer that has arrived meanwhile counts', async () => {
    const { clock, store, calls, events, start } = fleet();
    await start().get();
    const [sealed] = store.values.values();
    const answer = deferred<string | undefined>();
    store.instead.get = () => answer.promise;
    const token = start().get();
    await until(() => clock.pendingTimers === 1);
    clock.block(5 * SECOND);
    answer.give(sealed);
    expect((await token).value).toBe('token-1');
    expect(calls).toHaveLength(1);
    expect(events('store.failed')).toEqual([]);
  });

  test('late to give a lock has it released, so that nobody waits for its end', async () => {
    const { clock, store, start } = fleet();
    const answer = deferred<() => Promise<void>>();
    const release = jest.fn(() => Promise.reject(new Error('too late')));
    store.instead.lock = () => answer.promise;
    await clock.through(start().get());
    answer.give(release);
    await settle();
    expect(release).toHaveBeenCalledTimes(1);
  });

  test('at the value alone gets its lock back, although it is not asked otherwise', async () => {
    const { store, start } = fleet();
    store.instead.set = () => Promise.reject(new Error('too large'));
    await start().get();
    await settle();
    expect(store.asked).toEqual(['get', 'lock', 'get', 'get', 'get', 'set', 'unlock']);
  });

  test.each<[string, Record<string, unknown>]>([
    ['bytes for text', { get: async () => new Uint8Array(100) }],
    ['a number for text', { get: async () => 1 }],
    ['true for a lock', { lock: async () => true }],
    ['a text for a lock', { lock: async () => 'locked' }],
    ['a release that gives no promise', { lock: async () => () => 'OK' }],
    ['no promises at all', { get: () => undefined, set: () => 'OK', delete: () => 1, lock: () => undefined }],
    ['null for nothing', { get: async () => null, lock: async () => null }],
  ])('to do as agreed and gives %s is survived', async (_, instead) => {
    const { clock, store, start, calls } = fleet();
    store.instead = instead as Partial<Locking>;
    expect((await clock.through(start().get())).value).toBe('token-1');
    expect(calls).toHaveLength(1);
  });

  test('changes nothing about errors of the token endpoint', async () => {
    const { store, start } = fleet(() => json({ error: 'invalid_client' }, 401));
    store.instead.get = () => Promise.reject(new Error('down'));
    await expect(start().get()).rejects.toMatchObject({ code: 'invalid_client' });
  });
});

test.each<[unknown, string]>([
  ['redis://127.0.0.1', '"store" is a string'],
  [null, '"store" is null'],
  [new Set(), '"store" has no function "get"'],
  [Promise.resolve({}), '"store" has no function "get"'],
  [{ get() {}, set() {}, delete() {}, lock: true }, '"store.lock" is a boolean'],
])('something that is not a store is invalid, and the error says what is expected: %p', (store, says) => {
  const { start } = fleet();
  expect(() => start({ store: store as TokenStore })).toThrow(says);
});
