import { memoryTokenStore, type TokenStore } from '@open-banking-auth/core';
import { storeContract } from '@open-banking-auth/core/store-contract';

// The cases wait for seconds to be sure that nothing happens. In real time they run on Redis and Keyv.
beforeAll(() => void jest.useFakeTimers());
afterAll(() => void jest.useRealTimers());
const inNoTime = async (run: () => Promise<void>) => {
  await Promise.all([run(), jest.advanceTimersByTimeAsync(10_000)]);
};

describe('the memory store', () => {
  const store = memoryTokenStore();
  for (const { name, run } of storeContract(() => store)) test(name, () => inNoTime(run));
});

describe('a store without locks', () => {
  const { get, set, delete: drop } = memoryTokenStore();
  const store = { get, set, delete: drop };
  for (const { name, run } of storeContract(() => store, { locks: false })) test(name, () => inNoTime(run));

  test('fails the cases about locks, if it is not said that it has none', async () => {
    const results = await Promise.allSettled(storeContract(() => store).map(({ run }) => inNoTime(run)));
    const complaints = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
    expect(new Set(complaints)).toEqual(new Set([expect.stringContaining('{ locks: false }')]));
    expect(complaints).toHaveLength(7);
  });
});

/** A memory store with something wrong. */
type Breaking = (store: Required<TokenStore>) => Partial<TokenStore>;

const mistakes: [string, string, Breaking][] = [
  [
    'says null for nothing',
    'has nothing under a key',
    (store) => ({ get: async (key) => (await store.get(key)) ?? (null as never) }),
  ],
  [
    'cuts values',
    'character for character',
    (store) => ({ set: (key, value, ttl) => store.set(key, value.slice(0, 10_000), ttl) }),
  ],
  [
    'keeps the first value',
    'was set last',
    (store) => ({
      set: async (key, value, ttl) => ((await store.get(key)) === undefined ? store.set(key, value, ttl) : undefined),
    }),
  ],
  [
    'cuts keys',
    'keeps keys apart',
    (store) => ({
      get: (key) => store.get(key.slice(0, 36)),
      set: (key, value, ttl) => store.set(key.slice(0, 36), value, ttl),
      delete: (key) => store.delete(key.slice(0, 36)),
    }),
  ],
  ['deletes nothing', 'drops what is deleted', () => ({ delete: async () => {} })],
  [
    'rejects a delete of nothing',
    'nothing to delete',
    (store) => ({
      delete: async (key) => {
        if ((await store.get(key)) === undefined) throw new Error('not found');
        await store.delete(key);
      },
    }),
  ],
  [
    'keeps values for ever',
    'for its time, and not longer',
    (store) => ({ set: (key, value) => store.set(key, value, 1e9) }),
  ],
  [
    'takes milliseconds for microseconds',
    'for its time, and not longer',
    (store) => ({ set: (key, value, ttl) => store.set(key, value, ttl / 1_000) }),
  ],
  [
    'keeps the first deadline',
    'counts the time anew',
    (store) => {
      const ends = new Map<string, number>();
      return {
        async set(key, value, ttl) {
          const end = ends.get(key) ?? performance.now() + ttl;
          ends.set(key, end);
          await store.set(key, value, end - performance.now());
        },
      };
    },
  ],
  ['gives a lock to everybody', 'one process at a time', () => ({ lock: async () => async () => {} })],
  ['gives no lock to anybody', 'again after its release', () => ({ lock: async () => undefined })],
  [
    'does not release',
    'again after its release',
    (store) => ({
      lock: async (key, ttl) => ((await store.lock(key, ttl)) ? async () => {} : undefined),
    }),
  ],
  ['has one lock for all', 'keeps locks apart', (store) => ({ lock: (_key, ttl) => store.lock('the only one', ttl) })],
  [
    'writes locks among the values',
    'locks and values of one name apart',
    (store) => ({
      async lock(key, ttl) {
        if ((await store.get(key)) !== undefined) return undefined;
        await store.set(key, 'locked', ttl);
        return () => store.delete(key);
      },
    }),
  ],
  ['holds a lock for ever', 'does not come back', (store) => ({ lock: (key) => store.lock(key, 1e9) })],
  [
    'releases whatever lock there is',
    'late release',
    (store) => {
      const held = new Map<string, () => Promise<void>>();
      return {
        async lock(key, ttl) {
          const release = await store.lock(key, ttl);
          if (!release) return undefined;
          held.set(key, release);
          return async () => held.get(key)?.();
        },
      };
    },
  ],
];

describe('a store that', () => {
  test.each(mistakes)('%s does not pass: "%s"', async (_, name, broken) => {
    const right = memoryTokenStore() as Required<TokenStore>;
    const store = { ...right, ...broken(right) };
    const wanted = storeContract(() => store).find((each) => each.name.includes(name));
    if (!wanted) throw new Error(`There is no case "${name}"`);
    await expect(inNoTime(wanted.run)).rejects.toThrow(/ gave | still there| still held|^not found/);
  });
});
