import { createReadStream } from 'node:fs';
import { createTokenSource } from '@open-banking-auth/core';
import { openBankingAuth } from '@open-banking-auth/ky';
import { recordEvents } from '@open-banking-auth/test-kit/recorded-events';
import { banks, echo, sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import { CONFIG, granted, json, until } from '@open-banking-auth/test-kit/token-endpoint';
import { Response as UndiciResponse } from 'undici';

// An application has one ky: here it is ky 1.14, for the package too.
jest.mock('ky', () => jest.requireActual('ky1'));

import formerKy, { HTTPError, TimeoutError } from 'ky1';

sandboxForEachTest();

// Typed by the ky beside the package, which is ky 2 here.
const hooks = (): object => openBankingAuth(sandbox.config);

describe('ky.extend(openBankingAuth(config)) with ky 1.14', () => {
  test.each([
    ['as the whole of the options', () => formerKy.extend(hooks())],
    ['as its hooks', () => formerKy.extend({ hooks: openBankingAuth(sandbox.config).hooks as object })],
    ['in ky.create', () => formerKy.create({ ...hooks(), retry: 0 })],
  ])('%s puts a token on requests, and replays after a 401', async (_, make) => {
    const api = make();
    expect(await api(banks).json()).toHaveProperty('aspsps');
    sandbox.revokeTokens();
    const { bodyBase64 } = await api.post<{ bodyBase64: string }>(echo, { json: { amount: 1 } }).json();
    expect(atob(bodyBase64)).toBe('{"amount":1}');
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 2, apiRequests: 3 });
  });

  test.each([
    ['before', (own: typeof fetch) => formerKy.extend({ fetch: own }).extend(hooks())],
    ['after', (own: typeof fetch) => formerKy.extend(hooks()).extend({ fetch: own })],
  ])("the caller's fetch, given %s, is what sends", async (_, make) => {
    const own = jest.fn(fetch);
    const api = make(own);
    await api(banks);
    sandbox.revokeTokens();
    await api(banks);
    expect(own).toHaveBeenCalledTimes(3);
  });

  test('options that are for fetch reach it, and those of ky do not', async () => {
    const own = jest.fn<Promise<Response>, Parameters<typeof fetch>>(async () => json({}));
    const dispatcher = {};
    const options = { fetch: own, dispatcher, next: { revalidate: 1 }, referrer: 'https://shop.test.invalid/' };
    await formerKy.extend(hooks()).extend(options as object)(banks, { timeout: 5_000, searchParams: { a: 1 } });
    const [[input, init] = []] = own.mock.calls;
    expect(init).toMatchObject({ dispatcher, next: { revalidate: 1 }, referrer: 'https://shop.test.invalid/' });
    expect(Object.keys(init ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/timeout|retry|prefixUrl|context|^fetch$/)]),
    );
    expect((input as Request).url).toBe(`${banks}?a=1`);
  });

  test('requests reach the fetch of the caller in the order in which they were made', async () => {
    const order: string[] = [];
    const below: typeof fetch = async (input, init) => {
      order.push(new Request(input, init).url);
      return json({});
    };
    const { signal } = new AbortController();
    const kinds = [
      { signal },
      {},
      { timeout: false },
      { method: 'post', body: 'a' },
      { method: 'post', json: {} },
    ] as const;
    const api = formerKy.extend(hooks()).extend({ fetch: below });
    const urls = kinds.map((_, nth) => `${echo}?nth=${nth}`);
    await Promise.all(urls.map((url, nth) => api(url, kinds[nth])));
    expect(order).toEqual(urls);
  });

  test("the caller's retries each carry a current token and a fresh request id, and are not spent on the 401", async () => {
    const api = formerKy.extend(hooks()).extend({ retry: { limit: 2, delay: () => 1 } });
    await api(banks);
    sandbox.fault({ kind: 'status', status: 503, at: 'api', times: 2 });
    sandbox.revokeTokens();
    sandbox.resetStats();
    expect((await api.put(echo, { json: { amount: 1 } })).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ apiRequests: 4, tokenRequests: 1, unauthorized: 1 });
    expect(sandbox.requests.map(({ body }) => body.toString())).toEqual(Array(4).fill('{"amount":1}'));
    expect(new Set(sandbox.requests.map(({ headers }) => headers['x-request-id'])).size).toBe(4);
  });

  test("the caller's hooks run: those before the request as far as they come first", async () => {
    const seen: unknown[] = [];
    const beforeRequest = (name: string) => ({
      hooks: { beforeRequest: [(request: Request) => void seen.push(name, request.headers.get('authorization'))] },
    });
    const api = formerKy
      .extend(beforeRequest('first'))
      .extend(hooks())
      .extend(beforeRequest('last'))
      .extend({ hooks: { afterResponse: [(_request, _options, response) => void seen.push(response.status)] } });
    await api(banks);
    sandbox.revokeTokens();
    await api(banks);
    expect(seen).toEqual(['first', null, 200, 'first', null, 200]);
  });

  test('a 401 that stands is an HTTPError with its body, without the token', async () => {
    sandbox.fault({ kind: 'unauthorized', at: 'api', code: 'CONSENT_EXPIRED' });
    const error: unknown = await formerKy
      .extend(hooks())
      .post(echo, { body: 'whole', retry: 0 })
      .catch((thrown: unknown) => thrown);
    if (!(error instanceof HTTPError)) throw error;
    expect(await error.response.json()).toHaveProperty('tppMessages.0.code', 'CONSENT_EXPIRED');
    expect(error.request.headers.has('authorization')).toBe(false);
  });

  test("ky's timeout covers the wait for the token and the request, once, and ends both", async () => {
    const api = formerKy.extend(hooks()).extend({ timeout: 50, retry: 0 });
    sandbox.fault({ kind: 'hang', at: 'token', times: 1 });
    await expect(api(banks)).rejects.toBeInstanceOf(TimeoutError);

    const tokens = createTokenSource({ ...CONFIG, fetch: async () => granted(1) });
    await tokens.get();
    const aborted = jest.fn();
    const slow = formerKy.create({
      ...(openBankingAuth(tokens) as object),
      timeout: 50,
      retry: 0,
      fetch: async (_, init) => new Promise(() => init?.signal?.addEventListener('abort', aborted)),
    });
    await expect(slow(`${CONFIG.apiOrigins[0]}/x`)).rejects.toMatchObject({
      name: 'TimeoutError',
      request: expect.any(Request),
    });
    expect(aborted).toHaveBeenCalledTimes(1);
  });

  test('a timeout is retried if the caller says so', async () => {
    const api = formerKy
      .extend(hooks())
      .extend({ timeout: 200, retry: { limit: 1, delay: () => 1, retryOnTimeout: true } });
    await api(banks);
    sandbox.fault({ kind: 'hang', at: 'api', times: 1 });
    expect((await api(banks)).status).toBe(200);
  });

  test("a token request that fails reaches the caller as our error, once, whatever ky's retries", async () => {
    sandbox.fault({ kind: 'wrong-secret', at: 'token' });
    const beforeRetry = jest.fn();
    const api = formerKy
      .extend(hooks())
      .extend({ retry: { limit: 3, delay: () => 1 }, hooks: { beforeRetry: [beforeRetry] } });
    await expect(api(banks)).rejects.toMatchObject({ name: 'OpenBankingAuthError', code: 'invalid_client' });
    expect(sandbox.stats().tokenRequests).toBe(1);
    expect(beforeRetry).not.toHaveBeenCalled();
  });

  test('a Response of the undici package is taken as one, and nothing is sent twice', async () => {
    const own = jest.fn(
      async () => new UndiciResponse('{"a":1}', { status: 201, headers: { 'x-a': 'b' } }) as unknown as Response,
    );
    const response = await formerKy.extend(hooks()).extend({ fetch: own })(banks);
    expect([response.status, response.headers.get('x-a'), await response.json()]).toEqual([201, 'b', { a: 1 }]);
    expect(own).toHaveBeenCalledTimes(1);
  });

  test('a relative URL against a prefixUrl that may not have the token is a mistake, which is named', async () => {
    const api = formerKy.extend(hooks()).extend({ prefixUrl: sandbox.foreignUrl, retry: 0 });
    await expect(api('psd2/x')).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining(`"apiOrigins" does not contain "${sandbox.foreignUrl}"`),
    });
    expect((await api('logo', { context: { openBanking: false } })).status).toBe(200);
    expect(sandbox.stats().foreignRequestsWithAuthorization).toBe(0);
  });

  test('a file that is not sent, since the token request failed, is closed', async () => {
    sandbox.fault({ kind: 'wrong-secret', at: 'token' });
    const body = createReadStream(__filename);
    const call = formerKy.extend(hooks()).post(echo, { body: body as unknown as ReadableStream, retry: 0 });
    await expect(call).rejects.toMatchObject({ code: 'invalid_client' });
    await until(() => body.closed);
  });

  test('a request elsewhere is sent by ky itself, after all hooks', async () => {
    const { events, onEvent } = recordEvents();
    const later = jest.fn();
    const api = formerKy
      .extend(openBankingAuth({ ...sandbox.config, onEvent }) as object)
      .extend({ hooks: { beforeRequest: [later] } });
    expect((await api(`${sandbox.foreignUrl}/x`)).status).toBe(200);
    expect(later).toHaveBeenCalledTimes(1);
    expect(events('origin.skipped')).toMatchObject([{ origin: sandbox.foreignUrl }]);
    expect(sandbox.stats()).toMatchObject({ foreignRequests: 1, foreignRequestsWithAuthorization: 0 });
  });

  test('two sources for two origins each serve theirs', async () => {
    const other = openBankingAuth({
      ...CONFIG,
      apiOrigins: [sandbox.foreignUrl],
      fetch: async () => granted(1),
    }) as object;
    const api = formerKy.extend(other).extend(hooks());
    await api(banks);
    await api(`${sandbox.foreignUrl}/x`);
    expect(sandbox.stats()).toMatchObject({ apiRequests: 1, foreignRequestsWithAuthorization: 1 });
  });
});

test('with an older ky the request fails before anything is sent, and the error says what to do', async () => {
  const [hook] = openBankingAuth(sandbox.config).hooks.beforeRequest ?? [];
  const asKy112Calls = hook as (...given: unknown[]) => Promise<unknown>;
  await expect(
    asKy112Calls(new Request(banks), { retry: {}, timeout: false, fetch }, { retryCount: 0 }),
  ).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringMatching(/needs ky 1\.14 or later.*npm install ky@1\.14/s),
  });
  expect(sandbox.stats()).toMatchObject({ apiRequests: 0, tokenRequests: 0 });
});
