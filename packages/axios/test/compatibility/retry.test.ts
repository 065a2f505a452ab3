import { createTokenSource } from '@open-banking-auth/core';
import { banks, sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import axios from 'axios';
import axiosRetry, { type IAxiosRetryConfig } from 'axios-retry';
import { installBoth, orders, statusOf } from './equipped.js';

sandboxForEachTest();

describe.each(orders)('axios-retry, %s', (name, ours, order) => {
  function equipped(options: IAxiosRetryConfig = {}) {
    const api = axios.create();
    const source = createTokenSource(sandbox.config);
    installBoth(
      order,
      () => ours(api, source),
      () => axiosRetry(api, { retries: 2, retryDelay: () => 0, ...options }),
    );
    return { api, source };
  }

  test('a 503 is its business: each try has the token and a request id of its own', async () => {
    const { api } = equipped();
    sandbox.fault({ kind: 'status', at: 'api', status: 503, times: 2 });
    expect((await api.get(banks)).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: 3 });
    expect(new Set(sandbox.requests.map(({ headers }) => headers['x-request-id'])).size).toBe(3);
    expect(new Set(sandbox.requests.map(({ headers }) => headers.authorization)).size).toBe(1);
  });

  test('a token that becomes unauthorized between two attempts is renewed', async () => {
    const { api } = equipped({ onRetry: () => void sandbox.revokeTokens() });
    sandbox.fault({ kind: 'status', at: 'api', status: 503, times: 1 });
    expect((await api.get(banks)).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 2, apiRequests: 3 });
  });

  test('a 401 is ours, and costs none of its tries', async () => {
    const onRetry = jest.fn();
    const { api, source } = equipped({ onRetry });
    await source.get();
    sandbox.revokeTokens();
    expect((await api.get(banks)).status).toBe(200);
    expect(onRetry).not.toHaveBeenCalled();
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 2, apiRequests: 2 });
  });

  test('a 401 that remains is retried only if configured, and costs no tokens', async () => {
    const { api } = equipped();
    sandbox.fault({ kind: 'unauthorized', at: 'api', code: 'CONSENT_EXPIRED' });
    expect(await api.get(banks).catch(statusOf)).toBe(401);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: 1 });
    const eager = equipped({ retryCondition: () => true });
    sandbox.resetStats();
    expect(await eager.api.get(banks).catch(statusOf)).toBe(401);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: 3 });
  });

  test('an attempt after the replay is replayed again, but not by axios-auth-refresh, which marks its replays', async () => {
    const { api, source } = equipped({
      // The new token has been accepted when it is revoked, so it may be renewed at once.
      onRetry: async () => {
        await api.get(banks);
        sandbox.revokeTokens();
      },
    });
    await source.get();
    sandbox.fault({ kind: 'status', at: 'api', status: 503, times: 1 });
    sandbox.fault({ kind: 'unauthorized', at: 'api', times: 1 });
    const status = await api.get(banks).then((response) => response.status, statusOf);
    expect(status).toBe(name.startsWith('installAuthRefresh') ? 401 : 200);
  });

  test('a replay that meets a 503 is tried again', async () => {
    const { api, source } = equipped();
    await source.get();
    sandbox.fault({ kind: 'status', at: 'api', status: 503, times: 1 });
    sandbox.fault({ kind: 'unauthorized', at: 'api', times: 1 });
    expect((await api.get(banks)).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 2, apiRequests: 3 });
  });
});
