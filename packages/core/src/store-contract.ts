/**
 * For authors of token stores: the rules that a {@link TokenStore} must obey, as cases that any test runner can run.
 *
 * @packageDocumentation
 */
import { delay, systemClock } from './clock.js';
import type { TokenStore } from './token-store.js';

/** One rule that a store must obey. */
export interface StoreContractCase {
  /** A sentence about a store: the name of the test. */
  readonly name: string;
  /** Rejects if the store breaks the rule, and says how. Takes about a second at most, with a fast store. */
  readonly run: () => Promise<void>;
}

/** Longer than a token request: nothing may have expired by the time a case checks. */
const LONG_MS = 60_000;

/** Long enough for a case to check before it is over, if the store is near. */
const SHORT_MS = 250;

/** How much too late a store may drop something before that is an error. Some round up to seconds. */
const LATE_MS = 3_000;

/** A sealed token of the largest size, with every character that base64 has. */
const LONGEST_VALUE = 'Aa0+/'.repeat(2_400).concat('==');

/**
 * The cases for a store. Those about locks are left out if it has no `lock`.
 *
 * @param connect Returns a store as one process would get it; called twice per case, and both must share their values. Each
 * case has keys of its own, so that the cases can run on a store that is in use, in any order.
 *
 * @example
 * ```ts
 * for (const { name, run } of storeContract(() => redisTokenStore({ client }))) test(name, run);
 * ```
 */
export function storeContract(
  connect: () => TokenStore | Promise<TokenStore>,
  { locks = true }: { readonly locks?: boolean } = {},
): readonly StoreContractCase[] {
  const valueCases = Object.entries(VALUES).map(([name, check]) => ({
    name,
    run: async () => check(await connect(), await connect(), crypto.randomUUID()),
  }));
  const lockCases = Object.entries(LOCKS).map(([name, check]) => ({
    name,
    run: async () => check(lockingOf(await connect()), lockingOf(await connect()), crypto.randomUUID()),
  }));
  return locks ? [...valueCases, ...lockCases] : valueCases;
}

/** Checks one rule on two connections to a store, with keys of its own. */
type Check<Store> = (one: Store, other: Store, key: string) => Promise<void>;

const VALUES: Readonly<Record<string, Check<TokenStore>>> = {
  'has nothing under a key that was never set': async (one, _, key) => {
    same(await one.get(key), undefined, 'get of a key that was never set');
  },

  'gives one process what another has set, character for character': async (one, other, key) => {
    await one.set(key, LONGEST_VALUE, LONG_MS);
    same(await other.get(key), LONGEST_VALUE, 'get of a value of 12,002 characters');
  },

  'keeps the value that was set last': async (one, other, key) => {
    await one.set(key, 'first', LONG_MS);
    await other.set(key, 'second', LONG_MS);
    same(await one.get(key), 'second', 'get after two sets');
  },

  'keeps keys apart': async (one, other, key) => {
    await one.set(key, 'value', LONG_MS);
    await other.set(`${key}-other`, 'other value', LONG_MS);
    same(await one.get(key), 'value', 'get of the first of two keys');
    await other.delete(`${key}-other`);
    same(await one.get(key), 'value', 'get after the delete of another key');
  },

  'drops a deleted value, for every process': async (one, other, key) => {
    await one.set(key, 'value', LONG_MS);
    await other.delete(key);
    same(await one.get(key), undefined, 'get after delete');
  },

  'accepts a delete of a missing key': async (one, _, key) => {
    await one.delete(key);
  },

  'keeps a value for its time, and not longer': async (one, other, key) => {
    const inTime = within(SHORT_MS);
    await one.set(key, 'value', SHORT_MS);
    await one.set(`${key}-longer`, 'value', LONG_MS);
    const early = await other.get(key);
    if (inTime()) same(early, 'value', 'get before the time is up');
    await sleep(SHORT_MS);
    await comesAbout(async () => (await other.get(key)) === undefined, `a value set for ${SHORT_MS} ms is still there`);
    same(await other.get(`${key}-longer`), 'value', 'get of a value whose time is not up');
  },

  'restarts the time to live when a value is set again': async (one, other, key) => {
    await one.set(key, 'short-lived', SHORT_MS);
    await one.set(key, 'long-lived', LONG_MS);
    await sleep(2 * SHORT_MS);
    same(await other.get(key), 'long-lived', 'get after the time to live of the former value');
  },
};

const LOCKS: Readonly<Record<string, Check<Locking>>> = {
  'gives a lock to one process at a time': async (one, other, key) => {
    const taken = await Promise.all([one, other, one, other].map((store) => store.lock(key, LONG_MS)));
    same(taken.filter((release) => release !== undefined).length, 1, 'holders of one lock among four who tried');
    same(await other.lock(key, LONG_MS), undefined, 'lock while somebody has it');
  },

  'gives a lock again after its release': async (one, other, key) => {
    const release = await taken(one, key, LONG_MS);
    await release();
    await taken(other, key, LONG_MS);
  },

  'keeps locks apart': async (one, other, key) => {
    await taken(one, key, LONG_MS);
    const release = await taken(other, `${key}-successor`, LONG_MS);
    await release();
    same(await other.lock(key, LONG_MS), undefined, 'lock after the release of another lock');
  },

  'keeps locks and values of one name apart': async (one, other, key) => {
    const release = await taken(one, key, LONG_MS);
    same(await other.get(key), undefined, 'get of a key that is locked, but was never set');
    await other.set(key, 'value', LONG_MS);
    same(await other.lock(key, LONG_MS), undefined, 'lock after a set under its name');
    await other.delete(key);
    same(await other.lock(key, LONG_MS), undefined, 'lock after a delete under its name');
    await other.set(key, 'value', LONG_MS);
    await release();
    same(await other.get(key), 'value', 'get after the release of the lock of that name');
  },

  'frees a lock whose holder never returns': async (one, other, key) => {
    const inTime = within(SHORT_MS);
    await taken(one, key, SHORT_MS);
    const early = await other.lock(key, LONG_MS);
    if (inTime()) same(early, undefined, 'lock before the time of the holder is up');
    if (early) return;
    await comesAbout(async () => (await other.lock(key, LONG_MS)) !== undefined, 'the lock is still held');
  },

  'does not let a late release free the lock of the next holder': async (one, other, key) => {
    const late = await taken(one, key, SHORT_MS);
    await comesAbout(async () => (await other.lock(key, LONG_MS)) !== undefined, 'the lock is still held');
    await late();
    same(await one.lock(key, LONG_MS), undefined, 'lock after the late release of its former holder');
  },

  'tolerates a second release': async (one, other, key) => {
    const release = await taken(one, key, LONG_MS);
    await release();
    await taken(other, key, LONG_MS);
    await release();
    same(await one.lock(key, LONG_MS), undefined, 'lock after a second release of its former holder');
  },
};

interface Locking extends TokenStore {
  readonly lock: NonNullable<TokenStore['lock']>;
}

function lockingOf(store: TokenStore): Locking {
  const { lock } = store;
  if (!lock) throw new Error('The store has no lock. If that is intended, pass { locks: false }');
  return {
    get: (key) => store.get(key),
    set: (key, value, ttlMs) => store.set(key, value, ttlMs),
    delete: (key) => store.delete(key),
    lock: (key, ttlMs) => lock.call(store, key, ttlMs),
  };
}

async function taken(store: Locking, key: string, ttlMs: number): Promise<() => Promise<void>> {
  const release = await store.lock(key, ttlMs);
  if (release) return release;
  throw new Error('lock gave nothing, although it was free');
}

function same(given: unknown, wanted: unknown, what: string): void {
  if (given !== wanted) throw new Error(`${what} gave ${shown(given)} instead of ${shown(wanted)}`);
}

function shown(value: unknown): string {
  if (typeof value !== 'string') return value === undefined ? 'undefined' : `a value of the type ${typeof value}`;
  return value.length > 100 ? `text of ${value.length} characters` : JSON.stringify(value);
}

async function comesAbout(condition: () => Promise<boolean>, complaint: string): Promise<void> {
  const { monotonic } = systemClock;
  for (const end = monotonic() + SHORT_MS + LATE_MS; monotonic() < end; await sleep(SHORT_MS / 10)) {
    if (await condition()) return;
  }
  throw new Error(`${complaint}, ${LATE_MS} ms after it should have ended`);
}

/** Whether a check came early enough to mean something: a machine can be busy. */
function within(ms: number): () => boolean {
  const end = systemClock.monotonic() + ms;
  return () => systemClock.monotonic() < end;
}

function sleep(ms: number): Promise<void> {
  return delay(systemClock, ms);
}
