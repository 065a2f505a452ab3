import { inspect } from 'node:util';
import {
  createTokenSource,
  memoryTokenStore,
  OpenBankingAuthError,
  openBankingFetch,
  type RequestedToken,
  type TokenFunctionRequest,
} from '@open-banking-auth/core';
import { FakeClock } from '@open-banking-auth/test-kit/fake-clock';
import { recordEvents } from '@open-banking-auth/test-kit/recorded-events';
import { deferred, until } from '@open-banking-auth/test-kit/token-endpoint';
import { HOSTS, refusal, STORE_SECRET } from './plain-source.js';

const { apiOrigins } = HOSTS;
const API = `${apiOrigins[0]}/accounts`;

type Run = (n: number, request: TokenFunctionRequest) => RequestedToken | Promise<RequestedToken>;
const nth: Run = (n) => ({ accessToken: `token-${n}`, expiresInSeconds: 3_600 });

function sourceWith(run: Run, config: { scope?: string; timeoutMs?: number } = {}, clock = new FakeClock()) {
  const requests: TokenFunctionRequest[] = [];
  const { all, onEvent } = recordEvents();
  const requestToken = async (request: TokenFunctionRequest) => {
    requests.push(request);
    return run(requests.length, request);
  };
  const tokens = createTokenSource({ apiOrigins, requestToken, onEvent, ...config }, { clock, random: () => 1 });
  return { tokens, clock, requests, all };
}

describe('requestToken', () => {
  test('brings the token of every request, once for all callers, and refreshes it ahead', async () => {
    const { tokens, clock, requests } = sourceWith(nth, { scope: 'b a' });
    const sent: unknown[] = [];
    const api = openBankingFetch(tokens, {
      fetch: async (_url, init) => {
        sent.push(new Headers(init?.headers).get('authorization'));
        return new Response();
      },
    });
    await Promise.all(Array.from({ length: 50 }, () => api(API)));
    expect(new Set(sent)).toEqual(new Set(['Bearer token-1']));
    expect(requests).toEqual([{ scope: 'a b', signal: expect.any(AbortSignal) }]);
    clock.advance(3_600_000 - 60_000);
    await api(API);
    await until(() => tokens.peek()?.value === 'token-2');
    await api(API);
    expect(sent.slice(-2)).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(requests).toHaveLength(2);
  });

  test('brings one new token for 50 requests that get a 401, and each is sent once more', async () => {
    const { tokens, requests } = sourceWith(nth);
    const api = openBankingFetch(tokens, {
      fetch: async (_url, init) => {
        const isNew = new Headers(init?.headers).get('authorization') === 'Bearer token-2';
        return new Response(
          '',
          isNew ? {} : { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
        );
      },
    });
    const responses = await Promise.all(Array.from({ length: 50 }, () => api(API)));
    expect(responses.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(requests).toHaveLength(2);
  });

  test('says which scope was granted; by default the one asked for', async () => {
    const { tokens } = sourceWith(
      (n, { scope }) => ({ ...nth(n, {} as never), ...(scope === 'a' && { scope: 'other' }) }),
      {
        scope: 'a',
      } as never,
    );
    expect((await tokens.get()).scope).toBe('other');
    expect((await tokens.get({ scope: 'c b' })).scope).toBe('b c');
  });

  test('that throws fails transiently: it is tried three times, then not for a while, and its message stays out', async () => {
    const { tokens, clock, requests, all } = sourceWith(() => {
      throw new RangeError('with the secret s3cret');
    });
    const error = await clock.through(tokens.get()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'token_request_failed',
      message: expect.stringMatching(/^The "requestToken" function threw RangeError\. Log errors inside that function/),
    });
    expect(requests).toHaveLength(3);
    await expect(tokens.get()).rejects.toMatchObject({ code: 'token_request_paused' });
    expect(requests).toHaveLength(3);
    expect(inspect([error, all, tokens], { depth: null }) + JSON.stringify([error, all])).not.toContain('s3cret');
  });

  test('that throws an error of this library is judged by its code: a rejection is not tried again', async () => {
    const rejection = new OpenBankingAuthError({ code: 'invalid_client', problem: 'Wrong key', hint: 'Use another' });
    const { tokens, requests } = sourceWith(() => {
      throw rejection;
    });
    await expect(tokens.get()).rejects.toBe(rejection);
    await expect(tokens.get()).rejects.toMatchObject({ code: 'token_request_paused', hint: 'Use another' });
    expect(requests).toHaveLength(1);
  });

  test('that takes too long is aborted', async () => {
    const never = deferred<RequestedToken>();
    const { tokens, clock, requests } = sourceWith(() => never.promise, { timeoutMs: 1_000 });
    await expect(clock.through(tokens.get())).rejects.toMatchObject({
      code: 'token_request_timeout',
      message: expect.stringContaining('The "requestToken" function did not return within 1000 ms'),
    });
    expect(requests.map(({ signal }) => signal.aborted)).toEqual([true, true, true]);
  });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'returned undefined'],
    ['a string', 'token', 'returned a string'],
    ['the body of an OAuth response', { access_token: 't', expires_in: 1 }, 'returned "accessToken" as undefined'],
    ['no lifetime', { accessToken: 't' }, 'returned "expiresInSeconds" as undefined'],
    ['a lifetime as text', { accessToken: 't', expiresInSeconds: '60' }, 'returned "expiresInSeconds" as a string'],
    ['a lifetime of 0', { accessToken: 't', expiresInSeconds: 0 }, 'returned "expiresInSeconds" as 0'],
    ['a lifetime of NaN', { accessToken: 't', expiresInSeconds: Number.NaN }, 'returned "expiresInSeconds" as NaN'],
    ['an empty token', { accessToken: '', expiresInSeconds: 1 }, 'no HTTP header can carry'],
    ['a token with a line break', { accessToken: 'a\nb', expiresInSeconds: 1 }, 'no HTTP header can carry'],
    ['a scope that is no text', { accessToken: 't', expiresInSeconds: 1, scope: ['a'] }, '"scope" as an array'],
  ])('that returns %s has not returned a token, and the error says what is missing', async (_, returned, says) => {
    const { tokens } = sourceWith(() => returned as RequestedToken);
    await expect(tokens.get()).rejects.toMatchObject({
      code: 'token_response_invalid',
      message: expect.stringMatching(
        new RegExp(`${says}.*It must return \\{ accessToken, expiresInSeconds, scope\\? \\}`),
      ),
    });
  });

  test.each(['tokenUrl', 'environment', 'clientId', 'clientSecret', 'clientKey', 'parameters', 'fetch'])(
    'beside "%s", which it would not use, is invalid',
    (option) => {
      const other =
        option === 'fetch' ? fetch : option === 'environment' ? 'sandbox' : option === 'parameters' ? {} : 'x';
      const value = option === 'tokenUrl' ? HOSTS.tokenUrl : other;
      expect(refusal({ apiOrigins, requestToken: nth, [option]: value })).toContain(
        `"${option}" is of no use with "requestToken"`,
      );
    },
  );

  test('needs the origins that may have its token, and must be a function', () => {
    expect(refusal({ requestToken: nth })).toContain('"apiOrigins" is missing');
    expect(refusal({ apiOrigins, requestToken: 'token' })).toContain('"requestToken" is a string');
  });
});

describe('storeSecret', () => {
  function fleetWith(storeSecret: string, store = memoryTokenStore(), origins: readonly string[] = apiOrigins) {
    let calls = 0;
    const requestToken = async () => ({ accessToken: `token-${++calls}`, expiresInSeconds: 3_600 });
    const start = () => createTokenSource({ apiOrigins: origins, requestToken, store, storeSecret });
    return { start, store, calls: () => calls };
  }

  test('lets processes share the tokens of requestToken: 24 at once request one', async () => {
    const { start, calls } = fleetWith(STORE_SECRET);
    const tokens = await Promise.all(Array.from({ length: 24 }, () => start().get()));
    expect(new Set(tokens.map(({ value }) => value))).toEqual(new Set(['token-1']));
    expect(calls()).toBe(1);
  });

  test('another one, or other origins, share nothing', async () => {
    const one = fleetWith(STORE_SECRET);
    const others = [
      fleetWith(`${STORE_SECRET}!`, one.store),
      fleetWith(STORE_SECRET, one.store, ['https://api.other.invalid']),
    ];
    for (const { start } of [one, ...others]) await start().get();
    expect(others.map(({ calls }) => calls())).toEqual([1, 1]);
  });

  test('seals: neither it nor the token are in the store', async () => {
    const values: string[] = [];
    const store = { ...memoryTokenStore(), set: async (...given: unknown[]) => void values.push(...given.map(String)) };
    await fleetWith(STORE_SECRET, store).start().get();
    await until(() => values.length > 0);
    expect(values.join()).not.toMatch(/token-1|32 characters/);
    expect(values.join()).toMatch(/^[0-9a-f]{64},/);
  });

  const store = memoryTokenStore();
  const certificate = { ...HOSTS, clientId: 'x'.repeat(40), clientAuthentication: 'tls_client_auth', fetch, store };
  test.each<[string, object, string]>([
    [
      'missing',
      { apiOrigins, requestToken: nth, store },
      '"storeSecret" is missing: without a client secret, it protects',
    ],
    ['missing for a certificate', certificate, '"storeSecret" is missing'],
    ['the client id', { ...certificate, storeSecret: 'x'.repeat(40) }, '"storeSecret" is the client id'],
    ['too short', { ...certificate, storeSecret: 'x'.repeat(31) }, '"storeSecret" is too short. Give 32 random'],
    ['not set', { ...certificate, storeSecret: 'undefined' }, '"storeSecret" is the text "undefined"'],
    ['no string', { ...certificate, storeSecret: 1 }, '"storeSecret" must be a string, got a number'],
    [
      'beside a client secret',
      { ...HOSTS, clientId: 'x', clientSecret: 'y', store, storeSecret: STORE_SECRET },
      '"storeSecret" is of no use with clientAuthentication "client_secret_post"',
    ],
  ])('that is %s is invalid', (_, config, says) => {
    expect(refusal(config)).toContain(says);
  });
});
