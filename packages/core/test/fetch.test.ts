import { Readable } from 'node:stream';
import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import { CONFIG, granted, json, QUICK_CLOCK, sourceOver, until } from '@open-banking-auth/test-kit/token-endpoint';

const API = 'https://api.test.invalid/echo';

/** What the sandbox's echo says that it got. */
async function echoed(response: Response): Promise<{ headers: Record<string, string>; bodyBase64: string }> {
  const got: unknown = await response.json();
  return got as { headers: Record<string, string>; bodyBase64: string };
}

describe('openBankingFetch against a server', () => {
  sandboxForEachTest();

  test('has the type of fetch, and takes what fetch takes: strings, URLs and Requests', async () => {
    const equipped: typeof fetch = openBankingFetch(sandbox.config);
    const url = `${sandbox.apiUrl}/echo`;
    const bodies = await Promise.all(
      [url, new URL(url), new Request(url, { headers: { 'PSU-ID': 'p' } })].map(async (input) =>
        echoed(await equipped(input)),
      ),
    );
    expect(bodies.map(({ headers }) => headers.authorization)).toEqual(
      Array(3).fill(expect.stringMatching(/^Bearer /)),
    );
    expect(bodies[2]?.headers['psu-id']).toBe('p');
  });

  test('a Request with a body is replayed whole, and stays usable by its own rules', async () => {
    const tokens = createTokenSource(sandbox.config);
    await tokens.get();
    sandbox.revokeTokens();
    const request = new Request(`${sandbox.apiUrl}/echo`, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    });
    const response = await openBankingFetch(tokens)(request);
    expect(response.status).toBe(200);
    expect(sandbox.requests.map(({ body }) => body.toString())).toEqual(['{"a":1}', '{"a":1}']);
    expect(request.bodyUsed).toBe(true);
    expect(request.headers.has('authorization')).toBe(false);
  });

  test('init wins over the Request it comes with, as in fetch', async () => {
    const equipped = openBankingFetch(sandbox.config);
    const request = new Request(`${sandbox.apiUrl}/echo`, {
      method: 'POST',
      body: 'first',
      headers: { 'X-BicFi': 'A' },
    });
    const sent = await echoed(await equipped(request, { body: 'second', headers: { 'Consent-ID': 'c' } }));
    expect(atob(sent.bodyBase64)).toBe('second');
    expect(sent.headers).toMatchObject({ 'consent-id': 'c' });
    expect(sent.headers).not.toHaveProperty('x-bicfi');
  });

  test("an Authorization in a Request's headers is the caller's own too", async () => {
    const request = new Request(`${sandbox.apiUrl}/echo`, { headers: { Authorization: 'Bearer own' } });
    expect((await openBankingFetch(sandbox.config)(request)).status).toBe(401);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 0, apiRequests: 1 });
  });

  test('the response is the very Response of the underlying fetch: streaming, with its url', async () => {
    const response = await openBankingFetch(sandbox.config)(`${sandbox.apiUrl}/echo`);
    expect(response.url).toBe(`${sandbox.apiUrl}/echo`);
    expect(response.bodyUsed).toBe(false);
    await response.text();
  });

  test('headers may be given in every form', async () => {
    const equipped = openBankingFetch(sandbox.config);
    const forms = [{ 'PSU-ID': 'p' }, [['PSU-ID', 'p']] as [string, string][], new Headers({ 'PSU-ID': 'p' })];
    for (const headers of forms) {
      const sent = await echoed(await equipped(`${sandbox.apiUrl}/echo`, { headers }));
      expect(sent.headers).toMatchObject({ 'psu-id': 'p', authorization: expect.stringMatching(/^Bearer /) });
    }
  });

  test('one source serves many wrappers with one token', async () => {
    const tokens = createTokenSource(sandbox.config);
    const [one, other] = [openBankingFetch(tokens), openBankingFetch(tokens)];
    await Promise.all([one(`${sandbox.apiUrl}/echo`), other(`${sandbox.apiUrl}/echo`), tokens.get()]);
    expect(sandbox.stats().tokenRequests).toBe(1);
  });

  test('when the connection is reset, the caller gets the error, and the next call works', async () => {
    const equipped = openBankingFetch(sandbox.config);
    sandbox.fault({ kind: 'reset', at: 'api', times: 1 });
    await expect(equipped(`${sandbox.apiUrl}/echo`)).rejects.toMatchObject({
      name: 'TypeError',
      message: 'fetch failed',
    });
    expect((await equipped(`${sandbox.apiUrl}/echo`)).status).toBe(200);
  });

  test.each([
    ['reset', { kind: 'reset' }],
    ['answered with 503', { kind: 'status', status: 503 }],
    ['answered with nothing', { kind: 'empty' }],
    ['answered with HTML', { kind: 'html', status: 200 }],
  ] as const)('a token request that is %s once is sent again, and nobody notices', async (_, fault) => {
    const equipped = openBankingFetch(createTokenSource(sandbox.config, { clock: QUICK_CLOCK }));
    sandbox.fault({ ...fault, at: 'token', times: 1 });
    expect((await equipped(`${sandbox.apiUrl}/echo`)).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 2, tokensIssued: 1 });
  });

  test('a token host that cannot be reached is named, with the reason', async () => {
    const { tokenUrl } = sandbox.config;
    await sandbox.close();
    const tokens = createTokenSource(sandbox.config, { clock: QUICK_CLOCK });
    await expect(openBankingFetch(tokens)(`${sandbox.apiUrl}/echo`)).rejects.toMatchObject({
      code: 'token_request_failed',
      message: expect.stringMatching(new RegExp(`^The token request to ${tokenUrl} failed: .*ECONNREFUSED`)),
    });
  });
});

describe('openBankingFetch over another fetch', () => {
  test('calls it as a function, not as a method: the fetch of workerd refuses any other `this`', async () => {
    const called: unknown[] = [];
    async function strict(this: unknown) {
      called.push(this);
      return json({});
    }
    const equipped = openBankingFetch({ ...CONFIG, fetch: async () => granted(1) }, { fetch: strict });
    await equipped(API);
    await equipped('https://elsewhere.test.invalid/');
    expect(called).toEqual([undefined, undefined]);
  });

  const config = { ...CONFIG, fetch: async () => granted(1) };

  test('uses the fetch that it is given, with what it was called with', async () => {
    const below = jest.fn<Promise<Response>, Parameters<typeof fetch>>(async () => json({}));
    const init = Object.freeze({ method: 'PUT', keepalive: true });
    await openBankingFetch(config, { fetch: below })(new URL(API), init);
    const [sentInput, sentInit] = below.mock.calls[0] ?? [];
    expect(sentInput).toBe(API);
    expect(sentInit).toMatchObject(init);
    expect(new Headers(sentInit?.headers).get('authorization')).toBe('Bearer token-1');
  });

  test('without one, uses the global fetch of the moment of the call', async () => {
    const equipped = openBankingFetch(config);
    const stub = jest.spyOn(globalThis, 'fetch').mockImplementation(async () => json({ from: 'the stub' }));
    try {
      expect(await (await equipped(API)).json()).toEqual({ from: 'the stub' });
    } finally {
      stub.mockRestore();
    }
  });

  test('can be made the global fetch, even several times, and does not call itself', async () => {
    const original = globalThis.fetch;
    const bottom = jest.fn(async () => json({}));
    try {
      globalThis.fetch = bottom;
      globalThis.fetch = openBankingFetch(config);
      globalThis.fetch = openBankingFetch({ ...config, apiOrigins: ['https://other.test.invalid'] });
      expect((await fetch(API)).status).toBe(200);
      expect((await fetch('https://other.test.invalid/')).status).toBe(200);
      expect(bottom).toHaveBeenCalledTimes(2);
    } finally {
      globalThis.fetch = original;
    }
  });

  test('a call to another origin is passed on exactly as it came', async () => {
    const below = jest.fn(async () => json({}));
    const init = { headers: { a: 'b' } };
    await openBankingFetch(config, { fetch: below })('https://logos.test.invalid/x.png', init);
    expect(below).toHaveBeenCalledWith('https://logos.test.invalid/x.png', init);
  });

  test.each<[string, () => [string | Request, RequestInit?]]>([
    ['no headers', () => [API]],
    ['a Headers object', () => [API, { headers: new Headers({ a: 'b' }) }]],
    ['a Request', () => [new Request(API, { headers: { a: 'b' } })]],
  ])('%s of the caller: each send has headers of its own, and none of ours are left on them', async (_, call) => {
    const sent: Headers[] = [];
    const below: typeof fetch = async (_input, init) => {
      sent.push(init?.headers as Headers);
      return json({});
    };
    const api = openBankingFetch(config, { fetch: below });
    const [input, init] = call();
    await api(input, init);
    await api(input, init);
    expect(sent.map((headers) => headers.has('authorization'))).toEqual([true, true]);
    expect(sent[0]?.get('x-request-id')).not.toBe(sent[1]?.get('x-request-id'));
    expect(sent[0]).not.toBe(sent[1]);
    const given = [init?.headers, typeof input === 'object' ? input.headers : undefined].map((one) => [
      ...new Headers(one),
    ]);
    expect(JSON.stringify(given)).not.toMatch(/authorization|x-request-id/);
  });

  test('the default port, written out, is the same origin', async () => {
    const below = jest.fn<Promise<Response>, Parameters<typeof fetch>>(async () => json({}));
    await openBankingFetch(config, { fetch: below })('https://api.test.invalid:443/x');
    expect(new Headers(below.mock.calls[0]?.[1]?.headers).get('authorization')).toBe('Bearer token-1');
  });

  test('releases the copy of a body that it did not need', async () => {
    const cancelled = jest.fn();
    const body = new ReadableStream({ cancel: cancelled });
    const below = async (input: string | URL | Request) => {
      if (input instanceof Request) void input.body?.cancel();
      return json({});
    };
    const request = new Request(API, { method: 'POST', body, duplex: 'half' });
    await openBankingFetch(config, { fetch: below })(request);
    await until(() => cancelled.mock.calls.length > 0);
  });

  const NODE_RESPONSE = { headers: new Headers(), body: Readable.from(['{}']) };
  /** A promise of another kind, which can be awaited, and has neither `catch` nor `finally`. */
  const awaitable = (promise: Promise<Response>) => Object.assign(promise, { catch: undefined, finally: undefined });
  test.each<[string, (response: Response) => Promise<Response>]>([
    [
      'whose bodies are streams of Node.js',
      async ({ status }) => ({ ...NODE_RESPONSE, status }) as unknown as Response,
    ],
    ['whose promises can only be awaited', (response) => awaitable(Promise.resolve(response)) as never],
  ])('one %s is sent to again after a 401', async (_, as) => {
    let sent = 0;
    const below = () => as(new Response('{}', { status: sent++ === 0 ? 401 : 200 }));
    const tokens = { ...CONFIG, fetch: async () => granted(sent) };
    expect((await openBankingFetch(tokens, { fetch: below })(API)).status).toBe(200);
    expect(sent).toBe(2);
  });

  test('a 401 whose body does not arrive is judged without it after 1 s, and released', async () => {
    const cancelled = jest.fn();
    const { tokens, clock } = sourceOver(granted);
    const answers = [new Response(new ReadableStream({ cancel: cancelled }), { status: 401 }), json({ healed: true })];
    const caller = openBankingFetch(tokens, { fetch: async () => answers.shift() ?? Response.error() })(API);
    await until(() => answers.length === 1 && clock.pendingTimers === 1);
    clock.advance(1_000);
    expect(await (await caller).json()).toEqual({ healed: true });
    await until(() => cancelled.mock.calls.length > 0);
    expect(clock.pendingTimers).toBe(0);
  });
});
