import { type OpenBankingAuthError, openBankingFetch } from '@open-banking-auth/core';
import { type FakeClock, MINUTE, SECOND } from '@open-banking-auth/test-kit/fake-clock';
import { deferred, granted, json, settle, sourceOver, until } from '@open-banking-auth/test-kit/token-endpoint';
import { hashImmediately } from './immediate-hashing.js';

hashImmediately();

async function errorOf(promise: Promise<unknown>): Promise<OpenBankingAuthError> {
  return promise.then(
    () => {
      throw new Error('It did not fail');
    },
    (error: OpenBankingAuthError) => error,
  );
}

describe('the attempts of a token request', () => {
  const empty = () => new Response('');
  const network = () => Promise.reject(new TypeError('fetch failed'));
  const hang = () => new Promise<Response>(() => {});

  test.each<[string, () => Response | Promise<Response>, number]>([
    ['a network error', network, 3],
    ['no answer', hang, 3],
    [
      'an answer that breaks off',
      () => new Response(new ReadableStream({ pull: (to) => to.error(new TypeError('terminated')) })),
      3,
    ],
    ['408', () => json({}, 408), 3],
    ['429', () => json({}, 429), 3],
    ['500', () => json({}, 500), 3],
    ['502 with HTML', () => new Response('<html>', { status: 502 }), 3],
    ['503', () => json({}, 503), 3],
    ['temporarily_unavailable', () => json({ error: 'temporarily_unavailable' }, 400), 3],
    ['server_error', () => json({ error: 'server_error' }, 400), 3],
    ['an empty 200', empty, 2],
    ['a 200 of HTML', () => new Response('<html>'), 2],
    ['a 200 that breaks off', () => new Response('{"access_token":'), 2],
    ['a 200 without a token', () => json({}), 1],
    ['invalid_client', () => json({ error: 'invalid_client' }, 400), 1],
    ['invalid_scope', () => json({ error: 'invalid_scope' }, 400), 1],
    ['invalid_request', () => json({ error: 'invalid_request' }, 400), 1],
    ['404', () => json({}, 404), 1],
    ['a redirect', () => new Response(null, { status: 302 }), 1],
  ])('%s', async (_, answer, attempts) => {
    const { tokens, clock, calls } = sourceOver(answer);
    await errorOf(clock.through(tokens.get()));
    expect(calls).toHaveLength(attempts);
    expect(clock.pendingTimers).toBe(0);
  });

  test('wait 1 s and 2 s between them, less up to half by chance (here: none)', async () => {
    const at: number[] = [];
    const { tokens, clock } = sourceOver(() => {
      at.push(clock.monotonic());
      return json({}, 503);
    });
    await errorOf(clock.through(tokens.get()));
    const [first = 0, second = 0, third = 0] = at;
    expect([second - first, third - second]).toEqual([1 * SECOND, 2 * SECOND]);
  });

  test('of a token endpoint that hangs take 15 s in all, also for callers that joined later', async () => {
    const { tokens, clock, calls } = sourceOver(hang);
    const started = clock.monotonic();
    const first = errorOf(tokens.get());
    await until(() => calls.length === 1);
    clock.advance(4 * SECOND);
    const late = errorOf(tokens.get());
    expect((await clock.through(first)).code).toBe('token_request_timeout');
    expect((await late).code).toBe('token_request_timeout');
    expect(clock.monotonic() - started).toBeLessThanOrEqual(15 * SECOND);
  });

  test('stop when no caller is left', async () => {
    const { tokens, clock, calls } = sourceOver(() => json({}, 503));
    const controller = new AbortController();
    const caller = errorOf(tokens.get({ signal: controller.signal }));
    await until(() => clock.pendingTimers === 1 && calls.length === 1);
    await settle();
    controller.abort();
    await caller;
    clock.advance(10 * SECOND);
    await settle();
    expect(calls).toHaveLength(1);
  });

  test.each<[string, (clock: FakeClock) => string]>([
    ['seconds', () => '7'],
    ['a date', (clock) => new Date(clock.wall() + 7 * SECOND).toUTCString()],
  ])('wait for a Retry-After in %s if it fits into the 15 s', async (_, header) => {
    const at: number[] = [];
    const { tokens, clock } = sourceOver((n) => {
      at.push(clock.monotonic());
      return n === 1 ? json({}, 503, { 'retry-after': header(clock) }) : granted(n);
    });
    expect((await clock.through(tokens.get())).value).toBe('token-2');
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBe(7 * SECOND);
  });

  test.each([
    ['20', 20 * SECOND],
    ['999999', 60 * MINUTE],
  ])('do not wait for a Retry-After of %s s: the cooldown does, for an hour at most', async (header, pauseMs) => {
    const { tokens, clock, calls } = sourceOver(() => json({}, 429, { 'retry-after': header }));
    const error = await errorOf(tokens.get());
    expect(error).toMatchObject({ code: 'token_request_failed', status: 429 });
    expect(error.retryAt?.getTime()).toBe(clock.wall() + pauseMs);
    clock.advance(pauseMs - 1);
    expect((await errorOf(tokens.get())).code).toBe('token_request_paused');
    clock.advance(1);
    expect((await errorOf(tokens.get())).code).toBe('token_request_failed');
    expect(calls).toHaveLength(2);
  });
});

describe('the cooldown after a failed token request', () => {
  test('fails callers at once, with the reason, the time of the next attempt, and what to do', async () => {
    const { tokens, clock } = sourceOver(() => json({ error: 'invalid_client' }, 400, { 'x-request-id': 'r' }));
    await errorOf(tokens.get());
    clock.advance(10 * SECOND);
    expect(await errorOf(tokens.get())).toMatchObject({
      code: 'token_request_paused',
      status: 400,
      oauthError: 'invalid_client',
      requestId: 'r',
      retryAt: new Date(clock.wall() + 20 * SECOND),
      problem: expect.stringMatching(/not repeated for another 20 s.*rejected with "invalid_client"/),
      hint: expect.stringContaining('Check clientId and clientSecret'),
    });
  });

  test.each([
    ['passing failures', () => json({}, 503), [1, 1.6, 2.56, 4.1, 6.55, 10.49, 16.78, 26.84, 42.95, 60, 60]],
    ['refusals', () => json({ error: 'invalid_scope' }, 400), [30, 60, 120, 240, 300, 300]],
  ])('grows with %s in a row', async (_, answer, seconds) => {
    const { tokens, clock, events } = sourceOver(answer);
    for (const length of seconds) {
      await errorOf(clock.through(tokens.get()));
      const { retryAt } = events('token.failed').at(-1) ?? {};
      const pauseMs = (retryAt?.getTime() ?? 0) - clock.wall();
      expect(pauseMs / SECOND).toBeCloseTo(length, 1);
      clock.advance(pauseMs + 1);
    }
    expect(events('token.failed')).toHaveLength(seconds.length);
  });

  test('is short again after a success', async () => {
    const { tokens, clock, events } = sourceOver((n) => (n === 7 ? granted(n) : json({}, 503)));
    for (let round = 0; round < 2; round++) {
      await errorOf(clock.through(tokens.get()));
      clock.advance(5 * SECOND);
    }
    const token = await tokens.get();
    await errorOf(clock.through(tokens.renew(token)));
    const { retryAt } = events('token.failed').at(-1) ?? {};
    expect((retryAt?.getTime() ?? 0) - clock.wall()).toBe(1 * SECOND);
  });

  test('is ended by another secret from the function, at once', async () => {
    let secret = 'old';
    const { tokens, calls } = sourceOver(
      (n, { form }) => (form.get('client_secret') === 'new' ? granted(n) : json({ error: 'invalid_client' }, 401)),
      {
        clientSecret: async () => secret,
      },
    );
    await errorOf(tokens.get());
    expect((await errorOf(tokens.get())).code).toBe('token_request_paused');
    secret = 'new';
    expect((await Promise.all([tokens.get(), tokens.get()])).map(({ value }) => value)).toEqual(['token-2', 'token-2']);
    expect(calls).toHaveLength(2);
  });

  test('is ended by the first usable secret of a function that had none before', async () => {
    const secrets = ['', 'usable'];
    const { tokens } = sourceOver(granted, { clientSecret: () => secrets.shift() ?? 'usable' });
    expect((await errorOf(tokens.get())).code).toBe('invalid_config');
    expect((await tokens.get()).value).toBe('token-1');
  });

  test('outlasts a secret function that fails or hangs meanwhile', async () => {
    const secrets: (() => Promise<string>)[] = [
      async () => 'old',
      () => Promise.reject(new Error('vault')),
      () => new Promise(() => {}),
    ];
    const { tokens, clock, calls } = sourceOver(() => json({ error: 'invalid_client' }, 401), {
      clientSecret: () => secrets.shift()?.() ?? 'old',
    });
    await errorOf(tokens.get());
    expect((await errorOf(clock.through(tokens.get()))).code).toBe('token_request_paused');
    expect((await errorOf(clock.through(tokens.get()))).code).toBe('token_request_paused');
    expect(calls).toHaveLength(1);
  });

  test('is ended by clear()', async () => {
    const { tokens } = sourceOver((n) => (n === 1 ? json({ error: 'invalid_client' }, 400) : granted(n)));
    await errorOf(tokens.get());
    tokens.clear();
    expect((await tokens.get()).value).toBe('token-2');
  });

  test('keeps a dead client from costing the server more than 3 requests in 5 s, at 50 calls a second', async () => {
    const { tokens, clock, calls } = sourceOver(() => json({ error: 'invalid_client' }, 400));
    for (let call = 0; call < 250; call++) {
      await errorOf(tokens.get());
      clock.advance(20);
    }
    expect(calls.length).toBeLessThanOrEqual(3);
  });

  test('leaves an old token in use until it expires, if the failure is transient', async () => {
    const { tokens, clock } = sourceOver((n) => (n === 1 ? granted(1) : json({}, 503)), { refreshAhead: false });
    await tokens.get();
    clock.advance(3_575 * SECOND);
    await clock.through(tokens.get());
    expect((await tokens.get()).value).toBe('token-1');
  });

  test('after recovery lets the next caller through', async () => {
    const answer = deferred<Response>();
    const { tokens, clock } = sourceOver((n) => (n <= 3 ? new Promise<Response>(() => {}) : answer.promise));
    await errorOf(clock.through(tokens.get()));
    answer.give(granted(4));
    clock.advance(SECOND);
    expect((await tokens.get()).value).toBe('token-4');
  });
});

describe('renewals that do not help', () => {
  const API = 'https://api.test.invalid';

  /** An API whose endpoints accept only the tokens that they are told to; `/broken` none at all. */
  function apiOver(answer = granted) {
    const { tokens, clock, calls, events } = sourceOver(answer);
    const revoked = new Set<string>();
    let apiCalls = 0;
    const fetch = openBankingFetch(tokens, {
      fetch: async (input, init) => {
        apiCalls++;
        const token = new Headers(init?.headers).get('authorization')?.slice('Bearer '.length) ?? '';
        if (String(input).endsWith('/down')) return json({}, 503);
        return String(input).endsWith('/broken') || revoked.has(token)
          ? new Response(null, { status: 401 })
          : json({ token });
      },
    });
    const call = async (path: string) => (await fetch(API + path)).status;
    const revoke = () => {
      const held = tokens.peek();
      if (held) revoked.add(held.value);
    };
    return { call, revoke, clock, calls, events, apiCalls: () => apiCalls };
  }

  test('100 requests one after another against a permanent 401 cost 2 token requests', async () => {
    const { call, calls, events, apiCalls } = apiOver();
    for (let n = 0; n < 100; n++) expect(await call('/broken')).toBe(401);
    expect(calls).toHaveLength(2);
    expect(apiCalls()).toBe(101);
    expect(events('token.renewal_paused')).toMatchObject([
      { type: 'token.renewal_paused', scope: 'accountinformation private', pauseMs: MINUTE, unhelpful: 1 },
    ]);
    expect(events('request.unauthorized').at(-1)).toMatchObject({ verdict: 'pass', reason: 'renewal_paused' });
  });

  test('a server that issues the unauthorized token again is asked once, not for each 401', async () => {
    const { call, calls, apiCalls } = apiOver(() => granted(1));
    for (let n = 0; n < 100; n++) expect(await call('/broken')).toBe(401);
    expect(calls).toHaveLength(2);
    expect(apiCalls()).toBe(100);
  });

  test('200 at the same time also cost 2, and begin one cooldown', async () => {
    const { call, calls, events } = apiOver();
    await Promise.all(Array.from({ length: 200 }, () => call('/broken')));
    expect(calls).toHaveLength(2);
    expect(events('token.renewal_paused')).toHaveLength(1);
  });

  test('an endpoint that always responds with 401, called every second for an hour along with others, costs at most 10', async () => {
    const { call, calls, clock } = apiOver();
    for (let second = 0; second < 3_600; second++) {
      expect(await call('/fine')).toBe(200);
      expect(await call('/broken')).toBe(401);
      clock.advance(SECOND);
    }
    expect(calls.length).toBeLessThanOrEqual(10);
    expect(calls.length).toBeGreaterThan(2);
  });

  test('a true revocation during the cooldown leads to a renewal at once where tokens had been accepted', async () => {
    const { call, calls, revoke } = apiOver();
    await call('/broken');
    expect(await call('/fine')).toBe(200);
    expect(await call('/broken')).toBe(401);
    revoke();
    for (let n = 0; n < 6; n++) expect(await call('/fine')).toBe(200);
    expect(calls).toHaveLength(3);
    // Since that has helped, it is tried for the other endpoint too, once.
    for (let n = 0; n < 6; n++) expect(await call('/broken')).toBe(401);
    expect(calls).toHaveLength(4);
  });

  test('... and after 5 401s in a row where nothing is known of the endpoint', async () => {
    const { call, calls, revoke } = apiOver();
    await call('/broken');
    expect(await call('/fine')).toBe(200);
    expect(await call('/broken')).toBe(401);
    revoke();
    const statuses = [];
    for (let n = 0; n < 6; n++) statuses.push(await call(`/new/${n}`));
    expect(statuses).toEqual([401, 401, 401, 401, 200, 200]);
    expect(calls).toHaveLength(3);
  });

  test('a server that is down says nothing about the token: its 503 does not mean that it was accepted', async () => {
    const { call, calls, revoke } = apiOver();
    await call('/broken');
    expect(await call('/down')).toBe(503);
    revoke();
    for (let n = 0; n < 10; n++) expect(await call('/fine')).toBe(401);
    expect(calls).toHaveLength(2);
  });

  test('an endpoint that always responds with 401 does not look like a revocation while requests to others are accepted', async () => {
    const { call, calls } = apiOver();
    await call('/broken');
    for (let n = 0; n < 50; n++) {
      await call('/fine');
      for (let m = 0; m < 4; m++) await call('/broken');
    }
    expect(calls).toHaveLength(2);
  });

  test('two quick revocations with accepted tokens between them both lead to a renewal at once', async () => {
    const { call, calls, revoke } = apiOver();
    expect(await call('/fine')).toBe(200);
    for (let n = 0; n < 2; n++) {
      revoke();
      expect(await call('/fine')).toBe(200);
    }
    expect(calls).toHaveLength(3);
  });

  test('begin a cooldown of 60 s, doubling to 15 min, if no token was ever accepted', async () => {
    const { call, events, clock } = apiOver();
    for (let n = 0; n < 6; n++) {
      await call('/broken');
      clock.advance(events('token.renewal_paused').at(-1)?.pauseMs ?? 0);
    }
    const pauses = events('token.renewal_paused');
    expect(pauses.map(({ pauseMs }) => pauseMs / MINUTE)).toEqual([1, 2, 4, 8, 15, 15]);
    expect(pauses.map(({ unhelpful }) => unhelpful)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
