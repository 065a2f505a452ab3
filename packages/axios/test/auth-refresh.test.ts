import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { openBankingAuth } from '@open-banking-auth/axios';
import { type AuthRefreshOptions, installAuthRefresh } from '@open-banking-auth/axios/auth-refresh';
import { createTokenSource, type OpenBankingAuthConfig, type TokenSource } from '@open-banking-auth/core';
import { recordEvents } from '@open-banking-auth/test-kit/recorded-events';
import { banks, sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import axios, {
  AxiosError,
  type AxiosInstance,
  type AxiosRequestConfig,
  type InternalAxiosRequestConfig,
  isAxiosError,
} from 'axios';
import { createAuthRefresh } from 'axios-auth-refresh';

sandboxForEachTest();

interface Equipment extends AxiosRequestConfig {
  readonly source?: TokenSource | OpenBankingAuthConfig;
  readonly options?: AuthRefreshOptions;
}

function equipped({ source = sandbox.config, options, ...config }: Equipment = {}): AxiosInstance {
  const api = axios.create({ baseURL: sandbox.apiUrl, ...config });
  installAuthRefresh(api, source, options);
  return api;
}

/** As axios-auth-refresh itself has it: its option is not declared for axios' own methods. */
interface AuthRefreshRequest extends AxiosRequestConfig {
  readonly skipAuthRefresh: boolean;
}
const skipping: AuthRefreshRequest = { skipAuthRefresh: true };
const notSkipping: AuthRefreshRequest = { skipAuthRefresh: false };

const statusOf = (error: AxiosError) => error.response?.status;

describe('installAuthRefresh(instance, source)', () => {
  test('returns a function that uninstalls it', async () => {
    const api = axios.create();
    const uninstall = installAuthRefresh(api, sandbox.config);
    expect((await api.get(banks)).status).toBe(200);
    uninstall();
    await api.get(banks).catch(statusOf);
    expect(sandbox.requests.map(({ headers }) => headers.authorization !== undefined)).toEqual([true, false]);
    for (const manager of [api.interceptors.request, api.interceptors.response]) {
      expect(manager.handlers?.filter((handler) => handler !== null)).toEqual([]);
    }
  });

  test('leaves a 401 alone for a request with skipAuthRefresh', async () => {
    const api = equipped();
    await api.get(banks);
    sandbox.revokeTokens();
    expect(await api.get(banks, skipping).catch(statusOf)).toBe(401);
    expect((await api.get(banks, { ...skipping, validateStatus: null })).status).toBe(401);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: 3 });
  });

  test('sends again through the instance: other interceptors see the request twice, and the token never', async () => {
    const api = axios.create();
    const refused = jest.fn((error: AxiosError) => Promise.reject(error));
    api.interceptors.response.use(undefined, refused);
    installAuthRefresh(api, sandbox.config);
    const seen: InternalAxiosRequestConfig[] = [];
    api.interceptors.request.use((config) => {
      seen.push(config);
      return config;
    });
    await api.get(banks);
    sandbox.revokeTokens();
    expect((await api.get(banks)).status).toBe(200);
    expect(seen).toHaveLength(3);
    for (const { headers } of seen) expect(headers.has('Authorization')).toBe(false);
    expect(refused).toHaveBeenCalledTimes(1);
  });

  test('renews on a 401 that validateStatus counts as a success, which axios-auth-refresh does not see', async () => {
    const api = equipped({ validateStatus: null });
    await api.get(banks);
    sandbox.revokeTokens();
    expect((await api.get(banks)).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 2, apiRequests: 3 });
  });

  test('renews for each context by itself, when the tokens of both are unauthorized at once', async () => {
    const api = equipped();
    const both = () =>
      Promise.all(
        (['private', 'corporate', 'private', 'corporate'] as const).map((context) =>
          api.get(banks, { openBanking: { context } }),
        ),
      );
    await both();
    sandbox.revokeTokens();
    sandbox.fault({ kind: 'slow', at: 'token', delayMs: 20, jitterMs: 30 });
    expect((await both()).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(sandbox.stats().tokensIssuedByScope).toEqual({
      'accountinformation private': 2,
      'accountinformation corporate': 2,
    });
  });

  test('holds up no request elsewhere while a token is renewed, and fails none when that fails', async () => {
    const api = equipped();
    await api.get(banks);
    sandbox.revokeTokens();
    const release = sandbox.fault({ kind: 'hang', at: 'token' });
    const controller = new AbortController();
    const refused = api.get(banks, { signal: controller.signal }).catch((error: AxiosError) => error.name);
    while (sandbox.stats().tokenRequests < 2) await new Promise((resolve) => setImmediate(resolve));
    expect((await api.get(`${sandbox.foreignUrl}/logo.png`)).status).toBe(200);
    controller.abort();
    expect(await refused).toBe('CanceledError');
    release();
  });

  test('gives the first 401 as axios made it, once transformed, if the token cannot be renewed', async () => {
    const transformResponse = jest.fn((data: string) => JSON.parse(data));
    const api = equipped({ transformResponse });
    await api.get(banks);
    sandbox.revokeTokens();
    sandbox.fault({ kind: 'wrong-secret', at: 'token' });
    const errors = await Promise.all([1, 2, 3].map(() => api.get(banks).catch((error: AxiosError) => error)));
    for (const error of errors) {
      expect(error).toBeInstanceOf(AxiosError);
      expect(error).toHaveProperty('response.data.tppMessages.0.code', 'TOKEN_INVALID');
    }
    expect(new Set(errors).size).toBe(3);
  });

  test('a request that failed when it was sent again can be sent by its caller like any other', async () => {
    const api = equipped();
    sandbox.fault({ kind: 'status', at: 'api', status: 503, times: 1 });
    sandbox.fault({ kind: 'unauthorized', at: 'api', times: 1 });
    const failed: unknown = await api.get(banks).catch((error: unknown) => error);
    if (!isAxiosError(failed)) throw failed;
    expect(statusOf(failed)).toBe(503);
    expect((await api.get(banks)).status).toBe(200);
    sandbox.revokeTokens();
    expect((await api.request({ ...failed.config, ...notSkipping })).status).toBe(200);
  });

  test('frees the connection of a 401 whose body is a long stream before it sends again', async () => {
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 });
    const api = equipped({ responseType: 'stream', httpAgent });
    sandbox.fault({ kind: 'body', at: 'api', status: 401, body: 'x'.repeat(4_000_000), times: 1 });
    expect(JSON.parse(await text((await api.get(banks)).data))).toHaveProperty('aspsps');
    httpAgent.destroy();
  });

  test('on the global axios, together with openBankingAuth: each request is sent again once', async () => {
    const uninstall = installAuthRefresh(axios, sandbox.config);
    const id = axios.interceptors.request.use(openBankingAuth(sandbox.config));
    try {
      sandbox.fault({ kind: 'unauthorized', at: 'api' });
      expect(await axios.get(banks).catch(statusOf)).toBe(401);
      expect(sandbox.stats().apiRequests).toBe(2);
    } finally {
      axios.interceptors.request.eject(id);
      uninstall();
    }
  });

  test.each(['http', 'fetch'])('leaves no token in any config, response or error (%s adapter)', async (adapter) => {
    const source = createTokenSource(sandbox.config);
    const api = equipped({ source, adapter });
    const issued = [(await source.get()).value];
    const seen: unknown[] = [await api.get(banks)];
    api.interceptors.response.use(undefined, (error: unknown) => {
      seen.push(error);
      throw error;
    });
    sandbox.revokeTokens();
    seen.push(await api.post('/echo', { a: 1 }, { transformResponse: () => 'not the echo' }));
    issued.push((await source.get()).value);
    sandbox.fault({ kind: 'unauthorized', at: 'api' });
    seen.push(await api.get(banks).catch((error: unknown) => error));
    issued.push((await source.get()).value);
    sandbox.revokeTokens();
    sandbox.fault({ kind: 'wrong-secret', at: 'token' });
    seen.push(await api.get(banks).catch((error: unknown) => error));
    expect(seen.length).toBeGreaterThanOrEqual(5);
    expect(new Set(issued).size).toBe(3);
    for (const value of seen) {
      const shown = inspect(value, { depth: null }) + JSON.stringify(Object.assign({}, value, { data: null }));
      for (const token of issued) expect(shown).not.toContain(token);
    }
  });
});

describe("axios-auth-refresh's own options", () => {
  /** One request that is refused and could be sent again. */
  async function refusedOnce(options: AuthRefreshOptions, request: AxiosRequestConfig = {}) {
    const source = createTokenSource(sandbox.config);
    await source.get();
    sandbox.revokeTokens();
    return equipped({ source, options })
      .request({ url: banks, ...request })
      .then(({ status }) => status, statusOf);
  }

  test('onRetry is given the request that is sent again, and may change it', async () => {
    const onRetry = jest.fn((config: InternalAxiosRequestConfig) => {
      config.headers.set('X-Retried', 'yes');
      return config;
    });
    expect(await refusedOnce({ onRetry })).toBe(200);
    expect(onRetry).toHaveBeenCalledTimes(1);
    expect(sandbox.requests.map(({ headers }) => headers['x-retried'])).toEqual([undefined, 'yes']);
  });

  test('onRetry that sends it elsewhere does not send the token there', async () => {
    const onRetry = (config: InternalAxiosRequestConfig) => ({ ...config, url: `${sandbox.foreignUrl}/x` });
    expect(await refusedOnce({ onRetry })).toBe(200);
    expect(sandbox.stats()).toMatchObject({ foreignRequests: 1, foreignRequestsWithAuthorization: 0 });
  });

  test('onRetry that brings an Authorization of its own is obeyed', async () => {
    const onRetry = (config: InternalAxiosRequestConfig) => {
      config.headers.set('Authorization', 'Bearer my-own');
      return config;
    };
    expect(await refusedOnce({ onRetry })).toBe(401);
    expect(sandbox.requests.map(({ headers }) => headers.authorization).slice(1)).toEqual(['Bearer my-own']);
    expect(sandbox.stats().tokenRequests).toBe(1);
  });

  test('onRetry that changes the scope gets a token for that scope', async () => {
    const onRetry = (config: InternalAxiosRequestConfig) => ({
      ...config,
      openBanking: { context: 'corporate' as const },
    });
    expect(await refusedOnce({ onRetry })).toBe(200);
    expect(sandbox.stats().tokensIssuedByScope).toHaveProperty('accountinformation corporate', 1);
  });

  test('retryInstance sends it again, with a renewed token though nothing is installed on it', async () => {
    const retryInstance = axios.create({ headers: { 'X-Instance': 'second' } });
    expect(await refusedOnce({ retryInstance })).toBe(200);
    expect(sandbox.requests.map(({ headers }) => headers['x-instance'])).toEqual([undefined, 'second']);
  });

  test.each<[string, AuthRefreshOptions]>([
    ['shouldRefresh that returns false', { shouldRefresh: () => false }],
    ['maxRetries: 0', { maxRetries: 0 }],
    ['statusCodes: []', { statusCodes: [] }],
  ])('%s leaves the 401 as it is', async (_, options) => {
    expect(await refusedOnce(options)).toBe(401);
    expect(sandbox.stats()).toMatchObject({ apiRequests: 1, tokenRequests: 1 });
  });

  test('shouldRefresh is asked only about a 401 that a new token may change', async () => {
    const shouldRefresh = jest.fn(() => true);
    expect(await refusedOnce({ shouldRefresh, statusCodes: [401], maxRetries: 3, deduplicateRefresh: false })).toBe(
      200,
    );
    sandbox.fault({ kind: 'unauthorized', at: 'api', code: 'CONSENT_EXPIRED' });
    expect(await refusedOnce({ shouldRefresh })).toBe(401);
    expect(shouldRefresh).toHaveBeenCalledTimes(1);
  });

  test.each([
    ['deduplicateRefresh', { deduplicateRefresh: true }],
    ['statusCodes', { statusCodes: [401, 403] }],
    ['interceptNetworkError', { interceptNetworkError: true }],
  ])('%s that cannot be supported is invalid, and nothing is installed', async (name, options) => {
    const api = axios.create();
    expect(() => installAuthRefresh(api, sandbox.config, options as AuthRefreshOptions)).toThrow(
      expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining(`"${name}"`) }),
    );
    await api.get(banks).catch(statusOf);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 0, apiRequests: 1 });
  });
});

test('a stream is not sent again; axios-auth-refresh by itself sends an empty body after it', async () => {
  const headers = { Authorization: 'Bearer revoked', 'X-Request-ID': crypto.randomUUID() };
  const bare = axios.create({ headers });
  createAuthRefresh(bare as never, () => Promise.resolve());
  const echo = `${sandbox.apiUrl}/echo`;
  await bare.post(echo, Readable.from(['streamed'])).catch(statusOf);
  expect(sandbox.requests.map(({ body }) => body.toString())).toEqual(['streamed', '']);

  const { events, onEvent } = recordEvents();
  const source = createTokenSource({ ...sandbox.config, onEvent });
  await source.get();
  sandbox.revokeTokens();
  sandbox.resetStats();
  const api = equipped({ source });
  expect(await api.post(echo, Readable.from(['streamed'])).catch(statusOf)).toBe(401);
  expect(sandbox.requests.map(({ body }) => body.toString())).toEqual(['streamed']);
  expect(events('request.unauthorized')).toEqual([expect.objectContaining({ reason: 'body_not_repeatable' })]);
  await source.get();
});
