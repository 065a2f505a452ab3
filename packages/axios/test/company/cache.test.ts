import { installAuthRefresh } from '@open-banking-auth/axios/auth-refresh';
import { createTokenSource } from '@open-banking-auth/core';
import { banks, sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import axios from 'axios';
import { buildKeyGenerator, type CacheOptions, setupCache } from 'axios-cache-interceptor';
import { installBoth, orders, statusOf } from './equipped.js';

sandboxForEachTest();

describe.each(orders)('axios-cache-interceptor, %s', (_, ours, order) => {
  function equipped(options: CacheOptions = {}) {
    const api = axios.create();
    const source = createTokenSource(sandbox.config);
    installBoth(
      order,
      () => ours(api, source),
      () => void setupCache(api, { interpretHeader: false, ...options }),
    );
    return { api, source };
  }

  test('a cached response is served without sending', async () => {
    const { api } = equipped();
    const first = await api.get(banks);
    const second = await api.get(banks);
    expect(second.data).toEqual(first.data);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: 1 });
  });

  test('a 401 that stands is not kept', async () => {
    const { api } = equipped();
    const lift = sandbox.fault({ kind: 'unauthorized', at: 'api', code: 'CONSENT_EXPIRED' });
    expect(await api.get(banks).catch(statusOf)).toBe(401);
    lift();
    expect((await api.get(banks)).status).toBe(200);
  });

  test("its key does not contain a request's context, unless it is configured to", async () => {
    const corporate = { openBanking: { context: 'corporate' } } as const;
    const { api } = equipped();
    await api.get(banks);
    await api.get(banks, corporate);
    expect(sandbox.stats().apiRequests).toBe(1);

    const generateKey = buildKeyGenerator(({ url, method, params, data, openBanking }) => {
      return { url, method, params, data, openBanking };
    });
    const telling = equipped({ generateKey }).api;
    await telling.get(banks);
    await telling.get(banks, corporate);
    await telling.get(banks, corporate);
    expect(sandbox.stats().apiRequests).toBe(3);
  });
});

describe.each(orders.filter(([name]) => name.startsWith('openBankingAuth')))(
  'axios-cache-interceptor, %s',
  (_, ours, order) => {
    test('parallel requests are sent once, and once more after a 401', async () => {
      const api = axios.create();
      const source = createTokenSource(sandbox.config);
      installBoth(
        order,
        () => ours(api, source),
        () => void setupCache(api, { interpretHeader: false }),
      );
      await source.get();
      sandbox.revokeTokens();
      const answers = await Promise.all([api.get(banks), api.get(banks), api.get(banks)]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(sandbox.stats()).toMatchObject({ tokenRequests: 2, apiRequests: 2 });
    });
  },
);

// The same without this library: the two packages do not get on.
describe('axios-cache-interceptor with axios-auth-refresh', () => {
  async function refusedAtOnce(order: 'before' | 'after', requests: number) {
    const api = axios.create();
    const source = createTokenSource(sandbox.config);
    installBoth(
      order,
      () => void installAuthRefresh(api, source),
      () => void setupCache(api, { interpretHeader: false }),
    );
    await source.get();
    sandbox.revokeTokens();
    return Array.from({ length: requests }, () => api.get(banks).then(({ status }) => status, statusOf));
  }

  test('installed after it: one request is sent again, those that wait for its response get the 401', async () => {
    expect(await Promise.all(await refusedAtOnce('after', 3))).toEqual([200, 401, 401]);
  });

  test('installed before it: the request that is sent again waits for itself', async () => {
    let settled = false;
    const [call] = await refusedAtOnce('before', 1);
    call?.finally(() => {
      settled = true;
    });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    while (sandbox.stats().unauthorized === 0) await turn();
    for (let turns = 0; turns < 100; turns++) await turn();
    expect(settled).toBe(false);
    expect(sandbox.stats().apiRequests).toBe(1);
  });
});
