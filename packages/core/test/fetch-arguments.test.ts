import { type OpenBankingRequestInit, openBankingFetch } from '@open-banking-auth/core';
import { echo, sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import { settle, until } from '@open-banking-auth/test-kit/token-endpoint';
import { Request as UndiciRequest, fetch as undiciFetch } from 'undici';
import { coldFetch } from './cold-fetch.js';

const API = 'https://api.test.invalid/echo';

describe('what fetch takes, the wrapper takes', () => {
  sandboxForEachTest();

  test('a signal that is none is rejected as fetch rejects it', async () => {
    const init: object = { signal: 5_000 };
    const bare: unknown = await fetch(echo, init).catch((error: unknown) => error);
    await expect(openBankingFetch(sandbox.config)(echo, init)).rejects.toEqual(bare);
    expect(String(bare)).toContain('AbortSignal');
  });

  const sentBy = async (...call: Parameters<typeof fetch>) => {
    await openBankingFetch(sandbox.config)(...call);
    const [sent] = sandbox.requests;
    return {
      method: sent?.method,
      body: sent?.body.toString(),
      token: sent?.headers.authorization?.slice(0, 6),
      own: sent?.headers['x-own'],
    };
  };
  const whole = { method: 'POST', body: 'whole', token: 'Bearer', own: 'mine' };

  test.each<[string, () => RequestInit]>([
    ['a Request', () => new Request(echo, { method: 'POST', body: 'whole', headers: { 'x-own': 'mine' } })],
    [
      'a Request with a stream',
      () =>
        new Request(echo, {
          method: 'POST',
          body: new Blob(['whole']).stream(),
          duplex: 'half',
          headers: { 'x-own': 'mine' },
        }),
    ],
    ['inherited members', () => Object.create({ method: 'POST', body: 'whole', headers: { 'x-own': 'mine' } })],
    [
      'an object of a class with getters',
      () =>
        new (class {
          get method() {
            return 'POST';
          }
          get body() {
            return 'whole';
          }
          get headers() {
            return { 'x-own': 'mine' };
          }
        })(),
    ],
    [
      'members that are not enumerable',
      () =>
        Object.defineProperties(
          {},
          {
            method: { value: 'POST' },
            body: { value: 'whole' },
            headers: { value: { 'x-own': 'mine' } },
          },
        ),
    ],
  ])('%s as init is sent whole', async (_, init) => {
    expect(await sentBy(echo, init())).toEqual(whole);
  });

  test('redirect is kept from such an init too', async () => {
    sandbox.fault({ kind: 'redirect', at: 'api', status: 302, location: `${sandbox.foreignUrl}/bank` });
    const response = await openBankingFetch(sandbox.config)(echo, Object.create({ redirect: 'manual' }));
    expect(response.status).toBe(302);
  });

  test("a Request of undici's own package is sent by undici's own fetch, with the token", async () => {
    const request = new UndiciRequest(echo, { method: 'POST', body: 'whole', headers: { 'x-own': 'mine' } });
    const api = openBankingFetch(sandbox.config, { fetch: undiciFetch as unknown as typeof fetch });
    expect((await api(request as unknown as Request)).status).toBe(200);
    const [sent] = sandbox.requests;
    expect([sent?.method, sent?.body.toString(), sent?.headers['x-own']]).toEqual(['POST', 'whole', 'mine']);
    expect(sent?.headers.authorization).toMatch(/^Bearer /);
  });

  test.each<[string, () => unknown[]]>([
    ['null', () => [null]],
    ['a symbol', () => [Symbol('x')]],
    [
      'a toString that throws',
      () => [
        {
          toString: () => {
            throw new RangeError('no');
          },
        },
      ],
    ],
    ['an init that is no object', () => [echo, 5]],
    ['headers of null', () => [echo, { headers: null }]],
    ['a header name with a space', () => [echo, { headers: { 'a b': 'c' } }]],
    [
      'a getter that throws',
      () => [
        echo,
        {
          get method() {
            throw new RangeError('no');
          },
        },
      ],
    ],
    [
      'a Request that has been read',
      () => {
        const request = new Request(echo, { method: 'POST', body: 'x' });
        void request.text();
        return [request];
      },
    ],
  ])('%s is a promise that rejects, with the error of fetch', async (_, make) => {
    const api = openBankingFetch(sandbox.config) as (...given: unknown[]) => Promise<Response>;
    const bare = fetch as (...given: unknown[]) => Promise<Response>;
    const errorOf = async (call: typeof bare) => {
      const error: unknown = await call(...make()).catch((thrown: unknown) => thrown);
      return [(error as Error).name, (error as Error).message];
    };
    expect(await errorOf(api)).toEqual(await errorOf(bare));
  });
});

describe('the referrer of a Request', () => {
  const REFERRER = 'https://shop.test.invalid/basket';
  const bare = new Request(API, { referrer: REFERRER, referrerPolicy: 'origin' });

  test.each<[string, OpenBankingRequestInit | undefined]>([
    ['kept without init', undefined],
    ['kept with an init that says nothing to fetch', { openBanking: { context: 'corporate' } }],
    ['reset by any other init, as fetch does', { credentials: 'omit' }],
    ['replaced by that of init', { referrer: 'https://other.test.invalid/' }],
  ])('is %s', async (_, init) => {
    const { api, arrived, giveToken } = coldFetch();
    giveToken();
    await api(bare, init);
    const expected = new Request(bare, init);
    expect([arrived[0]?.referrer, arrived[0]?.referrerPolicy]).toEqual([expected.referrer, expected.referrerPolicy]);
  });
});

describe('only a real Request, or text', () => {
  test.each<[string, () => unknown]>([
    ['a URL with an url of its own', () => Object.assign(new URL('https://evil.test.invalid/'), { url: API })],
    ['an object with an url', () => ({ url: API, toString: () => 'https://evil.test.invalid/' })],
    [
      'a Request with an url of its own',
      () => Object.defineProperty(new Request('https://evil.test.invalid/'), 'url', { value: API }),
    ],
    [
      'what only inherits from Request',
      () =>
        Object.create(Request.prototype, {
          url: { value: API },
          toString: { value: () => 'https://evil.test.invalid/' },
        }),
    ],
  ])('%s takes no token elsewhere', async (_, make) => {
    const { api, arrived, giveToken } = coldFetch();
    giveToken();
    await api(make() as Request).catch(() => {});
    for (const { url, headers } of arrived) {
      expect(headers.has('authorization')).toBe(url.startsWith('https://api.test.invalid/'));
    }
  });

  test('a url on the prototype of all objects changes nothing', async () => {
    const { api, arrived, giveToken } = coldFetch();
    giveToken();
    Object.defineProperty(Object.prototype, 'url', { value: API, configurable: true });
    try {
      await api(new URL('https://evil.test.invalid/'));
    } finally {
      Reflect.deleteProperty(Object.prototype, 'url');
    }
    expect(arrived.map(({ url, headers }) => [url, headers.has('authorization')])).toEqual([
      ['https://evil.test.invalid/', false],
    ]);
  });
});

describe('signals', () => {
  /** As the abort-controller package makes them: no `reason`, no `throwIfAborted`. */
  function formerSignal() {
    const target = Object.assign(new EventTarget(), { aborted: false });
    const abort = () => {
      target.aborted = true;
      target.dispatchEvent(new Event('abort'));
    };
    return { signal: target as unknown as AbortSignal, abort };
  }

  test('init without a signal frees a Request from its own', async () => {
    const { api, giveToken } = coldFetch();
    const controller = new AbortController();
    const call = api(new Request(API, { signal: controller.signal }), { signal: null });
    controller.abort();
    giveToken();
    expect((await call).status).toBe(200);
  });

  test('a signal of the abort-controller package is waited with, and ends the wait', async () => {
    const { api, giveToken } = coldFetch();
    const { signal, abort } = formerSignal();
    const [patient, impatient] = [formerSignal().signal, signal].map((one) => api(API, { signal: one }));
    abort();
    await expect(impatient).rejects.toMatchObject({ name: 'AbortError' });
    giveToken();
    await patient?.catch((error) => expect(error).toBeUndefined());
  });

  test('one signal for many calls that wait has one listener, and none afterwards', async () => {
    const { api, giveToken } = coldFetch();
    const { signal } = new AbortController();
    const added = jest.spyOn(signal, 'addEventListener');
    const removed = jest.spyOn(signal, 'removeEventListener');
    const calls = Array.from({ length: 20 }, () => api(API, { signal }));
    await settle();
    const whileWaiting = added.mock.calls.length;
    giveToken();
    await Promise.all(calls);
    expect(whileWaiting).toBe(1);
    await until(() => removed.mock.calls.length >= 1);
  });
});
