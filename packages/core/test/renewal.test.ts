import { openBankingFetch, type TokenSource } from '@open-banking-auth/core';
import { type FakeClock, HOUR, MINUTE, SECOND } from '@open-banking-auth/test-kit/fake-clock';
import { granted, json, settle, sourceOver } from '@open-banking-auth/test-kit/token-endpoint';
import { cryptoImmediately } from './immediate-crypto.js';
import { fleet } from './shared-store.js';

// What leads to a renewal, what cools down, and what processes share of it (ARCHITECTURE.md, "Renewal by evidence").

const API = 'https://api.test.invalid';

cryptoImmediately();

/** An API that knows which tokens are good, whatever process sends them. */
class Api {
  readonly revoked = new Set<string>();
  /** Tokens are accepted from this moment on. */
  readonly knownFrom = new Map<string, number>();
  readonly sent: string[] = [];
  /** Called with each token before it is judged. */
  onSend: (token: string) => void = () => {};
  /** Paths that answer every token with a 401. */
  readonly broken = new Set<string>();

  constructor(readonly clock: FakeClock) {}

  fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const token = new Headers(init?.headers).get('authorization')?.slice('Bearer '.length) ?? '';
    this.sent.push(token);
    this.onSend(token);
    const isBad =
      this.revoked.has(token) ||
      this.broken.has(new URL(String(url)).pathname) ||
      this.clock.monotonic() < (this.knownFrom.get(token) ?? 0);
    return isBad ? new Response('{"code":"TOKEN_INVALID"}', { status: 401 }) : json({});
  };

  callerOf(tokens: TokenSource) {
    const fetch = openBankingFetch(tokens, { fetch: this.fetch });
    return async (path = '/'): Promise<number> => (await fetch(API + path)).status;
  }
}

function alone() {
  const { tokens, clock, calls, events } = sourceOver(granted);
  const api = new Api(clock);
  return { tokens, clock, calls, events, api, call: api.callerOf(tokens) };
}

function several(count: number) {
  const all = fleet();
  const api = new Api(all.clock);
  const sources = all.startMany(count);
  return { ...all, api, sources, callers: sources.map((tokens) => api.callerOf(tokens)) };
}

/** One process after the other: has them hold tokens of their own, as after an outage of the store. */
async function diverge({ store, callers }: ReturnType<typeof several>): Promise<void> {
  const down = () => Promise.reject(new Error('down'));
  store.instead = { get: down, set: down, lock: down };
  for (const call of callers) expect(await call()).toBe(200);
  store.instead = {};
}

describe('a renewal did not help', () => {
  test('not if the token had been held before the 401 came: the next one is fetched, and the request sent a third time', async () => {
    const { tokens, api, call, calls, events } = alone();
    expect(await call()).toBe(200);
    api.revoked.add('token-1');
    // While this request is on its way with the first token, others renew it, use the second, and that is revoked too.
    api.onSend = () => {
      api.onSend = () => {};
      void tokens.renew('token-1').then(async () => {
        await call('/other');
        api.revoked.add('token-2');
      });
    };
    const slow = openBankingFetch(tokens, {
      fetch: async (url, init) => {
        const response = await api.fetch(url, init);
        await settle();
        return response;
      },
    });
    api.sent.length = 0;
    expect((await slow(API)).status).toBe(200);
    expect(api.sent).toEqual(['token-1', 'token-2', 'token-2', 'token-3']);
    expect(calls).toHaveLength(3);
    expect(events('token.renewal_paused')).toEqual([]);
  });

  test('not if the token was adopted from the store: the next one is fetched, and the request sent a third time', async () => {
    const all = several(2);
    const { api, calls, callers, clock, events } = all;
    await diverge(all);
    clock.advance(10 * SECOND);
    const [one, other] = callers;
    // The other process puts its token into the store; then one revocation kills all that there are.
    api.revoked.add('token-2');
    expect(await other?.()).toBe(200);
    clock.advance(10 * SECOND);
    for (const token of ['token-1', 'token-3']) api.revoked.add(token);
    api.sent.length = 0;
    expect(await one?.()).toBe(200);
    expect(api.sent).toEqual(['token-1', 'token-3', 'token-4']);
    expect(calls).toHaveLength(4);
    expect(events('token.renewal_paused')).toEqual([]);
  });

  test('not if others have accepted the token meanwhile: two revocations 80 ms apart are two renewals', async () => {
    const { api, call, calls, clock, events } = alone();
    expect(await call()).toBe(200);
    for (const token of ['token-1', 'token-2']) {
      api.revoked.add(token);
      expect(await call()).toBe(200);
      expect(await call('/other')).toBe(200);
      clock.advance(80);
    }
    expect(calls).toHaveLength(3);
    expect(events('token.renewal_paused')).toEqual([]);
  });

  test('not if it did for others, in a process that starts later', async () => {
    const all = several(1);
    const { api, callers, calls, clock, events, start } = all;
    const [call] = callers;
    expect(await call?.()).toBe(200);
    // The second token is revoked before anything has accepted it, so the third comes after a renewal that did not help.
    for (const token of ['token-1', 'token-2']) api.revoked.add(token);
    expect(await call?.()).toBe(401);
    clock.advance(2 * SECOND);
    expect(await call?.()).toBe(200);
    expect(events('token.renewal_paused')).toHaveLength(1);
    await settle();
    clock.advance(SECOND);
    api.onSend = () => api.revoked.add('token-3');
    api.sent.length = 0;
    expect(await api.callerOf(start())()).toBe(200);
    expect(api.sent).toEqual(['token-3', 'token-4']);
    expect(calls).toHaveLength(4);
    expect(events('token.renewal_paused')).toHaveLength(1);
  });

  test('not if the API accepts tokens meanwhile, in a process that adopts one which came after such renewals', async () => {
    const all = several(2);
    const { api, callers, calls, clock, store, events } = all;
    await diverge(all);
    clock.advance(10 * SECOND);
    const [one, other] = callers;
    for (const token of ['token-1', 'token-3']) api.revoked.add(token);
    expect(await one?.()).toBe(401);
    clock.advance(2 * SECOND);
    // It cannot tell the others that the next one is accepted.
    const down = () => Promise.reject(new Error('down'));
    api.onSend = (token) => {
      if (token === 'token-4') store.instead = { get: down, lock: down };
    };
    expect(await one?.()).toBe(200);
    await settle();
    store.instead = {};
    clock.advance(SECOND);
    expect(await other?.()).toBe(200);
    for (const token of ['token-2', 'token-4']) api.revoked.add(token);
    api.sent.length = 0;
    expect(await other?.()).toBe(200);
    expect(api.sent).toEqual(['token-2', 'token-4', 'token-5']);
    expect(calls).toHaveLength(5);
    expect(events('token.renewal_paused')).toHaveLength(1);
  });

  test('for a second at first, also in a process that starts later and whose first two tokens are revoked', async () => {
    const { api, callers, clock, events, start } = several(1);
    const [call] = callers;
    expect(await call?.()).toBe(200);
    clock.advance(HOUR - 40 * SECOND);
    expect(await call?.()).toBe(200);
    await settle();
    for (const token of ['token-1', 'token-2', 'token-3']) api.revoked.add(token);
    expect(await api.callerOf(start())()).toBe(401);
    expect(api.sent).toEqual(['token-1', 'token-1', 'token-2', 'token-3']);
    expect(events('token.renewal_paused')).toEqual([expect.objectContaining({ unhelpful: 1 })]);
    expect(events('token.renewal_paused')[0]?.pauseMs).toBeLessThan(2 * SECOND);
  });

  test('if a token fetched after a 401 gets a 401 before anything has accepted it', async () => {
    const { api, call, calls, events } = alone();
    expect(await call()).toBe(200);
    api.broken.add('/');
    for (let n = 0; n < 5; n++) expect(await call()).toBe(401);
    expect(calls).toHaveLength(2);
    expect(events('token.renewal_paused')).toMatchObject([{ unhelpful: 1 }]);
    expect(events('request.unauthorized').at(-1)).toMatchObject({ verdict: 'pass', reason: 'renewal_paused' });
  });
});

describe('a request', () => {
  test('that finds a token of another process dead is sent three times at most, never with two freshly fetched tokens', async () => {
    const all = several(2);
    const { api, calls, callers, clock } = all;
    await diverge(all);
    clock.advance(10 * SECOND);
    api.revoked.add('token-2');
    await callers[1]?.();
    clock.advance(10 * SECOND);
    api.broken.add('/');
    api.sent.length = 0;
    expect(await callers[0]?.()).toBe(401);
    expect(api.sent).toEqual(['token-1', 'token-3', 'token-4']);
    expect(calls).toHaveLength(4);
  });

  test('that gets a 401 with a freshly fetched token is sent again if others have that replaced already', async () => {
    const { tokens, api, call, calls } = alone();
    await call();
    api.revoked.add('token-1');
    let release = () => {};
    const slow = openBankingFetch(tokens, {
      fetch: async (url, init) => {
        const response = await api.fetch(url, init);
        const isSecond = api.sent.at(-1) === 'token-2' && response.status === 200;
        if (!isSecond) return response;
        // The second token is revoked, and others find that out, while this response is on its way.
        await new Promise<void>((resolve) => (release = resolve));
        return api.fetch(url, init);
      },
    });
    api.sent.length = 0;
    const response = slow(API);
    await settle();
    expect(await call('/other')).toBe(200);
    api.revoked.add('token-2');
    expect(await call('/other')).toBe(200);
    release();
    expect((await response).status).toBe(200);
    expect(api.sent.at(-1)).toBe('token-3');
    expect(calls).toHaveLength(3);
  });

  test('that gets a 401 with a freshly fetched token is not sent again', async () => {
    const { api, call, calls } = alone();
    await call();
    api.sent.length = 0;
    api.onSend = (token) => void api.revoked.add(token);
    expect(await call()).toBe(401);
    expect(api.sent).toEqual(['token-1', 'token-2']);
    expect(calls).toHaveLength(2);
  });
});

describe('a permanent 401', () => {
  async function tokensInAnHour(prepare: (given: ReturnType<typeof alone>) => Promise<void>, minutes = 60) {
    const given = alone();
    await prepare(given);
    const before = given.calls.length;
    for (let second = 0; second < minutes * 60; second += 2) {
      expect(await given.call()).toBe(401);
      given.clock.advance(2 * SECOND);
    }
    return given.calls.length - before;
  }

  test('from the start costs at most 2 token requests in the first minute', async () => {
    expect(await tokensInAnHour(async ({ api }) => void api.broken.add('/'), 1)).toBe(2);
  });

  test('after a good life costs at most 12 in the first hour', async () => {
    const tokens = await tokensInAnHour(async ({ api, call }) => {
      expect(await call()).toBe(200);
      api.broken.add('/');
    });
    expect(tokens).toBeLessThanOrEqual(12);
    expect(tokens).toBeGreaterThan(8);
  });

  test('... and at most 4 an hour after that', async () => {
    const { api, call, calls, clock } = alone();
    await call();
    api.broken.add('/');
    const perHour = [];
    for (let hour = 0; hour < 4; hour++) {
      const before = calls.length;
      for (let second = 0; second < 3_600; second += 5) {
        await call();
        clock.advance(5 * SECOND);
      }
      perHour.push(calls.length - before);
    }
    expect(Math.max(...perHour.slice(1))).toBeLessThanOrEqual(4);
  });

  test('in a fleet of 24 costs at most 12 in the first hour over all of them', async () => {
    const { api, callers, calls, clock } = several(24);
    for (const call of callers) expect(await call()).toBe(200);
    api.broken.add('/');
    const before = calls.length;
    for (let second = 0; second < 3_600; second += 20) {
      await clock.through(Promise.all(callers.map((call) => call())));
      clock.advance(20 * SECOND);
    }
    expect(calls.length - before).toBeLessThanOrEqual(12);
  }, 60_000);
});

describe('an endpoint that answers 401 to tokens which others accept', () => {
  test('costs at most 10 tokens an hour, however busy the others are, and does not delay them', async () => {
    const { api, call, calls, clock } = alone();
    api.broken.add('/broken');
    for (let second = 0; second < 3_600; second += 3) {
      const statuses = await Promise.all([call('/broken'), call('/a'), call('/b')]);
      expect(statuses).toEqual([401, 200, 200]);
      clock.advance(3 * SECOND);
    }
    expect(calls.length).toBeLessThanOrEqual(10);
  });

  test('costs no more if its path is another one each time', async () => {
    const { api, call, calls, clock } = alone();
    for (let second = 0; second < 3_600; second += 3) {
      api.broken.add(`/broken/${second}`);
      expect(await Promise.all([call(`/broken/${second}`), call('/fine')])).toEqual([401, 200]);
      clock.advance(3 * SECOND);
    }
    expect(calls.length).toBeLessThanOrEqual(10);
  });

  test('is not suspected because the token was revoked after others had accepted it', async () => {
    const { api, call } = alone();
    expect(await Promise.all([call('/a'), call('/b')])).toEqual([200, 200]);
    api.revoked.add('token-1');
    // Of two requests that wait for the second token, the one gets through with it and the other does not.
    let sends = 0;
    api.onSend = (token) => {
      if (token === 'token-2' && ++sends === 2) api.revoked.add(token);
    };
    expect(await Promise.all([call('/a'), call('/b')])).toEqual([200, 401]);
    expect(await call('/b')).toBe(200);
  });

  test('does not keep the others from a renewal when the token is revoked', async () => {
    const { api, call, calls, clock } = alone();
    api.broken.add('/broken');
    for (let minute = 0; minute < 10; minute++) {
      for (let n = 0; n < 60; n++) {
        await call('/broken');
        expect(await call('/fine')).toBe(200);
        clock.advance(SECOND);
      }
      api.revoked.add(`token-${calls.length}`);
      expect(await call('/fine')).toBe(200);
    }
  });

  test('is trusted again as soon as it accepts a token', async () => {
    const { api, call, calls, clock } = alone();
    api.broken.add('/broken');
    for (let n = 0; n < 600; n++) {
      await call('/broken');
      await call('/fine');
      clock.advance(SECOND);
    }
    api.broken.clear();
    expect(await call('/broken')).toBe(200);
    const before = calls.length;
    api.revoked.add(`token-${before}`);
    expect(await call('/broken')).toBe(200);
    expect(calls).toHaveLength(before + 1);
  });
});

describe('a new token that the API does not know yet', () => {
  test('stays held and is sent, and no other is fetched while it is young', async () => {
    const { api, call, calls, clock, tokens } = alone();
    expect(await call()).toBe(200);
    api.revoked.add('token-1');
    api.knownFrom.set('token-2', clock.monotonic() + 500);
    const statuses = [];
    for (let n = 0; n < 10; n++) {
      statuses.push(await call());
      clock.advance(100);
    }
    expect(statuses).toEqual([...Array(5).fill(401), ...Array(5).fill(200)]);
    expect(tokens.peek()?.value).toBe('token-2');
    expect(calls).toHaveLength(2);
  });

  test('is followed by an ordinary renewal once it has been accepted and is revoked', async () => {
    const { api, call, calls, clock } = alone();
    await call();
    api.revoked.add('token-1');
    api.knownFrom.set('token-2', clock.monotonic() + 500);
    expect(await call()).toBe(401);
    clock.advance(500);
    expect(await call()).toBe(200);
    api.revoked.add('token-2');
    expect(await call()).toBe(200);
    expect(calls).toHaveLength(3);
  });

  test('is given up for another one when it is older than the cooldown', async () => {
    const { api, call, calls, clock, events } = alone();
    await call();
    for (const token of ['token-1', 'token-2']) api.revoked.add(token);
    expect(await call()).toBe(401);
    clock.advance(events('token.renewal_paused')[0]?.pauseMs ?? 0);
    expect(await call()).toBe(200);
    expect(clock.monotonic()).toBeLessThan(3 * SECOND);
    expect(calls).toHaveLength(3);
  });
});

describe('during a renewal cooldown, a process with a store', () => {
  test('finds the token that another process has got meanwhile, with one look a second', async () => {
    const { api, callers, calls, clock, store } = several(2);
    const [one, other] = callers;
    for (const call of callers) expect(await call()).toBe(200);
    api.broken.add('/');
    expect(await one?.()).toBe(401);
    api.broken.clear();
    for (const token of ['token-1', 'token-2']) api.revoked.add(token);
    const asked = store.asked.length;
    expect(await one?.()).toBe(401);
    expect(await one?.()).toBe(401);
    expect(store.asked.slice(asked)).toEqual(['get']);
    expect(await other?.()).toBe(200);
    clock.advance(SECOND);
    expect(await one?.()).toBe(200);
    expect(calls).toHaveLength(3);
  });
});

describe('a rejection', () => {
  const dead = (error: string) => fleet((n) => (n > 90 ? granted(n) : json({ error }, 400)));

  test.each(['invalid_client', 'invalid_scope'])(
    '%s is shared: a fleet of 24 asks once, and none asks again after a restart',
    async (error) => {
      const { calls, clock, events, startMany } = dead(error);
      const codes = async () =>
        (await clock.through(Promise.allSettled(startMany(24).map((source) => source.get())))).map((result) =>
          result.status === 'rejected' ? result.reason.oauthError : 'a token',
        );
      expect(await codes()).toEqual(Array(24).fill(error));
      expect(calls).toHaveLength(1);
      expect(await codes()).toEqual(Array(24).fill(error));
      expect(calls).toHaveLength(1);
      expect(events('token.failed').filter(({ shared }) => shared)).toHaveLength(47);
      expect(events('token.requested')).toHaveLength(1);
    },
  );

  test('says that it is shared, until when it holds, and why', async () => {
    const { start } = dead('invalid_client');
    await expect(start().get()).rejects.toMatchObject({ code: 'invalid_client' });
    await expect(start().get()).rejects.toMatchObject({
      code: 'token_request_paused',
      oauthError: 'invalid_client',
      problem: expect.stringContaining('rejected with "invalid_client"'),
      retryAt: expect.any(Date),
    });
  });

  test('ends with its time, and is asked about by one process again, twice as long', async () => {
    const { calls, clock, events, startMany } = dead('invalid_client');
    const sources = startMany(5);
    for (const pauseMs of [30 * SECOND, MINUTE, 2 * MINUTE]) {
      const asked = calls.length;
      await clock.through(Promise.allSettled(sources.map((source) => source.get())));
      expect(calls).toHaveLength(asked + 1);
      const retryAt = events('token.failed').at(-1)?.retryAt?.getTime() ?? 0;
      expect(Math.round((retryAt - clock.wall()) / SECOND / 5) * 5).toBe(pauseMs / SECOND);
      clock.advance(pauseMs);
    }
  });

  test('is not one of another secret', async () => {
    const { calls, start } = dead('invalid_client');
    await expect(start().get()).rejects.toMatchObject({ code: 'invalid_client' });
    await expect(start({ clientSecret: 'another-secret' }).get()).rejects.toMatchObject({ code: 'invalid_client' });
    expect(calls).toHaveLength(2);
  });

  test('with Retry-After is shared too, whatever its status', async () => {
    const { calls, clock, startMany } = fleet((n) => (n > 3 ? granted(n) : json({}, 503, { 'retry-after': '60' })));
    const results = await clock.through(Promise.allSettled(startMany(5).map((source) => source.get())));
    expect(results.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
    expect(calls).toHaveLength(1);
  });

  test('for a reason of its own host, such as a proxy page, is not shared', async () => {
    const { calls, clock, startMany } = fleet((n) => (n === 1 ? new Response('<html>', { status: 403 }) : granted(n)));
    const results = await clock.through(Promise.allSettled(startMany(3).map((source) => source.get())));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(calls).toHaveLength(2);
  });

  test('that is put back into the store after its end holds nobody up', async () => {
    const { calls, clock, store, start } = fleet((n) =>
      n === 1 ? json({ error: 'invalid_client' }, 400) : granted(n),
    );
    await expect(start().get()).rejects.toMatchObject({ code: 'invalid_client' });
    clock.advance(30 * SECOND);
    for (const [key, value] of store.values) await store.put(key, value);
    expect((await start().get()).value).toBe('token-2');
    expect(calls).toHaveLength(2);
  });
});

describe('a store that is busy or slow', () => {
  test('is not given up while the process itself is busy, however long', async () => {
    const { clock, store, start, events, calls } = fleet();
    await start().get();
    const [sealed] = store.values.values();
    let reply = (_value: string | undefined) => {};
    store.instead.get = () => new Promise((resolve) => (reply = resolve));
    const token = start().get();
    await settle();
    for (let n = 0; n < 9; n++) clock.block(300);
    reply(sealed);
    expect((await token).value).toBe('token-1');
    expect(events('store.failed')).toEqual([]);
    expect(calls).toHaveLength(1);
  });
});
