import { createReadStream } from 'node:fs';
import { inspect } from 'node:util';
import { createTokenSource } from '@open-banking-auth/core';
import { openBankingAuth } from '@open-banking-auth/ky';
import { banks, echo, sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import { CONFIG, granted, json, until } from '@open-banking-auth/test-kit/token-endpoint';
import ky, { HTTPError, NetworkError, type Options, TimeoutError } from 'ky';
import formerKy from 'ky1';

sandboxForEachTest();

describe('ky.extend(openBankingAuth(config))', () => {
  test.each([
    ['as the whole of the options', () => ky.extend(openBankingAuth(sandbox.config))],
    ['as its hooks', () => ky.extend({ hooks: openBankingAuth(sandbox.config).hooks })],
    ['in ky.create', () => ky.create({ ...openBankingAuth(sandbox.config), retry: 0 })],
  ])('%s puts a token on requests, and replays after a 401', async (_, make) => {
    const api = make();
    expect(await api(banks).json()).toHaveProperty('aspsps');
    sandbox.revokeTokens();
    const { bodyBase64 } = await api
      .post<{ bodyBase64: string }>(`${sandbox.apiUrl}/echo`, { json: { amount: 1 } })
      .json();
    expect(atob(bodyBase64)).toBe('{"amount":1}');
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 2, apiRequests: 3 });
  });

  test.each([
    ['ky 2', ky],
    ['ky 1', formerKy],
  ])('as the hooks themselves is an error at once, with %s', (_, client) => {
    expect(() => client.extend({ hooks: openBankingAuth(sandbox.config) } as object)).toThrow(
      'was given to ky as "hooks", which it contains. Give it to ky itself: ky.extend(openBankingAuth(config))',
    );
  });

  test("brings no fetch of its own, so that it cannot replace the caller's", () => {
    expect(Object.keys(openBankingAuth(sandbox.config))).toEqual(['hooks']);
  });

  test.each([
    ['before', (own: typeof fetch) => ky.extend({ fetch: own }).extend(openBankingAuth(sandbox.config))],
    ['after', (own: typeof fetch) => ky.extend(openBankingAuth(sandbox.config)).extend({ fetch: own })],
  ])("the caller's fetch, given %s, is what sends", async (_, make) => {
    const own = jest.fn(fetch);
    const api = make(own);
    await api(banks);
    sandbox.revokeTokens();
    await api(banks);
    expect(own).toHaveBeenCalledTimes(3);
  });

  test('requests reach the fetch of the caller in the order in which they were made', async () => {
    const order: string[] = [];
    const below: typeof fetch = async (input, init) => {
      order.push(new Request(input, init).url);
      return json({});
    };
    const { signal } = new AbortController();
    const kinds: Options[] = [
      { signal },
      {},
      { timeout: false },
      { method: 'post', body: new Blob(['a']).stream() },
      { method: 'post', json: { a: 1 } },
      { retry: 0, signal },
    ];
    const api = ky.extend(openBankingAuth(sandbox.config)).extend({ fetch: below });
    const urls = Array.from({ length: 6 }, (_, nth) => `${echo}?nth=${nth}`);
    await Promise.all(urls.map((url, nth) => api(url, kinds[nth])));
    expect(order).toEqual(urls);
  });

  test("the caller's retries each carry a current token and a fresh request id, and are not spent on the 401", async () => {
    const api = ky.extend(openBankingAuth(sandbox.config)).extend({ retry: { limit: 2, delay: () => 1 } });
    await api(banks);
    sandbox.fault({ kind: 'status', status: 503, at: 'api', times: 2 });
    sandbox.revokeTokens();
    sandbox.resetStats();
    expect((await api(banks)).status).toBe(200);
    // 503, 503, then 401 and its replay within the last try.
    expect(sandbox.stats()).toMatchObject({ apiRequests: 4, tokenRequests: 1, unauthorized: 1 });
    expect(new Set(sandbox.requests.map(({ headers }) => headers['x-request-id'])).size).toBe(4);
  });

  test("the caller's hooks see neither the token nor the 401 before the replay", async () => {
    const seen: unknown[] = [];
    const api = ky.extend(openBankingAuth(sandbox.config)).extend({
      hooks: {
        beforeRequest: [({ request }) => void seen.push(request.headers.get('authorization'))],
        afterResponse: [({ response }) => void seen.push(response.status)],
      },
    });
    await api(banks);
    sandbox.revokeTokens();
    await api(banks);
    expect(seen).toEqual([null, 200, null, 200]);
  });

  test('a 401 that stands is an HTTPError with its body, without the token', async () => {
    const tokens = createTokenSource(sandbox.config);
    const { value } = await tokens.get();
    sandbox.fault({ kind: 'unauthorized', at: 'api', code: 'CONSENT_EXPIRED' });
    const error: unknown = await ky
      .extend(openBankingAuth(tokens))(banks)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HTTPError);
    expect(error).toHaveProperty('data.tppMessages.0.code', 'CONSENT_EXPIRED');
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(value);
  });

  test("a token request that fails reaches the caller as our error, once, whatever ky's retries", async () => {
    sandbox.fault({ kind: 'wrong-secret', at: 'token' });
    const api = ky.extend(openBankingAuth(sandbox.config)).extend({ retry: { limit: 3, delay: () => 1 } });
    await expect(api(banks)).rejects.toMatchObject({ name: 'OpenBankingAuthError', code: 'invalid_client' });
    expect(sandbox.stats().tokenRequests).toBe(1);
  });

  test("ky's timeout covers the wait for the token", async () => {
    sandbox.fault({ kind: 'hang', at: 'token' });
    const api = ky.extend(openBankingAuth(sandbox.config)).extend({ timeout: 50, retry: 0 });
    await expect(api(banks)).rejects.toBeInstanceOf(TimeoutError);
  });

  test.each([
    ['prefix', () => ({ prefix: sandbox.foreignUrl })],
    ['baseUrl', () => ({ baseUrl: `${sandbox.foreignUrl}/` })],
  ])('a relative URL against a %s that may not have the token is a mistake, which is named', async (_, base) => {
    const api = ky.extend(openBankingAuth(sandbox.config)).extend(base());
    await expect(api('psd2/x')).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining(`"apiOrigins" does not contain "${sandbox.foreignUrl}"`),
    });
    expect((await api('logo', { context: { openBanking: false } })).status).toBe(200);
    expect((await api(new URL(banks))).status).toBe(200);
    expect(sandbox.stats().foreignRequestsWithAuthorization).toBe(0);
  });

  test('a Request as input is replayed with its body', async () => {
    const api = ky.extend(openBankingAuth(sandbox.config));
    await api(banks);
    sandbox.revokeTokens();
    const sent = await api(new Request(`${sandbox.apiUrl}/echo`, { method: 'PUT', body: 'whole' })).json<{
      bodyBase64: string;
    }>();
    expect(atob(sent.bodyBase64)).toBe('whole');
  });

  test('options of a request in an extended instance go along', async () => {
    const corporate = ky
      .extend(openBankingAuth(sandbox.config))
      .extend({ context: { openBanking: { context: 'corporate' } } });
    await corporate(banks);
    expect(sandbox.stats().tokensIssuedByScope).toEqual({ 'accountinformation corporate': 1 });
  });

  test.each<[string, (options: Options, own: typeof fetch) => void]>([
    ['by a later init hook', (options, own) => void Object.assign(options, { fetch: own })],
    [
      'around the one that is there',
      (options, own) => {
        const { fetch: below = own } = options;
        options.fetch = async (input, init) => {
          await own('data:,seen');
          return below(input, init);
        };
      },
    ],
  ])("the caller's fetch, set %s, is used, and the token is on the request", async (_, init) => {
    const own = jest.fn(fetch);
    const api = ky
      .extend(openBankingAuth(sandbox.config))
      .extend({ hooks: { init: [(options) => init(options, own)] } });
    expect((await api(banks)).status).toBe(200);
    expect(own).toHaveBeenCalledTimes(1);
    expect(sandbox.stats()).toMatchObject({ apiRequests: 1, tokenRequests: 1 });
  });

  test('the referrer that ky was given is kept', async () => {
    const seen: string[] = [];
    const send: typeof fetch = async (input, init) => {
      seen.push(new Request(input, init).referrer);
      return Response.json({});
    };
    const referrer = 'https://shop.test.invalid/basket';
    await ky.extend({ fetch: send }).extend(openBankingAuth(sandbox.config))(banks, { referrer });
    expect(seen).toEqual([referrer]);
  });

  test('the context that a later init hook sets is used', async () => {
    const setContext = (options: Options) =>
      void Object.assign(options, { context: { openBanking: { context: 'corporate' } } });
    await ky.extend(openBankingAuth(sandbox.config)).extend({ hooks: { init: [setContext] } })(banks);
    expect(sandbox.stats().tokensIssuedByScope).toEqual({ 'accountinformation corporate': 1 });
  });

  test.each([
    ['absolute URLs', {}, {}],
    ['relative URLs', { prefix: '' }, { prefix: '' }],
  ])('two sources for two origins each serve theirs, with %s', async (_, ...bases) => {
    const apis = ['https://one.test.invalid', 'https://two.test.invalid'];
    const sent: string[] = [];
    const send: typeof fetch = async (input, init) => {
      const { url, headers } = new Request(input, init);
      sent.push(`${new URL(url).host} ${headers.get('authorization')}`);
      return Response.json({});
    };
    const [one, two] = apis.map((origin, n) =>
      openBankingAuth({ ...CONFIG, apiOrigins: [origin], fetch: async () => granted(n + 1) }),
    );
    const api = ky
      .extend({ fetch: send })
      .extend(one ?? {})
      .extend(two ?? {});
    for (const [n, origin] of apis.entries()) {
      if ('prefix' in (bases[n] ?? {})) await api('x', { prefix: origin });
      else await api(`${origin}/x`);
    }
    expect(sent).toEqual(['one.test.invalid Bearer token-1', 'two.test.invalid Bearer token-2']);
    await expect(api('x', { prefix: 'https://three.test.invalid' })).rejects.toMatchObject({ code: 'invalid_config' });
  });

  test('a file that is not there rejects the request while it waits for the token, and the process lives', async () => {
    const api = ky.extend(openBankingAuth(sandbox.config)).extend({ retry: 0 });
    sandbox.fault({ kind: 'hang', at: 'token' });
    const body = createReadStream('/there/is/no/such/file');
    await expect(api.post(echo, { body: body as unknown as ReadableStream })).rejects.toBeInstanceOf(NetworkError);
  });

  test('a file that is not sent, since the token request failed, is closed', async () => {
    sandbox.fault({ kind: 'wrong-secret', at: 'token' });
    const body = createReadStream(__filename);
    const api = ky.extend(openBankingAuth(sandbox.config)).extend({ retry: 0 });
    await expect(api.post(echo, { body: body as unknown as ReadableStream })).rejects.toMatchObject({
      code: 'invalid_client',
    });
    await until(() => body.closed);
  });
});
