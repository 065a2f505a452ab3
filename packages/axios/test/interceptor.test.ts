import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { openBankingAuth } from '@open-banking-auth/axios';
import { cpuMs, MOST_MS } from '@open-banking-auth/test-kit/hostile-text';
import { banks, sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import axios, {
  type AxiosAdapter,
  AxiosError,
  AxiosHeaders,
  type AxiosInstance,
  type AxiosRequestConfig,
  CanceledError,
  getAdapter,
  type InternalAxiosRequestConfig,
} from 'axios';

sandboxForEachTest();

function equipped(config: AxiosRequestConfig = {}): AxiosInstance {
  const api = axios.create({ baseURL: sandbox.apiUrl, ...config });
  api.interceptors.request.use(openBankingAuth(sandbox.config));
  return api;
}

describe('axios.interceptors.request.use(openBankingAuth(config))', () => {
  test('on the global axios is all there is to do', async () => {
    const id = axios.interceptors.request.use(openBankingAuth(sandbox.config));
    try {
      expect((await axios.get(banks)).data.aspsps).toHaveLength(2);
      sandbox.revokeTokens();
      expect((await axios.get(banks)).status).toBe(200);
    } finally {
      axios.interceptors.request.eject(id);
    }
  });

  test('returns the very config, at once: it is a synchronous interceptor', () => {
    const config = { headers: new AxiosHeaders(), url: banks };
    expect(openBankingAuth(sandbox.config)(config)).toBe(config);
    expect(config.headers.has('Authorization')).toBe(false);
  });
});

describe.each(['http', 'fetch'])('a 401 that is replayed, with the %s adapter', (adapter) => {
  test.each<[string, AxiosRequestConfig['validateStatus']]>([
    ['the default', undefined],
    ['one that accepts 401', (status) => status < 500],
    ['null, which accepts all', null],
    ['one that accepts only 200', (status) => status === 200],
  ])('under %s validateStatus', async (_, validateStatus) => {
    const api = equipped({ adapter, ...(validateStatus === undefined ? {} : { validateStatus }) });
    await api.get(banks);
    sandbox.revokeTokens();
    expect((await api.get(banks)).status).toBe(200);
  });

  test('that remains is an AxiosError by default, with the whole response', async () => {
    const api = equipped({ adapter });
    sandbox.fault({ kind: 'unauthorized', at: 'api', code: 'CONSENT_EXPIRED' });
    const error: unknown = await api.get(banks).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AxiosError);
    expect(error).toMatchObject({
      code: 'ERR_BAD_REQUEST',
      message: 'Request failed with status code 401',
      response: { status: 401, data: { tppMessages: [{ code: 'CONSENT_EXPIRED' }] } },
    });
  });

  test.each<[AxiosRequestConfig['responseType'], (data: never) => Promise<unknown>]>([
    ['json', async (data) => data],
    ['text', async (data) => JSON.parse(data)],
    ['arraybuffer', async (data) => JSON.parse(Buffer.from(data).toString())],
    ['stream', async (data) => JSON.parse(await text(data))],
  ])('or one that stands, with responseType %s, gives the whole body', async (responseType, read) => {
    const api = equipped({ adapter, responseType: responseType ?? 'json', validateStatus: null });
    await api.get(banks);
    sandbox.revokeTokens();
    expect(await read((await api.get(banks)).data as never)).toHaveProperty('aspsps');
    sandbox.fault({ kind: 'unauthorized', at: 'api', code: 'CONSENT_EXPIRED' });
    expect(await read((await api.get(banks)).data as never)).toHaveProperty('tppMessages.0.code', 'CONSENT_EXPIRED');
    expect(sandbox.stats().tokenRequests).toBe(2);
  });

  test('as a stream of more than is looked at, comes whole', async () => {
    const api = equipped({ adapter, responseType: 'stream', validateStatus: null });
    const body = JSON.stringify({ code: 'CONSENT_EXPIRED', padding: 'å'.repeat(300_000) });
    sandbox.fault({ kind: 'body', at: 'api', status: 401, body });
    const { data } = await api.get(banks);
    const stream: AsyncIterable<Uint8Array> = data;
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe(body);
  });

  test('is not needed when the caller brings credentials: `auth` counts too', async () => {
    const api = equipped({ adapter, auth: { username: 'me', password: 'pw' }, validateStatus: null });
    expect((await api.get(banks)).status).toBe(401);
    expect(sandbox.requests.map(({ headers }) => headers.authorization)).toEqual([`Basic ${btoa('me:pw')}`]);
    expect(sandbox.stats().tokenRequests).toBe(0);
  });

  test.each(['axios', 'the caller'])(
    'an adapter of %s judges a 401 by the validateStatus of the call, once',
    async (name) => {
      const seen = new Set<unknown>();
      const own: AxiosAdapter = (config) => {
        seen.add(config.validateStatus);
        return getAdapter(adapter, config)(config);
      };
      const asked: number[] = [];
      const validateStatus = (status: number) => {
        asked.push(status);
        return status < 300;
      };
      sandbox.fault({ kind: 'unauthorized', code: 'CONSENT_EXPIRED', at: 'api' });
      const api = equipped({ adapter: name === 'axios' ? adapter : own, validateStatus });
      const error: AxiosError = await api.get(banks).catch((thrown) => thrown);
      expect(error.response?.status).toBe(401);
      expect(error.config?.validateStatus).toBe(validateStatus);
      expect(error.response?.config).toBe(error.config);
      expect(asked).toEqual([401]);
      expect([...seen]).toEqual(name === 'axios' ? [] : [validateStatus]);
    },
  );
});

test.each(['http', 'fetch'])('an object is replayed as the same JSON, with the %s adapter', async (adapter) => {
  const api = equipped({ adapter });
  await api.get(banks);
  sandbox.revokeTokens();
  sandbox.resetStats();
  await api.post('/echo', { debtor: 'Åsa', amount: 1 });
  const [first, second] = sandbox.requests;
  expect(first?.body.toString()).toBe('{"debtor":"Åsa","amount":1}');
  expect(second?.body).toEqual(first?.body);
  expect(second?.headers['content-type']).toBe('application/json');
});

describe('with the http adapter', () => {
  test('response.request and error.request work as ever, though they do not print', async () => {
    const response = await equipped().get(banks);
    expect(response.request.path).toBe('/psd2/aspspinformation/v1/aspsps');
    expect(response.request.getHeader('accept')).toContain('application/json');
    expect(response.request.getHeader('authorization')).toMatch(/^Bearer ./);
    expect(response.request.res.responseUrl).toBe(banks);
    expect(inspect(response.request)).toBe('[ClientRequest: not shown, it holds the access token]');
    sandbox.fault({ kind: 'status', status: 500, at: 'api' });
    const error: AxiosError = await equipped()
      .get(banks)
      .catch((thrown) => thrown);
    expect(error.request.method).toBe('GET');
    expect(error.request).toBe(error.response?.request);
  });

  test("a caller's agent is the one that is used, and stays in the config as it was", async () => {
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { config } = await equipped({ httpAgent }).get(banks);
    await equipped({ httpAgent }).get(banks);
    expect(config.httpAgent).toBe(httpAgent);
    expect(Object.values(httpAgent.freeSockets).flat()).toHaveLength(1);
    expect(Object.keys(httpAgent)).toEqual(Object.keys(new Agent()));
    httpAgent.destroy();
  });
});

describe('a wait for the token', () => {
  test('ends after `timeout`, with the error that axios has for it', async () => {
    sandbox.fault({ kind: 'hang', at: 'token' });
    const error: unknown = await equipped({ timeout: 50 })
      .get(banks)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'AxiosError', code: 'ECONNABORTED', message: 'timeout of 50ms exceeded' });
    const clarified = { timeout: 50, timeoutErrorMessage: 'too slow', transitional: { clarifyTimeoutError: true } };
    await expect(equipped(clarified).get(banks)).rejects.toMatchObject({ code: 'ETIMEDOUT', message: 'too slow' });
  });

  test('ends with `cancelToken`', async () => {
    sandbox.fault({ kind: 'hang', at: 'token' });
    const { token, cancel } = axios.CancelToken.source();
    const call = equipped().get(banks, { cancelToken: token });
    setImmediate(cancel);
    await expect(call).rejects.toBeInstanceOf(CanceledError);
  });

  test('does not begin for a signal that is aborted already', async () => {
    await expect(equipped().get(banks, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(CanceledError);
    expect(sandbox.stats().tokenRequests).toBe(0);
  });
});

describe('where the token goes', () => {
  test('a relative URL against a base that may not have it is a mistake, which is named', async () => {
    const api = equipped({ baseURL: sandbox.foreignUrl });
    await expect(api.get('/psd2/x')).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining(`"apiOrigins" does not contain "${sandbox.foreignUrl}"`),
    });
    expect((await api.get('/logo', { openBanking: false })).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ foreignRequests: 1, foreignRequestsWithAuthorization: 0 });
  });

  test.each<[string, () => AxiosRequestConfig, number]>([
    ['an absolute URL', () => ({ url: banks }), 1],
    ['a relative URL', () => ({ url: 'echo' }), 1],
    ['a base with a path', () => ({ baseURL: `${sandbox.apiUrl}/psd2/aspspinformation/v1/`, url: '/aspsps' }), 1],
    ['params', () => ({ url: '/echo', params: { a: 'https://x' } }), 1],
    ['an absolute URL elsewhere', () => ({ url: `${sandbox.foreignUrl}/x` }), 0],
    ['backslashes, which axios takes for a path', () => ({ url: `\\\\${new URL(sandbox.foreignUrl).host}\\x` }), 1],
    ['user info before a foreign host', () => ({ url: `${sandbox.apiUrl}@${new URL(sandbox.foreignUrl).host}/x` }), 0],
  ])('%s', async (_, config, withToken) => {
    await equipped({ validateStatus: null }).request(config());
    const had = sandbox.requests.filter(({ headers }) => headers.authorization?.startsWith('Bearer '));
    expect(had.map(({ host }) => host)).toEqual(Array(withToken).fill('api'));
  });

  test('an absolute URL elsewhere that is made a path, by an axios that can do so with every adapter', async () => {
    await equipped({ validateStatus: null }).get(`${sandbox.foreignUrl}/x`, { allowAbsoluteUrls: false });
    const sent = sandbox.requests.map(({ host, headers }) => [host, headers.authorization !== undefined]);
    const old = /^1\.(7\.|8\.[0-3]$)/.test(axios.VERSION);
    expect(sent).toEqual([old ? [expect.any(String), false] : ['api', true]]);
  });

  test('an absolute URL of the API that is made a path elsewhere does not take it there', async () => {
    const api = equipped({ baseURL: sandbox.foreignUrl, allowAbsoluteUrls: false, validateStatus: null });
    await api.get(banks).catch(() => {});
    expect(sandbox.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });

  test('a redirect to a subdomain does not take it along, though the http adapter would', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.headers.host?.split(':')[0]} ${request.headers.authorization ? 'with' : 'without'}`);
      const { port } = server.address() as { port: number };
      if (request.headers.host?.startsWith('sub.')) response.end('{}');
      else response.writeHead(302, { location: `http://sub.api.localhost:${port}/` }).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const beforeRedirect = jest.fn();
    const api = axios.create({
      beforeRedirect,
      proxy: false,
      lookup: (_host, _options, done) => done(null, '127.0.0.1', 4),
    });
    api.interceptors.request.use(openBankingAuth({ ...sandbox.config, apiOrigins: [`http://api.localhost:${port}`] }));
    const { config } = await api.get(`http://api.localhost:${port}/`);
    server.close();
    server.closeAllConnections();
    expect(seen).toEqual(['api.localhost with', 'sub.api.localhost without']);
    expect(beforeRedirect).toHaveBeenCalledTimes(1);
    expect(config.beforeRedirect).toBe(beforeRedirect);
  });
});

describe('with other adapters and interceptors', () => {
  test.each<[string, () => NonNullable<AxiosRequestConfig['adapter']>]>([
    ['a name', () => 'http'],
    ['several names', () => ['xhr', 'http']],
    ['a function', () => getAdapter('http')],
    ['an array with a function', () => [getAdapter('http')]],
  ])('the adapter may be %s', async (_, adapter) => {
    const api = equipped({ adapter: adapter() });
    await api.get(banks);
    sandbox.revokeTokens();
    expect((await api.get(banks)).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 2, apiRequests: 3 });
  });

  test('an interceptor that sends a failed config again gets a current token and a fresh request id', async () => {
    const api = equipped();
    api.interceptors.response.use(undefined, (error: AxiosError) =>
      error.config ? api.request(error.config) : Promise.reject(error),
    );
    sandbox.fault({ kind: 'status', status: 503, at: 'api', times: 2 });
    expect((await api.get(banks)).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: 3 });
    expect(new Set(sandbox.requests.map(({ headers }) => headers['x-request-id'])).size).toBe(3);
  });

  test('the interceptor used twice attaches one token and replays once', async () => {
    const api = equipped({ validateStatus: null });
    api.interceptors.request.use(openBankingAuth(sandbox.config));
    sandbox.fault({ kind: 'unauthorized', at: 'api' });
    expect((await api.get(banks)).status).toBe(401);
    expect(sandbox.stats().apiRequests).toBe(2);
  });

  test.each(['http', 'fetch'])(
    'headers of no value, in any spelling, are replaced for the send alone (%s)',
    async (adapter) => {
      const api = equipped({ adapter });
      const headers = { authorization: undefined, 'x-request-id': undefined };
      const { config } = await api.get(banks, { headers });
      expect(config.headers.has('Authorization') || config.headers.has('X-Request-ID')).toBe(false);
      expect(JSON.stringify(config)).not.toContain('Bearer');
      expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiAccepted: 1 });
    },
  );

  test('a mock adapter is all that is sent to: its objects are read as bodies', async () => {
    const adapter = jest.fn(async (config) => ({
      status: 401,
      statusText: '',
      headers: {},
      config,
      data: { tppMessages: [{ code: 'CONSENT_EXPIRED' }] },
    }));
    const api = equipped({ adapter });
    expect((await api.get('/x')).status).toBe(401);
    expect(adapter).toHaveBeenCalledTimes(1);
  });

  test.each<[string, () => object]>([
    ['many members', () => ({ tppMessages: Array(1_000_000).fill({ code: 'X', text: 'y'.repeat(40) }) })],
    ['a long text', () => ({ tppMessages: [{ code: 'X', text: 'y"'.repeat(20_000_000) }] })],
  ])(`a 401 of a mock adapter with %s takes ${MOST_MS} ms at most`, async (_, make) => {
    const data = make();
    const adapter = async (config: InternalAxiosRequestConfig) => ({
      status: 401,
      statusText: '',
      headers: {},
      config,
      data,
    });
    const api = equipped({ adapter, validateStatus: null, transformResponse: [] });
    await api.get('/x');
    expect(await cpuMs(() => api.get('/x'))).toBeLessThan(MOST_MS);
  });

  test('an error of an adapter that is not a response reaches the caller as it is', async () => {
    const api = equipped({ adapter: () => Promise.reject(new TypeError('from below')) });
    await expect(api.get('/x')).rejects.toThrow(new TypeError('from below'));
  });
});
