import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { Gateway } from '@open-banking-auth/test-kit/gateway';
import { CONFIG, granted } from '@open-banking-auth/test-kit/token-endpoint';

// With API and token endpoint on one origin, redirects are followed here and not by the platform's fetch. Nobody may see it.

let api: Gateway;
let elsewhere: Gateway;
beforeEach(async () => {
  [api, elsewhere] = [await new Gateway().listen(), await new Gateway().listen()];
});
afterEach(() => {
  api.close();
  elsewhere.close();
});

type Call = (fetch: typeof globalThis.fetch, authorization: Record<string, string>) => Promise<Response>;

/** By the platform's fetch with the same header, and by ours. */
async function both(call: Call) {
  const tokens = createTokenSource({
    ...CONFIG,
    tokenUrl: `${api.origin}/connect/token`,
    apiOrigins: [api.origin],
    requestId: false,
    fetch: async () => granted(1),
  });
  const [bare, ours] = [
    await outcomeOf(call(fetch, { authorization: 'Bearer token-1' })),
    await outcomeOf(call(openBankingFetch(tokens) as typeof fetch, {})),
  ];
  return { bare, ours };
}

async function outcomeOf(sent: Promise<Response>) {
  const outcome = await sent.then(
    async (response) => {
      const { status, url, redirected, type } = response;
      const copy = response.clone();
      return { status, url, redirected, type, copy: [copy.url, copy.redirected], text: await response.text() };
    },
    (error: Error) => ({ error: [error.name, error.message] }),
  );
  const seen = [api, elsewhere].map((gateway) => gateway.seen.splice(0));
  return { outcome, seen };
}

const CALLS: Record<string, (url: string, headers: Record<string, string>) => [string | URL | Request, RequestInit?]> =
  {
    GET: (url, headers) => [url, { headers }],
    'GET by a URL': (url, headers) => [new URL(url), { headers }],
    'GET by a Request': (url, headers) => [new Request(url, { headers: { ...headers, cookie: 'a=b', accept: 'x/y' } })],
    HEAD: (url, headers) => [url, { method: 'HEAD', headers: { ...headers, 'content-language': 'sv' } }],
    'a POST of text': (url, headers) => [url, { method: 'POST', body: 'text', headers: { ...headers, cookie: 'a=b' } }],
    'a POST of a form': (url, headers) => [url, { method: 'post', body: new URLSearchParams({ a: 'b' }), headers }],
    // Not of bytes: Node.js 20 itself fails to send them again.
    'a POST in a Request': (url, headers) => [
      new Request(url, { method: 'POST', body: new URLSearchParams({ a: 'ö' }), headers }),
    ],
    'a PUT in a Request with another body': (url, headers) => [
      new Request(url, { method: 'PUT', body: 'former', headers }),
      { body: 'new', referrer: `http://localhost/` },
    ],
    'a DELETE': (url, headers) => [url, { method: 'DELETE', headers }],
    'a POST of a stream': (url, headers) => [
      url,
      { method: 'POST', body: new Blob(['streamed']).stream(), duplex: 'half', headers } as RequestInit,
    ],
    'a GET that does not follow': (url, headers) => [url, { redirect: 'manual', headers }],
    'a GET that must not be redirected': (url, headers) => [new Request(url, { redirect: 'error', headers })],
  };

describe.each(Object.entries(CALLS))('%s', (_name, call) => {
  test.each([301, 302, 303, 307, 308])('is redirected by a %i as by the platform itself', async (status) => {
    api.status = elsewhere.status = status;
    const within = encodeURIComponent('/psd2/å/y');
    const abroad = encodeURIComponent(`${elsewhere.origin}/psd2/z`);
    for (const path of [`?to=${within}`, `?to=${within}&to=../w`, `?to=${abroad}`, `?to=x&to=${abroad}&to=/q`]) {
      const { bare, ours } = await both((fetch, headers) => fetch(...call(`${api.origin}/psd2/x${path}`, headers)));
      expect(ours).toEqual(bare);
    }
  });
});

test.each([
  ['a URL that is none', 'http://['],
  ['another scheme', 'data:text/plain,hello'],
  ['credentials for another origin', 'http://a:b@localhost:1/'],
  ['nowhere', 'http://127.0.0.1:1/'],
  ['itself, without end', 'round'],
  ['a fragment', '/psd2/y#part'],
])('%s as the target has the same outcome', async (_name, to) => {
  const path = to === 'round' ? `/psd2/x?${'to=/psd2/x&'.repeat(30)}` : `/psd2/x?to=${encodeURIComponent(to)}`;
  const { bare, ours } = await both((fetch, headers) => fetch(`${api.origin}${path}`, { headers }));
  expect(ours).toEqual(bare);
});

test("an abort between two hops is the caller's own", async () => {
  const reason = new Error('no longer needed');
  const { bare, ours } = await both((fetch, headers) => {
    const controller = new AbortController();
    api.onRequest = (path) => path === '/psd2/y' && controller.abort(reason);
    return fetch(`${api.origin}/psd2/x?to=/psd2/y&to=/psd2/z`, { headers, signal: controller.signal });
  });
  expect(ours).toEqual(bare);
  expect(ours.outcome).toEqual({ error: ['Error', 'no longer needed'] });
});
