import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { arrivingFetch, describeOrigins } from '@open-banking-auth/test-kit/origins-suite';
import { describeRedirects } from '@open-banking-auth/test-kit/redirects-suite';
import { CONFIG, granted, json } from '@open-banking-auth/test-kit/token-endpoint';

describeOrigins({
  name: 'fetch',
  over: (source, arrived) => openBankingFetch(source, { fetch: arrivingFetch(arrived) }),
});

describeRedirects({
  name: 'fetch',
  over(source) {
    const api = openBankingFetch(source);
    return (url, body) => api(url, body === undefined ? {} : { method: 'POST', body });
  },
});

describeRedirects({
  name: 'fetch with a Request',
  over(source) {
    const api = openBankingFetch(source);
    return (url, body) => api(new Request(url, body === undefined ? {} : { method: 'POST', body }));
  },
});

describe('behind one gateway for API and token endpoint', () => {
  const GATEWAY = 'https://gw.test.invalid';
  const config = {
    ...CONFIG,
    tokenUrl: `${GATEWAY}/connect/token`,
    apiOrigins: [GATEWAY],
    fetch: async () => granted(1),
  };

  const authorizationAt = async (path: string) => {
    const below = jest.fn<Promise<Response>, Parameters<typeof fetch>>(async () => json({}));
    await openBankingFetch(config, { fetch: below })(`${GATEWAY}${path}`, { method: 'POST' });
    return new Headers(below.mock.calls[0]?.[1]?.headers).get('authorization');
  };

  test.each([
    '/psd2/accounts',
    '/connect',
    '/connect/tokens',
    '/connect/token/x',
    '/x?/connect/token',
    '/%',
    '/%ff/token',
  ])('%p gets the token', async (path) => {
    expect(await authorizationAt(path)).toBe('Bearer token-1');
  });

  test.each([
    '/connect/token',
    '/connect/token?a=b#c',
    '/psd2/x/../../connect/token',
    '/connect/token/',
    '/connect/token//',
    '//connect///token',
    '/connect/%74oken',
    '/connect/%2574oken',
    '/connect%2Ftoken',
    '/connect%5ctoken',
    '/psd2%2F..%2Fconnect/token',
    '/Connect/TOKEN',
    '/connect/./token',
    '/connect/token;jsessionid=1',
    '/connect;a=b/token',
    '/connect/token%3Fa=b',
    '/connect/token%2523a',
    '/connect/token%00.json',
    '/connect/token.',
    '/connect/token%20',
  ])('the token endpoint, written %p, does not', async (path) => {
    expect(await authorizationAt(path)).toBeNull();
  });

  test('nor does a path that is longer than any server reads, wherever it leads', async () => {
    expect(await authorizationAt(`${'/'.repeat(20_000)}connect/token`)).toBeNull();
    expect(await authorizationAt(`/psd2/${'a'.repeat(20_000)}`)).toBeNull();
  });

  test('a 401 that comes from the token endpoint after a redirect says nothing about the token', async () => {
    const redirected = Object.defineProperty(json({}, 401), 'url', { value: `${GATEWAY}/Connect/Token/` });
    const below = jest.fn(async () => redirected);
    let issued = 0;
    const tokens = createTokenSource({ ...config, fetch: async () => granted(++issued) });
    expect(await openBankingFetch(tokens, { fetch: below })(`${GATEWAY}/psd2/x`)).toBe(redirected);
    expect(below).toHaveBeenCalledTimes(1);
  });
});
