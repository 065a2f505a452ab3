import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { openBankingAuth } from '@open-banking-auth/axios';
import { installAuthRefresh } from '@open-banking-auth/axios/auth-refresh';
import { createTokenSource, type OpenBankingAuthConfig, type TokenSource } from '@open-banking-auth/core';
import { expectNothingDisclosed } from '@open-banking-auth/test-kit/disclosures';
import {
  banks,
  echo,
  heldBack,
  sandbox,
  sandboxForEachTest,
  tokenRequested,
} from '@open-banking-auth/test-kit/sandbox-for-each-test';
import { SINKS } from '@open-banking-auth/test-kit/sinks';
import { granted } from '@open-banking-auth/test-kit/token-endpoint';
import axios, {
  Axios,
  AxiosError,
  AxiosHeaders,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
  getAdapter,
  type InternalAxiosRequestConfig,
} from 'axios';

sandboxForEachTest();

type Install = (api: AxiosInstance, source: TokenSource | OpenBankingAuthConfig) => unknown;
const intercept: Install = (api, source) => api.interceptors.request.use(openBankingAuth(source));

const ways: [string, 'http' | 'fetch', Install][] = [
  ['axios, http adapter', 'http', intercept],
  ['axios, fetch adapter', 'fetch', intercept],
  ['axios-auth-refresh, http adapter', 'http', installAuthRefresh],
  ['axios-auth-refresh, fetch adapter', 'fetch', installAuthRefresh],
];

const sentTo = () => sandbox.requests.map(({ host, headers }) => [host, headers.authorization !== undefined]);

describe.each(ways)("the caller's config, %s", (_, adapter, install) => {
  const equipped = (config: AxiosRequestConfig = {}, source: TokenSource | OpenBankingAuthConfig = sandbox.config) => {
    const api = axios.create({ adapter, ...config });
    install(api, source);
    return api;
  };

  /** An instance that gives its configs away as they are sent. */
  const observed = (config: AxiosRequestConfig = {}, source: OpenBankingAuthConfig = sandbox.config) => {
    const api = equipped(config, source);
    const configs: InternalAxiosRequestConfig[] = [];
    api.interceptors.request.use((one) => {
      configs.push(one);
      return one;
    });
    return { api, configs };
  };

  test('is what response and error carry, with the adapter and the headers that it has without us', async () => {
    const { api, configs } = observed();
    const request = { headers: { 'X-Mine': 'yes' }, validateStatus: null };
    const bare = await axios.post(echo, { a: 1 }, { adapter, ...request });
    const response = await api.post(echo, { a: 1 }, request);
    expect(response.config.adapter).toBe(adapter);
    expect(Object.keys(response.config)).toEqual(Object.keys(bare.config));
    expect({ ...response.config.headers }).toEqual({ ...bare.config.headers });
    sandbox.fault({ kind: 'status', status: 500, at: 'api' });
    const error: AxiosError = await api.get(banks).catch((thrown) => thrown);
    expect(error.config?.adapter).toBe(adapter);
    expect(error.response?.config).toBe(error.config);
    expect(configs).toEqual([response.config, error.config]);
    expect([configs[0] === response.config, configs[1] === error.config]).toEqual([true, true]);
  });

  test('never has the token while its request is sent, nor anybody who shares its headers', async () => {
    const shared = new AxiosHeaders();
    const seen: string[] = [];
    const look = (...values: unknown[]) => void seen.push(inspect(values, { depth: null }) + JSON.stringify(values));
    const { api, configs } = observed();
    api.interceptors.request.use((config) => {
      config.headers = shared;
      return config;
    });
    sandbox.fault({ kind: 'hang', at: 'api', path: '/psd2/hanging' });
    const controller = new AbortController();
    const call = api.get(`${sandbox.apiUrl}/psd2/hanging`, { signal: controller.signal }).catch(() => {});
    while (sandbox.stats().apiRequests === 0) await new Promise((resolve) => setImmediate(resolve));
    look(configs, shared);
    expect(sentTo()).toEqual([['api', true]]);
    controller.abort();
    await call;
    look(configs, shared);
    expect(seen.join()).not.toContain('Bearer');
  });

  test('sent to a mirror as well, by an adapter around ours, does not take the token there', async () => {
    const api = axios.create({ adapter });
    // The last one added runs first.
    api.interceptors.request.use((config) => {
      const ours = config.adapter;
      if (typeof ours !== 'function') throw new Error('ours is not there yet');
      config.adapter = async (one) => {
        const first = ours(one);
        while (sandbox.stats().apiRequests === 0) await new Promise((resolve) => setImmediate(resolve));
        await getAdapter(adapter, one)({ ...one, url: `${sandbox.foreignUrl}/mirror` });
        return first;
      };
      return config;
    });
    install(api, sandbox.config);
    sandbox.fault({ kind: 'slow', at: 'api', delayMs: 30 });
    expect((await api.get(banks)).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ foreignRequests: 1, foreignRequestsWithAuthorization: 0, apiAccepted: 1 });
  });

  test('that is changed by somebody while the token is fetched is sent as it was when the call was made', async () => {
    const { config: source, give } = heldBack();
    const { api, configs } = observed({ baseURL: sandbox.apiUrl }, source);
    const params = new URLSearchParams({ n: '1' });
    const call = api.post('/echo', 'mine', { headers: { 'X-Mine': 'yes' }, params });
    await tokenRequested();
    for (const config of configs) {
      config.url = `${sandbox.foreignUrl}/elsewhere`;
      config.baseURL = sandbox.foreignUrl;
      config.method = 'delete';
      config.data = 'changed';
      config.openBanking = { context: 'corporate' };
      config.headers.set('X-Mine', 'changed');
    }
    params.set('n', '2');
    give();
    await call;
    const [sent, ...others] = sandbox.requests;
    expect(others).toEqual([]);
    expect(sent).toMatchObject({ host: 'api', method: 'POST', headers: { 'x-mine': 'yes' } });
    expect(sent?.body.toString()).toBe('mine');
    expect(sent?.path).toBe('/echo?n=1');
  });

  test.each<[string, () => [body: unknown, change: () => void]]>([
    [
      'bytes',
      () => {
        const body = Buffer.from('{"amount":1}');
        return [body, () => body.fill('9')];
      },
    ],
    [
      'an ArrayBuffer',
      () => {
        const body = new TextEncoder().encode('{"amount":1}');
        return [body.buffer, () => body.fill(57)];
      },
    ],
    [
      'a form',
      () => {
        const body = new FormData();
        body.set('n', '{"amount":1}');
        return [body, () => body.set('n', '99')];
      },
    ],
  ])('of which the body is %s that are changed later is sent, and sent again, as it was', async (_kind, make) => {
    const { config: source, give } = heldBack();
    const [cold, changeCold] = make();
    const call = equipped({}, source).post(echo, cold);
    await tokenRequested();
    changeCold();
    give();
    await call;
    const tokens = createTokenSource(sandbox.config);
    await tokens.get();
    sandbox.revokeTokens();
    const [warm, changeWarm] = make();
    const replayed = equipped({}, tokens).post(echo, warm);
    while (sandbox.stats().apiRequests === 1) await new Promise((resolve) => setImmediate(resolve));
    changeWarm();
    await replayed;
    const bodies = sandbox.requests.map(({ body }) => body.toString());
    expect(bodies).toEqual(Array(3).fill(expect.stringContaining('{"amount":1}')));
  });

  test('that is changed while the first 401 is on its way is sent again as it was', async () => {
    const source = createTokenSource(sandbox.config);
    await source.get();
    sandbox.revokeTokens();
    const api = axios.create({ adapter, validateStatus: null });
    install(api, source);
    const configs: InternalAxiosRequestConfig[] = [];
    api.interceptors.request.use((config) => {
      configs.push(config);
      return config;
    });
    sandbox.fault({ kind: 'slow', at: 'api', delayMs: 20 });
    const call = api.get(banks);
    while (sandbox.stats().apiRequests === 0) await new Promise((resolve) => setImmediate(resolve));
    for (const config of configs) config.url = `${sandbox.foreignUrl}/elsewhere`;
    expect((await call).status).toBe(200);
    expect(sentTo()).toEqual([
      ['api', true],
      ['api', true],
    ]);
  });

  test('with a URL object is read once', async () => {
    const url = new URL(banks) as unknown as string;
    expect((await equipped().get(url)).status).toBe(200);
    const { config, give } = heldBack();
    sandbox.resetStats();
    const moving = new URL(banks);
    const call = equipped({}, config).get(moving as unknown as string);
    await tokenRequested();
    moving.host = new URL(sandbox.foreignUrl).host;
    give();
    expect((await call).status).toBe(200);
    expect(sentTo()).toEqual([['api', true]]);
  });

  test('sent again by another instance or by plain axios goes without this token', async () => {
    const { config } = await equipped().get(banks);
    sandbox.resetStats();
    await axios.request(config).catch(() => {});
    const other = { ...sandbox.config, scope: 'accountinformation corporate' };
    const api = equipped({}, other);
    expect((await api.request(config)).status).toBe(200);
    const elsewhere = { ...sandbox.config, apiOrigins: [sandbox.foreignUrl] };
    await equipped({}, elsewhere)
      .request(config)
      .catch(() => {});
    expect(sandbox.requests.map(({ headers }) => headers.authorization !== undefined)).toEqual([false, true, false]);
    expect(sandbox.stats().tokensIssuedByScope).toEqual({ 'accountinformation corporate': 1 });
  });

  test('may be sent again by the instance, and gets a current token', async () => {
    const api = equipped();
    const { config } = await api.get(banks);
    sandbox.revokeTokens();
    expect((await api.request(config)).status).toBe(200);
  });

  test('two sources for two origins on one instance both serve theirs, relative URLs included', async () => {
    const second = axios.create({ adapter });
    const token = (value: string) => async () =>
      Response.json({ access_token: value, token_type: 'Bearer', expires_in: 3600 });
    install(second, { ...sandbox.config, fetch: token('for-the-api') });
    install(second, { ...sandbox.config, apiOrigins: [sandbox.foreignUrl], fetch: token('for-the-other') });
    await second.get(banks).catch(() => {});
    await second.get('/x', { baseURL: sandbox.foreignUrl });
    await second.get('/echo', { baseURL: sandbox.apiUrl }).catch(() => {});
    const sent = sandbox.requests.map(({ host, headers }) => `${host} ${headers.authorization}`);
    expect(new Set(sent)).toEqual(new Set(['api Bearer for-the-api', 'foreign Bearer for-the-other']));
    await expect(second.get('/x', { baseURL: 'http://third.localhost:1' })).rejects.toMatchObject({
      code: 'invalid_config',
    });
  });

  test('`request` stays on a response that an interceptor copies, and does not print', async () => {
    const api = equipped();
    api.interceptors.response.use((response) => ({ ...response, data: 'mine' }));
    const { request, data, config } = await api.get(banks);
    expect(data).toBe('mine');
    expect(request).toBeDefined();
    expect(inspect(request)).toMatch(/not shown/);
    expect(inspect({ request, config }, { depth: null }) + JSON.stringify({ request, config })).not.toContain('Bearer');
  });

  const fails = (config: InternalAxiosRequestConfig) => new AxiosError('refused', 'ERR_BAD_REQUEST', config);
  const headersOf = ({ headers }: InternalAxiosRequestConfig) => new AxiosHeaders(headers);
  test.each<[string, (config: InternalAxiosRequestConfig) => Promise<AxiosResponse>]>([
    ['and sends that', (config) => getAdapter(adapter, config)({ ...config, headers: headersOf(config) })],
    ['and sends it by an axios of its own', (config) => axios.request({ ...config, adapter })],
    [
      'and throws it in an error of its own',
      (config) =>
        Promise.reject(Object.assign(new Error('no'), { config: { ...config, headers: { ...config.headers } } })),
    ],
    [
      'for several sends, and throws the errors of all',
      (config) =>
        Promise.any([1, 2].map((timeout) => axios.request({ ...config, adapter, timeout, url: `${banks}/hanging` }))),
    ],
    [
      'and throws what it failed with as a cause',
      (config) => Promise.reject(new Error('no', { cause: fails({ ...config, headers: headersOf(config) }) })),
    ],
  ])('leaves no token in what an adapter brings that copies it %s', async (_copy, own) => {
    const source = createTokenSource(sandbox.config);
    const { value } = await source.get();
    const api = equipped({ adapter: own }, source);
    sandbox.fault({ kind: 'hang', at: 'api', path: '/psd2/aspspinformation/v1/aspsps/hanging' });
    sandbox.fault({ kind: 'unauthorized', code: 'CONSENT_EXPIRED', at: 'api', path: '/psd2/unauthorized' });
    for (const url of [banks, `${sandbox.apiUrl}/psd2/unauthorized`, `${sandbox.apiUrl}/psd2/missing`]) {
      const outcome: unknown = await api.get(url).catch((error) => error);
      expect(outcome).toBeDefined();
      expectNothingDisclosed(
        Object.entries(SINKS).map(([sink, show]) => [sink, show(outcome)]),
        [value],
      );
    }
  });

  test('a form that is asked for is read, also after a 401', async () => {
    const server = createServer(({ headers }, response) => {
      if (headers.authorization === 'Bearer token-1') response.writeHead(401).end('{"code":"TOKEN_EXPIRED"}');
      else response.writeHead(200, { 'content-type': 'application/x-www-form-urlencoded' }).end('a=1&b=2');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    let issued = 0;
    const source = { ...sandbox.config, apiOrigins: [origin], fetch: async () => granted(++issued) };
    const { data } = await equipped({ responseType: 'formdata' as 'json' }, source)
      .get(origin)
      .finally(() => {
        server.close();
        server.closeAllConnections();
      });
    const form = [
      ['a', '1'],
      ['b', '2'],
    ];
    expect(adapter === 'http' ? data : [...data.entries()]).toEqual(adapter === 'http' ? 'a=1&b=2' : form);
    expect(issued).toBe(2);
  });
});

describe('a form that the fetch adapter cannot read', () => {
  test.each([500, 401, 200])('with status %i fails as it does without us', async (status) => {
    const config = { adapter: 'fetch', responseType: 'formdata' as 'json' } as const;
    sandbox.fault({ kind: 'body', at: 'api', status, body: '{"code":"CONSENT_EXPIRED"}' });
    const failure = async (api: AxiosInstance) => {
      const { name, code, message, response }: AxiosError = await api.get(banks, config).catch((error) => error);
      return { name, code, message, response };
    };
    const api = axios.create();
    intercept(api, sandbox.config);
    expect(await failure(api)).toEqual(await failure(axios.create()));
  });
});

describe('a config without an adapter', () => {
  test('falls back to the defaults of axios', async () => {
    const api = new Axios({});
    api.interceptors.request.use(openBankingAuth(sandbox.config));
    const { data, config } = await api.get(banks);
    expect(JSON.parse(data).aspsps).toHaveLength(2);
    expect('adapter' in config).toBe(false);
  });

  test('also where it is null', async () => {
    const api = axios.create({ adapter: null as never });
    api.interceptors.request.use(openBankingAuth(sandbox.config));
    expect((await api.get(banks)).status).toBe(200);
  });

  test('and the defaults are read when it is sent', async () => {
    const api = new Axios({});
    api.interceptors.request.use(openBankingAuth(sandbox.config));
    const { adapter } = axios.defaults;
    const mock = jest.fn(async (config) => ({ status: 200, statusText: '', headers: {}, config, data: 'mock' }));
    axios.defaults.adapter = mock;
    const { data } = await api.get(banks);
    if (adapter !== undefined) axios.defaults.adapter = adapter;
    expect(data).toBe('mock');
  });
});

test('an adapter of the caller gets a copy, which has the token while it is sent', async () => {
  const seen: [string, unknown][] = [];
  const api = axios.create({
    adapter: async (config) => {
      seen.push([String(config.headers.get('Authorization')), config]);
      return getAdapter('http')(config);
    },
  });
  api.interceptors.request.use(openBankingAuth(sandbox.config));
  const { config } = await api.get(banks);
  expect(seen).toEqual([[expect.stringMatching(/^Bearer /), expect.anything()]]);
  expect(seen[0]?.[1]).not.toBe(config);
  expect(inspect(seen[0]?.[1], { depth: null })).not.toContain('Bearer');
});

test('an adapter that changes the URL of its copy does not take the second send with it', async () => {
  const source = createTokenSource(sandbox.config);
  await source.get();
  sandbox.revokeTokens();
  const sent: unknown[] = [];
  const api = axios.create({
    adapter: async (config) => {
      sent.push(config.url);
      const response = getAdapter('http')({ ...config, validateStatus: null });
      config.url = `${sandbox.foreignUrl}/elsewhere`;
      return response;
    },
  });
  api.interceptors.request.use(openBankingAuth(source));
  expect((await api.get(banks)).status).toBe(200);
  expect(sent).toEqual([banks, banks]);
});

describe("the caller's `beforeRedirect`", () => {
  const foreign = () => new URL(sandbox.foreignUrl);
  test.each<[string, (options: Record<string, unknown>) => void]>([
    ['hostname and port', (options) => Object.assign(options, { hostname: foreign().hostname, port: foreign().port })],
    ['port', (options) => Object.assign(options, { port: foreign().port })],
    [
      'host alone',
      (options) => Object.assign(options, { hostname: undefined, host: foreign().hostname, port: foreign().port }),
    ],
  ])('that changes %s does not take the token there', async (_, change) => {
    sandbox.fault({ kind: 'redirect', at: 'api', location: '/psd2/again', times: 1 });
    const api = axios.create({ beforeRedirect: change, proxy: false });
    api.interceptors.request.use(openBankingAuth(sandbox.config));
    await api.get(banks).catch(() => {});
    expect(sandbox.stats()).toMatchObject({ foreignRequests: 1, foreignRequestsWithAuthorization: 0 });
  });

  test('that makes the path a whole URL elsewhere does not send the token along', async () => {
    const heard: (string | undefined)[] = [];
    sandbox.fault({ kind: 'redirect', at: 'api', location: '/psd2/again', times: 1 });
    const beforeRedirect = (options: Record<string, unknown>) => {
      Object.assign(options, { path: `${sandbox.apiUrl}/x`, hostname: foreign().hostname, port: foreign().port });
      heard.push(String(options.path));
    };
    const api = axios.create({ beforeRedirect, proxy: false });
    api.interceptors.request.use(openBankingAuth(sandbox.config));
    await api.get(banks).catch(() => {});
    expect(heard).toHaveLength(1);
    expect(sandbox.stats().foreignRequestsWithAuthorization).toBe(0);
  });

  test('that changes only what is asked for keeps it', async () => {
    sandbox.fault({ kind: 'redirect', at: 'api', location: '/psd2/again', times: 1 });
    const beforeRedirect = (options: Record<string, unknown>) => void Object.assign(options, { path: '/echo' });
    const api = axios.create({ beforeRedirect, proxy: false });
    api.interceptors.request.use(openBankingAuth(sandbox.config));
    await api.get(banks).catch(() => {});
    expect(sandbox.stats()).toMatchObject({ apiAccepted: 1 });
    expect(sentTo()).toEqual([
      ['api', true],
      ['api', true],
    ]);
  });
});
