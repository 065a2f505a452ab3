import { openBankingFetch } from '@open-banking-auth/core';
import { FakeClock, HOUR, MINUTE, SECOND } from '@open-banking-auth/test-kit/fake-clock';
import {
  deferred,
  granted,
  grantedWith,
  json,
  SECRET,
  settle,
  until,
} from '@open-banking-auth/test-kit/token-endpoint';
import { cryptoImmediately } from './immediate-crypto.js';
import { after, fleet, offBy } from './shared-store.js';

cryptoImmediately();

const values = (tokens: readonly { readonly value: string }[]) => [...new Set(tokens.map(({ value }) => value))];

describe('processes that share a store', () => {
  test('and start together make one token request', async () => {
    const { clock, calls, events, startMany } = fleet((n) => after(clock, 300, granted(n)));
    const tokens = await clock.through(Promise.all(startMany(24).map((source) => source.get())));
    expect(values(tokens)).toEqual(['token-1']);
    expect(calls).toHaveLength(1);
    expect(events('token.requested')).toHaveLength(1);
    expect(events('token.received')).toHaveLength(1);
    expect(events('token.adopted')).toHaveLength(23);
    expect(events('token.failed')).toEqual([]);
  });

  test('take the token that is there with a single read, and report it by an event', async () => {
    const { clock, store, calls, events, start } = fleet();
    await start().get();
    await settle();
    clock.advance(40 * MINUTE);
    store.asked.length = 0;
    const tokens = start();
    const token = await tokens.get();
    // Nor does its age count as the time that its request took, for which it would be renewed early.
    await tokens.get();
    await settle();
    expect(token).toMatchObject({
      scope: 'accountinformation private',
      expiresAt: new Date(clock.wall() + 20 * MINUTE),
    });
    expect(token.value).toBe('token-1');
    expect(store.asked).toEqual(['get']);
    expect(calls).toHaveLength(1);
    expect(events('token.adopted')).toMatchObject([
      {
        type: 'token.adopted',
        scope: 'accountinformation private',
        reason: 'missing',
        token: events('token.received')[0]?.token,
        remainingMs: 20 * MINUTE,
        durationMs: 0,
      },
    ]);
  });

  test('ask it for nothing as long as they have a token of their own', async () => {
    const { clock, store, start } = fleet();
    const tokens = start();
    await tokens.get();
    await settle();
    store.asked.length = 0;
    const fetch = openBankingFetch(tokens, { fetch: async () => json({}) });
    for (let call = 0; call < 100; call++) {
      await fetch('https://api.test.invalid/');
      tokens.peek();
      clock.advance(30 * SECOND);
    }
    expect(store.asked).toEqual([]);
  });

  test('use about one token an hour between them, and never one that has expired', async () => {
    const ends = new Map<string, number>();
    const { clock, calls, startMany } = fleet((n) => {
      ends.set(`token-${n}`, clock.wall() + HOUR);
      return granted(n);
    });
    const sources = startMany(10);
    for (let time = 0; time < 10 * HOUR; time += 20 * SECOND) {
      const used = await Promise.all(sources.map((source) => clock.through(source.get())));
      for (const { value } of used) expect(ends.get(value)).toBeGreaterThan(clock.wall());
      await settle();
      clock.advance(20 * SECOND);
    }
    expect(calls.length).toBeGreaterThanOrEqual(10);
    expect(calls.length).toBeLessThanOrEqual(11);
  });

  test('keep a token for each scope and PSU context', async () => {
    const { calls, startMany } = fleet();
    for (const source of startMany(3)) {
      await source.get();
      await source.get({ context: 'corporate' });
      await source.get({ scope: 'paymentinitiation' });
    }
    expect(calls.map(({ form }) => form.get('scope'))).toEqual([
      'accountinformation private',
      'accountinformation corporate',
      'paymentinitiation private',
    ]);
  });

  test('share the next token in the background too: one requests it, the others find it', async () => {
    const { clock, calls, events, startMany } = fleet();
    const sources = startMany(5);
    for (const source of sources) await source.get();
    clock.advance(HOUR - 40 * SECOND);
    for (const source of sources) {
      await source.get();
      await settle();
    }
    expect(sources.map((source) => source.peek()?.value)).toEqual(Array(5).fill('token-2'));
    expect(calls).toHaveLength(2);
    expect(events('token.requested').map(({ reason }) => reason)).toEqual(['missing', 'ahead']);
    expect(events('token.adopted').map(({ reason }) => reason)).toEqual([
      ...Array(4).fill('missing'),
      ...Array(4).fill('ahead'),
    ]);
  });

  test('leave no lock behind, whether the token request succeeded or failed', async () => {
    const { clock, store, start } = fleet((n) => (n > 1 ? granted(n) : json({ error: 'invalid_request' }, 400)));
    await expect(start().get()).rejects.toMatchObject({ oauthError: 'invalid_request' });
    await start().get();
    await settle();
    expect(store.asked.filter((operation) => operation === 'unlock')).toHaveLength(2);
    for (const key of store.values.keys()) expect(await store.isLocked(key)).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  test('take their turn when the one that requests a token fails', async () => {
    const { clock, calls, startMany } = fleet((n) => (n <= 3 ? json({}, 503) : after(clock, 200, granted(n))));
    const results = await clock.through(Promise.allSettled(startMany(5).map((source) => source.get())));
    expect(results.map(({ status }) => status)).toEqual(['rejected', ...Array(4).fill('fulfilled')]);
    expect(calls).toHaveLength(4);
  });

  test('take a token of another one also during a cooldown of their own token requests, with one read a second', async () => {
    const { clock, store, calls, events, start } = fleet((n) => (n > 3 ? granted(n) : json({}, 503)));
    const tokens = start();
    await expect(clock.through(tokens.get())).rejects.toMatchObject({ code: 'token_request_failed' });
    store.asked.length = 0;
    const paused = await Promise.allSettled(Array.from({ length: 10 }, () => tokens.get()));
    expect(paused).toEqual(
      Array(10).fill(expect.objectContaining({ reason: expect.objectContaining({ code: 'token_request_paused' }) })),
    );
    await expect(tokens.get()).rejects.toMatchObject({ code: 'token_request_paused' });
    expect(store.asked).toEqual(['get']);
    expect(events('token.failed')).toHaveLength(1);
    // The second failure in a row, for a longer pause.
    clock.advance(SECOND);
    calls.length = 0;
    await expect(clock.through(tokens.get())).rejects.toMatchObject({ code: 'token_request_failed' });
    expect((await start().get()).value).toBe('token-4');
    await expect(tokens.get()).resolves.toMatchObject({ value: 'token-4' });
    expect(calls).toHaveLength(4);
    expect(tokens.peek()?.value).toBe('token-4');
  });

  test('do not count it as a failure that there is no secret for such a read', async () => {
    const { clock, events, start } = fleet(() => json({ error: 'unauthorized_client' }, 400));
    let vault: () => string | Promise<string> = () => SECRET;
    const tokens = start({ clientSecret: () => vault() });
    await expect(tokens.get()).rejects.toMatchObject({ code: 'token_request_rejected' });
    vault = () => {
      throw new Error('sealed');
    };
    for (let second = 0; second < 28; second++) {
      await expect(tokens.get()).rejects.toMatchObject({ code: 'token_request_paused' });
      clock.advance(SECOND);
    }
    vault = () => new Promise<never>(() => {});
    const before = clock.monotonic();
    await expect(clock.through(tokens.get())).rejects.toMatchObject({ code: 'token_request_paused' });
    expect(clock.monotonic() - before).toBeLessThanOrEqual(SECOND);
    expect(events('token.failed')).toHaveLength(1);
  });

  test('that forget their tokens have the shared one again, and no new one', async () => {
    const { calls, start } = fleet();
    const tokens = start();
    await tokens.get();
    tokens.clear();
    expect(tokens.peek()).toBeUndefined();
    expect((await tokens.get()).value).toBe('token-1');
    expect(calls).toHaveLength(1);
  });
});

describe('a token that the API does not accept', () => {
  test('is renewed once for all processes, in whatever order they notice', async () => {
    const { clock, calls, events, startMany } = fleet((n) => after(clock, 300, granted(n)));
    const sources = startMany(24);
    const refused = await clock.through(Promise.all(sources.map((source) => source.get())));
    const renewed = sources.map(async (source, index) => {
      await new Promise<void>((resolve) => clock.after(index * 40, resolve));
      return source.renew(refused[index] ?? '');
    });
    const tokens = await clock.through(Promise.all(renewed));
    expect(tokens.map((token) => token?.value)).toEqual(Array(24).fill('token-2'));
    expect(calls).toHaveLength(2);
    expect(events('token.requested').map(({ reason }) => reason)).toEqual(['missing', 'rejected']);
  });

  test('is not taken by a process that starts while it is renewed', async () => {
    const answer = deferred<Response>();
    const { clock, store, calls, start } = fleet((n) => (n === 1 ? granted(1) : answer.promise));
    const tokens = start();
    await tokens.get();
    const renewed = tokens.renew('token-1');
    await until(() => calls.length === 2);
    expect(store.asked).toContain('delete');
    const started = start().get();
    await settle();
    answer.give(granted(2));
    expect((await renewed)?.value).toBe('token-2');
    expect((await clock.through(started)).value).toBe('token-2');
  });

  test('is not taken again by a process that has forgotten it, or never had it', async () => {
    const { calls, start } = fleet();
    const tokens = start();
    await tokens.get();
    tokens.clear();
    expect((await tokens.renew('token-1'))?.value).toBe('token-2');
    expect((await start().renew('token-2'))?.value).toBe('token-3');
    expect(calls).toHaveLength(3);
  });

  test('costs one token request for the whole fleet too if the new one is unauthorized too', async () => {
    const { clock, calls, startMany } = fleet();
    const sources = startMany(5);
    for (const source of sources) await source.get();
    const fetch = async () => new Response('{"code":"TOKEN_INVALID"}', { status: 401 });
    for (const source of sources) {
      const call = openBankingFetch(source, { fetch });
      for (let repeat = 0; repeat < 3; repeat++) {
        expect((await clock.through(call('https://api.test.invalid/'))).status).toBe(401);
      }
    }
    expect(calls).toHaveLength(2);
  });
});

describe('a holder of the lock that is killed in its token request', () => {
  /** Its clock stands still, so it does nothing any more. */
  const dead = () => new FakeClock();
  const never = new Promise<Response>(() => {});

  test('is replaced within 11 s, by one of the waiting processes', async () => {
    const { clock, calls, events, start, startMany } = fleet((n) => (n === 1 ? never : after(clock, 300, granted(n))));
    void start({}, dead()).get();
    await until(() => calls.length === 1);
    const began = clock.monotonic();
    const tokens = await clock.through(Promise.all(startMany(23).map((source) => source.get())));
    expect(clock.monotonic() - began).toBeLessThanOrEqual(11 * SECOND);
    expect(values(tokens)).toEqual(['token-2']);
    // Of the request, without the wait for the lock.
    expect(events('token.received')).toEqual([expect.objectContaining({ durationMs: 300 })]);
    expect(calls).toHaveLength(2);
    expect(events('token.failed')).toEqual([]);
  });

  test('holds nobody up for longer than a token request may take, if its successor is killed too', async () => {
    const { clock, calls, start, startMany } = fleet((n) => (n <= 2 ? never : granted(n)));
    void start({}, dead()).get();
    await until(() => calls.length === 1);
    const second = dead();
    void start({}, second).get();
    const began = clock.monotonic();
    const waiting = Promise.all(startMany(5).map((source) => source.get()));
    while (calls.length === 1) {
      second.advance(100);
      await settle();
    }
    await clock.through(waiting);
    expect(clock.monotonic() - began).toBeLessThanOrEqual(15 * SECOND);
    // Whoever is first to lose patience writes a token that the others find, if they come a moment later.
    expect(calls.length).toBeLessThanOrEqual(2 + 5);
  });

  test('holds its lock for longer than a token request lasts, and no longer', async () => {
    const ttls: number[] = [];
    const { store, start } = fleet();
    store.instead.lock = async (_key, ttlMs) => {
      ttls.push(ttlMs);
      return async () => {};
    };
    await start().get();
    await start({ scope: 'paymentinitiation private', timeoutMs: 60_000.5 }).get();
    expect(ttls).toEqual([20_000, 65_001]);
  });
});

describe('an older token', () => {
  test('that comes back into the store replaces no newer one, and is replaced at the next need', async () => {
    const { clock, store, calls, start } = fleet();
    const tokens = start();
    await tokens.get();
    const [[key, older] = ['', '']] = [...store.values];
    for (const next of [2, 3]) {
      expect((await tokens.renew(`token-${next - 1}`))?.value).toBe(`token-${next}`);
      // Nobody waits for the store to take it.
      await settle();
      await store.put(key, older);
    }
    clock.advance(HOUR - 40 * SECOND);
    expect((await tokens.get()).value).toBe('token-3');
    await until(() => tokens.peek()?.value === 'token-4');
    await settle();
    expect((await start().get()).value).toBe('token-4');
    expect(calls).toHaveLength(4);
  });

  test('that was requested first and came last is not written over the newer one', async () => {
    const slow = deferred<Response>();
    const { clock, calls, store, start } = fleet((n) => (n === 1 ? slow.promise : granted(n)));
    store.instead.lock = async () => async () => {};
    const first = start().get();
    await until(() => calls.length === 1);
    clock.advance(SECOND);
    await start().get();
    slow.give(granted(1));
    expect((await first).value).toBe('token-1');
    expect((await start().get()).value).toBe('token-2');
  });

  test('is distinguished from a newer one although the clocks of their hosts are minutes apart', async () => {
    const { clock, calls, start } = fleet();
    const ahead = start({}, offBy(clock, 10 * MINUTE));
    const right = start();
    await ahead.get();
    await right.get();
    clock.advance(MINUTE);
    expect((await right.renew('token-1'))?.value).toBe('token-2');
    expect((await ahead.renew('token-1'))?.value).toBe('token-2');
    // Also where the one that renews has not had the token before, but sees it in the store.
    expect((await start().renew('token-2'))?.value).toBe('token-3');
    expect((await ahead.renew('token-2'))?.value).toBe('token-3');
    expect(calls).toHaveLength(3);
  });
});

describe('hosts whose clocks differ', () => {
  test.each([-10, -1, 1, 10])(
    'by %i minutes share a token, believe in it for an hour at most, and send it to its end at most',
    async (minutes) => {
      const { clock, calls, start } = fleet();
      const other = offBy(clock, minutes * MINUTE);
      await start().get();
      clock.advance(5 * MINUTE);
      const reader = start({}, other);
      const leftMs = (await reader.get()).expiresAt.getTime() - other.wall();
      expect(leftMs).toBe(Math.min(HOUR, (55 - minutes) * MINUTE));
      expect(calls).toHaveLength(1);
      // And the monotonic clock says the same: were the wall clock put right now, it would not live longer for it.
      clock.advance(leftMs - 30 * SECOND);
      expect(reader.peek()).toBeUndefined();
    },
  );

  test('so that a token seems about to expire are treated as if there were none', async () => {
    const { clock, calls, start } = fleet();
    await start().get();
    const { value } = await start({}, offBy(clock, HOUR - 20 * SECOND)).get();
    expect(value).toBe('token-2');
    expect(calls).toHaveLength(2);
  });

  test('so that one sends a token too long cost a replay, but no further token', async () => {
    const { clock, calls, start } = fleet();
    const revoked = new Set<string>();
    const fetch = async (_url: string | URL | Request, init: RequestInit = {}) => {
      const value = new Headers(init.headers).get('authorization')?.slice('Bearer '.length) ?? '';
      return revoked.has(value) ? new Response('{"code":"TOKEN_EXPIRED"}', { status: 401 }) : json({});
    };
    const right = openBankingFetch(start(), { fetch });
    await right('https://api.test.invalid/');
    clock.advance(20 * MINUTE);
    const behind = openBankingFetch(start({}, offBy(clock, -10 * MINUTE)), { fetch });
    await behind('https://api.test.invalid/');
    clock.advance(40 * MINUTE);
    revoked.add('token-1');
    expect((await right('https://api.test.invalid/')).status).toBe(200);
    expect((await behind('https://api.test.invalid/')).status).toBe(200);
    expect(calls).toHaveLength(2);
  });

  test('by more than the lifetime of a token cost a token each, not one for each call', async () => {
    const { clock, calls, start } = fleet((n) => grantedWith(n, { expires_in: 60 }));
    const sources = [start(), start({}, offBy(clock, 10 * MINUTE)), start({}, offBy(clock, -10 * MINUTE))];
    for (let second = 0; second < 50; second++) {
      for (const source of sources) await clock.through(source.get());
      clock.advance(SECOND);
    }
    expect(calls.length).toBeLessThanOrEqual(3);
  });
});

describe('secrets', () => {
  test('of two applications with one client on one store: each has its token, and overwrites nothing', async () => {
    const { store, calls, start } = fleet();
    for (let restart = 0; restart < 3; restart++) {
      await start().get();
      await start({ clientSecret: 'another secret' }).get();
    }
    expect(calls.map(({ form }) => form.get('client_secret'))).toEqual([SECRET, 'another secret']);
    expect(store.values.size).toBe(2);
  });

  test('that are rotated one process after the other cost one token, not one for each process', async () => {
    const { clock, calls, start } = fleet();
    let secrets = Array(6).fill('old');
    const sources = secrets.map((_, index) => start({ clientSecret: () => secrets[index] }));
    for (const source of sources) await source.get();
    expect(calls).toHaveLength(1);
    secrets = [...Array(3).fill('new'), ...Array(3).fill('old')];
    for (const source of sources) expect((await source.get()).value).toBe('token-1');
    clock.advance(HOUR);
    for (const source of sources) await source.get();
    expect(calls.map(({ form }) => form.get('client_secret'))).toEqual(['old', 'new', 'old']);
    secrets = Array(6).fill('new');
    for (const source of sources) await source.renew(source.peek() ?? '');
    expect(calls).toHaveLength(4);
  });

  test.each([
    ['token URL', { tokenUrl: 'https://other.test.invalid/connect/token' }],
    ['client id', { clientId: 'another' }],
    ['way to authenticate', { clientAuthentication: 'client_secret_basic' as const }],
  ])('are not all: another %s is another token', async (_, config) => {
    const { calls, start } = fleet();
    await start().get();
    await start(config).get();
    await start(config).get();
    expect(calls).toHaveLength(2);
  });
});

describe('a store without locks', () => {
  test('has the processes that start together request a token each, and share one from then on', async () => {
    const { clock, store, calls, startMany } = fleet((n) => after(clock, 300, granted(n)));
    const without = { get: store.get.bind(store), set: store.set.bind(store), delete: store.delete.bind(store) };
    const sources = startMany(5, { store: without });
    await clock.through(Promise.all(sources.map((source) => source.get())));
    expect(calls).toHaveLength(5);
    const [late] = startMany(1, { store: without });
    await late?.get();
    expect(calls).toHaveLength(5);
    clock.advance(HOUR - 31 * SECOND);
    for (const source of sources) await clock.through(source.renew(source.peek() ?? ''));
    expect(calls).toHaveLength(6);
    expect(values(sources.flatMap((source) => source.peek() ?? []))).toEqual(['token-6']);
  });
});
