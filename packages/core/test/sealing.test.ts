import { inspect } from 'node:util';
import type { ClientSecretConfig } from '@open-banking-auth/core';
import { CONFIG, grantedWith, SECRET, until } from '@open-banking-auth/test-kit/token-endpoint';
import { fleet } from './shared-store.js';

const secrets = [SECRET, CONFIG.clientId, 'token-1', 'accountinformation', 'auth.test.invalid'];

/** A caller has its token before the store has it, which is when the lock is released. */
const isWritten = ({ asked }: { readonly asked: readonly string[] }) => until(() => asked.at(-1) === 'unlock');

/** One process has got a token; the store has it. */
async function filled() {
  const world = fleet();
  await world.start().get();
  await isWritten(world.store);
  const [[key, sealed] = ['', '']] = [...world.store.values];
  return { ...world, key, sealed };
}

const bytesOf = (sealed: string) => Buffer.from(sealed, 'base64');

describe('the value that the store gets', () => {
  test('tells nothing without the client secret: no token, no client, no scope', async () => {
    const { key, sealed } = await filled();
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    for (const text of [key, sealed, bytesOf(sealed).toString('latin1'), inspect(bytesOf(sealed))]) {
      for (const secret of secrets) expect(text).not.toContain(secret);
    }
  });

  test('differs each time, although the token is the same', async () => {
    const [one, other] = [await filled(), await filled()];
    expect(one.key).toBe(other.key);
    expect(one.sealed).not.toBe(other.sealed);
    expect(bytesOf(one.sealed).subarray(1, 13)).not.toEqual(bytesOf(other.sealed).subarray(1, 13));
  });

  test('expires in the store when no process would use it any more', async () => {
    const { clock, store, key } = await filled();
    clock.advance(3_569_999);
    expect(await store.take(key)).toBeDefined();
    clock.advance(1);
    expect(await store.take(key)).toBeUndefined();
  });

  test.each<[string, (sealed: string) => string]>([
    ['nothing', () => ''],
    ['a word', () => 'garbled'],
    ['JSON', () => '{"value":"token-0","scope":"x","lifetimeMs":3600000,"expiresAt":9e15,"order":9e15}'],
    ['half of it', (sealed) => sealed.slice(0, sealed.length / 2)],
    ['its first byte alone', () => 'AQ=='],
    ['it twice', (sealed) => sealed + sealed],
    ['another format', (sealed) => Buffer.from([2, ...bytesOf(sealed).subarray(1)]).toString('base64')],
  ])('is a miss, not an error, if it becomes %s', async (_, garble) => {
    const { store, calls, events, key, sealed, start } = await filled();
    await store.put(key, garble(sealed));
    expect((await start().get()).value).toBe('token-2');
    expect((await start().get()).value).toBe('token-2');
    expect(calls).toHaveLength(2);
    expect(events('store.failed')).toEqual([]);
    expect(events('token.failed')).toEqual([]);
  });

  test('is a miss wherever a bit of it is flipped', async () => {
    const { store, calls, key, sealed, start } = await filled();
    const whole = bytesOf(sealed);
    for (let at = 0; at < whole.length; at += 7) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(whole.readUInt8(at) ^ (1 << (at % 8)), at);
      await store.put(key, flipped.toString('base64'));
      calls.length = 0;
      expect((await start().get()).value).toBe('token-1');
      expect(calls).toHaveLength(1);
      await isWritten(store);
    }
  });

  test('is a miss under another key, so that a token of one context cannot be passed off as one of another', async () => {
    const { store, calls, key, sealed, start } = await filled();
    await start().get({ context: 'corporate' });
    await isWritten(store);
    const other = [...store.values.keys()].find((each) => each !== key) ?? '';
    await store.put(other, sealed);
    expect((await start().get({ context: 'corporate' })).value).toBe('token-3');
    expect(calls).toHaveLength(3);
  });

  test('is a miss for another secret, even under its key', async () => {
    const { store, start, sealed } = await filled();
    const config: Partial<ClientSecretConfig> = { clientSecret: 'another secret' };
    await start(config).get();
    await isWritten(store);
    const key = [...store.values.keys()].at(-1) ?? '';
    await store.put(key, sealed);
    expect((await start(config).get()).value).toBe('token-3');
  });

  test('is not in any event, nor in the printed form of a source or a store', async () => {
    const { all, store, start, sealed } = await filled();
    const tokens = start();
    await tokens.get();
    const shown =
      inspect([all, tokens], { depth: null, showHidden: true, getters: true }) + JSON.stringify([all, tokens]);
    for (const secret of [SECRET, 'token-1', sealed]) expect(shown).not.toContain(secret);
    expect(store.values.size).toBe(1);
  });

  test('that is flushed costs the processes that have a token nothing', async () => {
    const { store, calls, key, start } = await filled();
    const tokens = start();
    await tokens.get();
    await store.put(key, '');
    for (let call = 0; call < 10; call++) await tokens.get();
    expect(calls).toHaveLength(1);
  });

  test('is not touched if it is longer than a sealed token can be', async () => {
    const { store, calls, key, sealed, start } = await filled();
    const decoded = jest.spyOn(globalThis, 'atob');
    await store.put(key, sealed.repeat(100_000));
    expect((await start().get()).value).toBe('token-2');
    expect(calls).toHaveLength(2);
    expect(decoded).not.toHaveBeenCalled();
    decoded.mockRestore();
  });

  test('is opened if it is the longest that there can be', async () => {
    const value = '"'.repeat(8_192);
    const world = fleet((n) => grantedWith(n, { access_token: value, scope: '\\'.repeat(1_000) }));
    await world.start().get();
    await isWritten(world.store);
    const [sealed = ''] = world.store.values.values();
    expect(sealed.length).toBeGreaterThan(20_000);
    expect((await world.start().get()).value).toBe(value);
    expect(world.calls).toHaveLength(1);
  });
});
