import { inspect } from 'node:util';
import { banks, sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import axios from 'axios';
import rateLimit from 'axios-rate-limit';
import { installBoth, orders, statusOf, ways } from './equipped.js';

sandboxForEachTest();

describe.each(orders)('axios-rate-limit, %s', (_, ours, order) => {
  test('requests wait for their turn, and one that is unauthorized is sent again', async () => {
    const api = axios.create();
    installBoth(
      order,
      () => ours(api, sandbox.config),
      () => void rateLimit(api, { maxRequests: 6, perMilliseconds: 50 }),
    );
    await api.get(banks);
    sandbox.revokeTokens();
    const answers = await Promise.all(Array.from({ length: 6 }, () => api.get(banks)));
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 2, apiAccepted: 7 });
  });
});

describe.each(ways)("follow-redirects under axios' http adapter, %s", (_, ours) => {
  function equipped(config: { maxRedirects?: number; maxBodyLength?: number }) {
    const api = axios.create(config);
    ours(api, sandbox.config);
    return api;
  }

  test('a redirect within the API keeps the token', async () => {
    sandbox.fault({ kind: 'redirect', at: 'api', status: 307, location: banks, times: 1 });
    expect((await equipped({}).get(`${sandbox.apiUrl}/psd2/moved`)).status).toBe(200);
    expect(sandbox.requests.map(({ headers }) => headers.authorization !== undefined)).toEqual([true, true]);
  });

  test('maxRedirects: 0 gives the redirect itself', async () => {
    sandbox.fault({ kind: 'redirect', at: 'api', status: 302, location: banks, times: 1 });
    expect(await equipped({ maxRedirects: 0 }).get(banks).catch(statusOf)).toBe(302);
    expect(sandbox.stats().apiRequests).toBe(1);
  });

  test('more redirects than maxRedirects are an error that does not print the token', async () => {
    sandbox.fault({ kind: 'redirect', at: 'api', status: 302, location: banks });
    const error = await equipped({ maxRedirects: 2 })
      .get(banks)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_FR_TOO_MANY_REDIRECTS' });
    const { authorization = 'none' } = sandbox.requests[0]?.headers ?? {};
    expect(authorization).toMatch(/^Bearer ./);
    expect(inspect(error, { depth: null })).not.toContain(authorization.slice('Bearer '.length));
    expect(sandbox.stats().tokenRequests).toBe(1);
  });

  test('a body over maxBodyLength is an error before it is sent', async () => {
    const call = equipped({ maxBodyLength: 10 }).post(`${sandbox.apiUrl}/echo`, 'x'.repeat(11));
    await expect(call).rejects.toMatchObject({ code: 'ERR_BAD_REQUEST' });
  });
});
