import { createTokenSource, type OpenBankingRequestInit, openBankingFetch } from '@open-banking-auth/core';
import { CONFIG, granted, json } from '@open-banking-auth/test-kit/token-endpoint';
import { coldFetch } from './cold-fetch.js';

const API = 'https://api.test.invalid/echo';

describe('what fetch was called with is read when it is called', () => {
  test('a URL object that goes on changing sends each of its addresses', async () => {
    const { api, arrived, giveToken } = coldFetch();
    const url = new URL(API);
    const calls = [1, 2, 3].map((n) => {
      url.searchParams.set('n', String(n));
      return api(url);
    });
    url.host = 'evil.test.invalid';
    giveToken();
    await Promise.all(calls);
    expect(arrived.map((request) => request.url)).toEqual([1, 2, 3].map((n) => `${API}?n=${n}`));
  });

  test('an address that reads differently each time is read once, and the one that was judged is sent', async () => {
    const { api, arrived, giveToken } = coldFetch();
    let reads = 0;
    const fickle = { toString: () => (reads++ === 0 ? API : 'https://evil.test.invalid/') };
    const call = api(fickle as unknown as URL);
    giveToken();
    await call;
    expect(arrived.map((request) => request.url)).toEqual([API]);
    expect(reads).toBe(1);
  });

  test('method, headers, options and signal are those of the call', async () => {
    const { api, arrived, giveToken } = coldFetch();
    const headers = new Headers({ 'consent-id': 'c-1' });
    const scope = ['paymentinitiation'];
    const init: { -readonly [name in keyof OpenBankingRequestInit]: OpenBankingRequestInit[name] } = {
      method: 'PUT',
      headers,
      openBanking: { scope },
    };
    const call = api(API, init);
    init.method = 'DELETE';
    init.signal = AbortSignal.abort();
    init.openBanking = false;
    headers.set('consent-id', 'c-2');
    scope[0] = 'nonsense';
    giveToken();
    await call;
    expect(
      arrived.map(({ method, headers }) => [method, headers.get('consent-id'), headers.get('authorization')]),
    ).toEqual([['PUT', 'c-1', 'Bearer token-1']]);
  });

  test.each<[string, () => { body: NonNullable<RequestInit['body']>; change: () => void; as: string }]>([
    [
      'URLSearchParams',
      () => {
        const body = new URLSearchParams({ amount: '10' });
        return { body, change: () => body.set('amount', '30'), as: 'amount=10' };
      },
    ],
    [
      'bytes',
      () => {
        const body = Buffer.from('-amount=10-').subarray(1, -1);
        return { body, change: () => body.fill('x'), as: 'amount=10' };
      },
    ],
    [
      'an ArrayBuffer',
      () => {
        const body = new TextEncoder().encode('amount=10').buffer;
        return { body, change: () => new Uint8Array(body).fill(0), as: 'amount=10' };
      },
    ],
    [
      'a FormData',
      () => {
        const body = new FormData();
        body.set('amount', '10');
        body.set('file', new File(['contents'], 'a.txt', { type: 'text/plain' }));
        return { body, change: () => body.set('amount', '30'), as: 'name="amount"\r\n\r\n10\r\n' };
      },
    ],
    [
      'an object that is sent as text',
      () => {
        const body = new URL('https://example.com/10');
        return {
          body: body as unknown as string,
          change: () => Object.assign(body, { pathname: '/30' }),
          as: 'https://example.com/10',
        };
      },
    ],
  ])('%s: the body is that of the call, in the first send and in the replay', async (_, make) => {
    const { api, arrived, giveToken } = coldFetch();
    const cold = make();
    const call = api(API, { method: 'POST', body: cold.body });
    cold.change();
    giveToken();
    await call;
    expect(await arrived[0]?.text()).toContain(cold.as);

    const sent: string[] = [];
    const warm = make();
    const below: typeof fetch = async (input, init) => {
      const request = new Request(input, init);
      warm.change();
      sent.push(await request.text());
      return json({}, sent.length === 1 ? 401 : 200);
    };
    const tokens = createTokenSource({ ...CONFIG, fetch: async () => granted(sent.length) });
    await tokens.get();
    await openBankingFetch(tokens, { fetch: below })(API, { method: 'POST', body: warm.body });
    expect(sent).toEqual([expect.stringContaining(warm.as), expect.stringContaining(warm.as)]);
  });

  test("a Request's body belongs to the call from then on, as with fetch", async () => {
    const { api, arrived, giveToken } = coldFetch();
    const request = new Request(API, { method: 'POST', body: 'mine' });
    const call = api(request);
    expect(request.bodyUsed).toBe(true);
    giveToken();
    await call;
    expect(await arrived[0]?.text()).toBe('mine');
  });

  test('requests reach the transport in the order of their calls', async () => {
    const { api, arrived, giveToken } = coldFetch();
    const { signal } = new AbortController();
    const calls = [
      api(`${API}/1`, { signal }),
      api(`${API}/2`),
      api(new Request(`${API}/3`, { method: 'POST', body: 'a' })),
      api(`${API}/4`, { method: 'POST', body: new Blob(['b']).stream(), duplex: 'half', signal }),
      api(`${API}/5`),
      api(`${API}/6`, { method: 'POST', body: new URLSearchParams('a=b') }),
    ];
    giveToken();
    await Promise.all(calls);
    expect(arrived.map(({ url }) => url.slice(-1))).toEqual(['1', '2', '3', '4', '5', '6']);
  });
});
