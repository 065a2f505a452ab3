import { openBankingAuth } from '@open-banking-auth/ky';
import { banks, echo, sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import ky, { type Options } from 'ky';
import pLimit from 'p-limit';

sandboxForEachTest();

// The caller's options before ours and after.
describe.each(['before', 'after'] as const)("ky's own options, given %s openBankingAuth", (order) => {
  function equipped(options: Options) {
    const ours = openBankingAuth(sandbox.config);
    return order === 'before' ? ky.create(options).extend(ours) : ky.create(ours).extend(options);
  }

  test('all hooks run once for a request that is replayed, and see neither token nor first 401', async () => {
    const seen: string[] = [];
    const api = equipped({
      hooks: {
        init: [() => void seen.push('init')],
        beforeRequest: [({ request }) => void seen.push(`beforeRequest ${request.headers.get('authorization')}`)],
        afterResponse: [({ response }) => void seen.push(`afterResponse ${response.status}`)],
        beforeRetry: [() => void seen.push('beforeRetry')],
        beforeError: [
          ({ error }) => {
            seen.push('beforeError');
            return error;
          },
        ],
      },
    });
    await api(banks);
    seen.length = 0;
    sandbox.revokeTokens();
    expect((await api(banks)).status).toBe(200);
    expect(seen).toEqual(['init', 'beforeRequest null', 'afterResponse 200']);
  });

  test('retry with a Retry-After: each try has the token and a request id of its own', async () => {
    const api = equipped({ retry: { limit: 2, maxRetryAfter: 1 } });
    sandbox.fault({ kind: 'status', at: 'api', status: 503, headers: { 'Retry-After': '0' }, times: 2 });
    expect((await api(banks)).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: 3 });
    expect(new Set(sandbox.requests.map(({ headers }) => headers['x-request-id'])).size).toBe(3);
  });

  test('a token that becomes unauthorized between two retries is renewed', async () => {
    const api = equipped({
      retry: { limit: 1, delay: () => 0 },
      hooks: { beforeRetry: [() => void sandbox.revokeTokens()] },
    });
    sandbox.fault({ kind: 'status', at: 'api', status: 503, times: 1 });
    expect((await api(banks)).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 2, apiRequests: 3 });
  });

  test('a retry that names 401 tries a 401 that stands again, and costs no tokens', async () => {
    const api = equipped({ retry: { limit: 2, statusCodes: [401], delay: () => 0 } });
    sandbox.fault({ kind: 'unauthorized', at: 'api', code: 'CONSENT_EXPIRED' });
    await expect(api(banks)).rejects.toMatchObject({ name: 'HTTPError', response: { status: 401 } });
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: 3 });
  });

  test.each(['timeout', 'totalTimeout'] as const)('%s covers the wait for a token', async (name) => {
    const api = equipped({ [name]: 50, retry: 0 });
    const release = sandbox.fault({ kind: 'hang', at: 'token' });
    await expect(api(banks)).rejects.toMatchObject({ name: 'TimeoutError' });
    release();
    expect(sandbox.stats().apiRequests).toBe(0);
  });

  test('onDownloadProgress reports the final response, up to its end', async () => {
    const progress: number[] = [];
    const api = equipped({ onDownloadProgress: ({ percent }) => void progress.push(percent) });
    await api(banks);
    progress.length = 0;
    sandbox.revokeTokens();
    await api(banks).json();
    expect(progress.at(-1)).toBe(1);
    expect(progress.filter((percent) => percent === 1)).toHaveLength(1);
  });

  test('onUploadProgress makes the body a stream, which is copied: after a 401 it is sent again whole', async () => {
    const api = equipped({ onUploadProgress: () => {} });
    await api(banks);
    sandbox.revokeTokens();
    sandbox.resetStats();
    expect((await api.post(echo, { body: 'with progress' })).status).toBe(200);
    expect(sandbox.requests.map(({ body }) => body.toString())).toEqual(['with progress', 'with progress']);
  });
});

test('p-limit around calls: those that are unauthorized are replayed, with one token', async () => {
  const api = ky.extend(openBankingAuth(sandbox.config));
  await api(banks);
  sandbox.revokeTokens();
  const limit = pLimit(3);
  const answers = await Promise.all(Array.from({ length: 12 }, () => limit(() => api(banks))));
  expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
  expect(sandbox.stats().tokenRequests).toBe(2);
});
