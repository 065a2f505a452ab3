import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openBankingAuth as axiosAuth } from '@open-banking-auth/axios';
import {
  createTokenSource,
  isOpenBankingAuthError,
  memoryTokenStore,
  type OpenBankingAuthConfig,
  openBankingFetch,
} from '@open-banking-auth/core';
import { openBankingAuth as kyAuth } from '@open-banking-auth/ky';
import { startSandbox } from '@open-banking-auth/sandbox';
import { banks, sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import { QUICK_CLOCK } from '@open-banking-auth/test-kit/token-endpoint';
import axios, { type AxiosInstance } from 'axios';
import ky from 'ky';

sandboxForEachTest();

const PAGE = resolve(__dirname, '../../docs/troubleshooting.md');

// As somebody without a compiler writes it.
// biome-ignore lint/suspicious/noExplicitAny: the types rule these mistakes out
type Untyped = any;
const untyped = (value: unknown): Untyped => value;

/** The error of a mistake, which must come before any request is sent. */
async function errorOf(mistake: () => unknown): Promise<string> {
  try {
    await mistake();
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_config' });
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 0, apiRequests: 0 });
    return String(error);
  }
  throw new Error('It was accepted');
}

describe('axios: openBankingAuth in the wrong place is an error at once, or with the first request', () => {
  const through = (equip: (api: AxiosInstance) => unknown) => async () => {
    const api = axios.create();
    equip(api);
    await api.get(banks);
  };

  test.each<[string, () => unknown, string]>([
    [
      'request.use(openBankingAuth)',
      through((api) => api.interceptors.request.use(untyped(axiosAuth))),
      'call it with your own configuration',
    ],
    [
      'request.use(async () => openBankingAuth(config))',
      through((api) => api.interceptors.request.use(untyped(async () => axiosAuth(sandbox.config)))),
      'got to axios as a configuration',
    ],
    [
      'axios.create(openBankingAuth(config))',
      () => axios.create(untyped(axiosAuth(sandbox.config))),
      'got to axios as a configuration',
    ],
    [
      'auth: openBankingAuth(config)',
      () => axios.get(banks, { auth: untyped(axiosAuth(sandbox.config)) }),
      'got to axios as a configuration',
    ],
    [
      'transformRequest: openBankingAuth(config)',
      () => axios.get(banks, { transformRequest: untyped(axiosAuth(sandbox.config)) }),
      'called by something other than axios as a request interceptor',
    ],
    [
      'adapter: openBankingAuth(config)',
      () => axios.get(banks, { adapter: untyped(axiosAuth(sandbox.config)) }),
      'was used as "adapter"',
    ],
    [
      'axios.create(openBankingAuth(config)) of ky',
      () => axios.create(untyped(kyAuth(sandbox.config))),
      'was given to axios',
    ],
  ])('%s', async (_, mistake, says) => {
    const message = await errorOf(mistake);
    expect(message).toContain(says);
    expect(message).toContain('openBankingAuth(config)');
  });

  test('response.use(openBankingAuth(config)), for responses and for errors', async () => {
    const api = axios.create();
    api.interceptors.response.use(untyped(axiosAuth(sandbox.config)));
    await expect(api.get(`${sandbox.apiUrl}/echo`, { validateStatus: null })).rejects.toThrow(
      'was used as a response interceptor. Give it to an instance, and not',
    );
    const other = axios.create();
    other.interceptors.response.use(undefined, untyped(axiosAuth(sandbox.config)));
    await expect(other.get(`${sandbox.apiUrl}/echo`)).rejects.toThrow('was used as a response interceptor');
  });
});

describe('ky: openBankingAuth in the wrong place is an error at once', () => {
  test.each<[string, () => unknown, string]>([
    [
      'ky.extend({ hooks: openBankingAuth(config) })',
      () => ky.extend({ hooks: untyped(kyAuth(sandbox.config)) })(banks),
      'was given to ky as "hooks", which it contains',
    ],
    [
      'ky.extend(openBankingAuth(config)) of axios',
      () => ky.extend(untyped(axiosAuth(sandbox.config)))(banks),
      'called by something other than axios as a request interceptor, such as ky',
    ],
    [
      'ky.extend({ hooks: openBankingAuth(config) }) of axios',
      () => ky.extend({ hooks: untyped(axiosAuth(sandbox.config)) })(banks),
      'For ky, import openBankingAuth from "@open-banking-auth/ky"',
    ],
    [
      'a hook that is openBankingAuth(config) of axios',
      () => ky.extend({ hooks: { beforeRequest: [untyped(axiosAuth(sandbox.config))] } })(banks),
      'called by something other than axios as a request interceptor, such as ky',
    ],
  ])('%s', async (_, mistake, says) => {
    expect(await errorOf(mistake)).toContain(says);
  });
});

describe('what cannot be noticed: no token is sent, and no X-Request-ID arrives', () => {
  test.each<[string, () => Promise<unknown>]>([
    [
      'the global axios is equipped, and an instance sends',
      async () => {
        const id = axios.interceptors.request.use(axiosAuth(sandbox.config));
        await axios
          .create()
          .get(banks)
          .finally(() => axios.interceptors.request.eject(id));
      },
    ],
    [
      "ky's options are given to axios as an interceptor",
      async () => {
        const api = axios.create();
        api.interceptors.request.use(untyped(kyAuth(sandbox.config)));
        await api.get(banks);
      },
    ],
    [
      'the result of ky.extend is not used',
      async () => {
        ky.extend(kyAuth(sandbox.config));
        await ky(banks);
      },
    ],
    [
      'the result of openBankingFetch is not used',
      async () => {
        openBankingFetch(sandbox.config);
        await fetch(banks);
      },
    ],
  ])('%s', async (_, mistake) => {
    await mistake().catch(() => {});
    expect(sandbox.requests.map(({ headers }) => headers['x-request-id'])).toEqual([undefined]);
    expect(sandbox.stats().tokenRequests).toBe(0);
  });
});

describe('what is not a configuration', () => {
  test.each<[string, () => unknown, string]>([
    ['a promise', () => Promise.resolve(sandbox.config), 'The configuration is a promise. Await it first'],
    ['a function', () => () => sandbox.config, 'got a function. Call the function'],
    ["an HTTP client's options", () => ({ headers: {}, baseURL: sandbox.apiUrl }), 'an HTTP client, or its options'],
    ['axios itself', () => axios, 'an HTTP client, or its options'],
    ['an instance of axios', () => axios.create(), 'an HTTP client, or its options'],
    ['ky itself', () => ky, 'an HTTP client, or its options'],
    ['the local sandbox', () => sandbox, 'contains a configuration, as "config". Give that, as in sandbox.config'],
    ['a list of configurations', () => [sandbox.config], 'must be an object, got an array'],
  ])('%s: is said by every entry', async (_, make, says) => {
    for (const entry of [axiosAuth, kyAuth, openBankingFetch, createTokenSource]) {
      expect(await errorOf(() => entry(untyped(make())))).toContain(says);
    }
  });
});

describe('an Authorization header of its own without a token', () => {
  const senders: [string, (config: OpenBankingAuthConfig) => (headers: Record<string, string>) => Promise<unknown>][] =
    [
      ['fetch', (config) => (headers) => openBankingFetch(config)(banks, { headers })],
      ['ky', (config) => (headers) => ky.extend(kyAuth(config))(banks, { headers })],
      [
        'axios',
        (config) => (headers) => {
          const api = axios.create();
          api.interceptors.request.use(axiosAuth(config));
          return api.get(banks, { headers });
        },
      ],
    ];
  describe.each(senders)('sent with %s', (_client, sender) => {
    test.each([
      `Bearer ${undefined}`,
      `bearer ${null}`,
      `Bearer ${Promise.resolve('t')}`,
      `Bearer ${{}}`,
      'Bearer ',
      'undefined',
    ])('"%s" is an error that says so', async (authorization) => {
      const message = await errorOf(() => sender(sandbox.config)({ authorization }));
      expect(message).toContain(`"Authorization: ${authorization.trim()}"`);
      expect(message).toContain('Remove it: the token is added for you');
    });

    test.each(['Bearer my-own', 'Basic undefined', 'Bearer undefined1'])(
      '"%s" is left alone',
      async (authorization) => {
        await sender(sandbox.config)({ authorization }).catch(() => {});
        expect(sandbox.requests.map(({ headers }) => headers.authorization)).toHaveLength(1);
        expect(sandbox.stats()).toMatchObject({ tokenRequests: 0, apiRequests: 1 });
      },
    );
  });
});

test('the troubleshooting page quotes the errors of other platforms as they are, and leaves none of these out', async () => {
  const own = { tokenUrl: 'https://auth.bank.invalid/token', apiOrigins: ['https://api.bank.invalid'], clientId: 'id' };
  const secret = { ...own, clientSecret: 'secret' };
  const signed = { ...own, clientAuthentication: 'private_key_jwt' };
  const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
    'verify',
  ]);
  const byFunction = (requestToken: () => unknown) => ({ apiOrigins: own.apiOrigins, requestToken, timeoutMs: 100 });
  const mistakes: [config: object, options?: object][] = [
    [{ ...signed, clientKey: { key: 'key.pem', algorithm: 'PS256' } }],
    [{ ...signed, clientKey: { key: privateKey }, store: memoryTokenStore(), storeSecret: 's'.repeat(32) }],
    [{ ...secret, parameters: { scope: 'api' } }],
    [{ ...secret, parameters: { audience: undefined } }],
    [{ ...byFunction(() => {}), store: memoryTokenStore() }],
    [{ ...signed, clientKey: { key: privateKey }, clientSecret: 'secret' }],
    [{ ...secret, ...signed, environment: 'sandbox', scope: 'a private' }],
    [{ ...own, clientAuthentication: 'tls_client_auth' }],
    [{ ...secret, scope: 'api' }, { context: 'corporate' }],
    [byFunction(() => Promise.reject(new Error('private')))],
    [byFunction(() => ({ token: 'it' }))],
  ];
  const problems: string[] = [];
  const random = () => 0;
  for (const [config, options] of mistakes) {
    try {
      await createTokenSource(untyped(config), { clock: QUICK_CLOCK, random }).get(options);
    } catch (error) {
      problems.push(isOpenBankingAuthError(error) ? error.problem : String(error));
    }
  }
  const [section = ''] = /^### With other platforms$[\s\S]*?^## /m.exec(readFileSync(PAGE, 'utf8')) ?? [];
  const quoted = [...section.matchAll(/^\| `(.+?)(?: …)?`/gm)].map(({ 1: quote = '' }) => quote);
  expect(quoted).toHaveLength(mistakes.length);
  for (const [nth, quote] of quoted.entries()) expect(problems[nth]).toContain(quote);
});

describe('an old Node', () => {
  test.each([
    ['18.20.8', true],
    ['20.18.3', true],
    ['20.19.0', false],
    ['22.12.0', false],
  ])('%s: refused %p', async (version, refused) => {
    const { versions } = process;
    Object.defineProperty(process, 'versions', { value: { ...versions, node: version }, configurable: true });
    try {
      const create = () => createTokenSource(sandbox.config);
      const says = `This is Node ${version}, and open-banking-auth needs Node 20.19 or newer`;
      if (refused) {
        expect(create).toThrow(says);
        await expect(startSandbox()).rejects.toThrow(says);
      } else expect(create).not.toThrow();
    } finally {
      Object.defineProperty(process, 'versions', { value: versions, configurable: true });
    }
  });
});
