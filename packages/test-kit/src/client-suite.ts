import {
  createTokenSource,
  memoryTokenStore,
  type OpenBankingAuthConfig,
  type RequestAuthOptions,
  type TokenSource,
} from '@open-banking-auth/core';
import { overFewConnections } from './few-connections.js';
import { recordEvents } from './recorded-events.js';
import { banks, echo, sandbox, sandboxForEachTest } from './sandbox-for-each-test.js';
import { deferred, until } from './token-endpoint.js';

interface SuiteRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: string | URLSearchParams | FormData | Blob | Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal;
  readonly openBanking?: RequestAuthOptions | false;
}

/** One way of sending requests. Resolves for every status; rejects as the client does if there is no response. */
type Send = (url: string, request?: SuiteRequest) => Promise<{ readonly status: number; readonly body: string }>;

export interface ClientUnderTest {
  readonly name: string;
  over(source: TokenSource | OpenBankingAuthConfig): Send;
  /** Sends a stream as the body, made from these bytes. */
  overStream(
    source: TokenSource | OpenBankingAuthConfig,
  ): (url: string, bytes: Uint8Array) => Promise<{ status: number }>;
  /** Whether the client hides streams in a `Request`, where they can only be copied: then they are sent again, whole. */
  readonly copiesStreams?: boolean;
  /** The `name` of the error with which this client reports an abort. */
  readonly abortError: string;
}

/** Every client must do all of this, whatever it is made of. Real servers count the requests. */
export function describeClient(client: ClientUnderTest): void {
  describe(`${client.name}: bearer auth`, () => {
    sandboxForEachTest();

    const authorizations = () => sandbox.requests.map(({ headers }) => headers.authorization);

    test('takes a configuration and puts a bearer token on a request', async () => {
      const send = client.over(sandbox.config);
      const { status, body } = await send(banks);
      expect(status).toBe(200);
      expect(JSON.parse(body).aspsps).toHaveLength(2);
      expect(authorizations()).toEqual([expect.stringMatching(/^Bearer \S+$/)]);
    });

    test('1,000 parallel first requests cost one token request, and all succeed', async () => {
      const send = client.over(sandbox.config);
      const responses = await overFewConnections(() => Promise.all(Array.from({ length: 1_000 }, () => send(banks))));
      expect(responses.filter(({ status }) => status === 200)).toHaveLength(1_000);
      expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: 1_000 });
    });

    test('a revocation under 200 requests in flight costs one token request and no failure', async () => {
      const send = client.over(sandbox.config);
      await send(banks);
      // Responses come before, during and after the renewal.
      sandbox.fault({ kind: 'slow', at: 'api', delayMs: 10, jitterMs: 100 });
      sandbox.fault({ kind: 'slow', at: 'token', delayMs: 25 });
      sandbox.resetStats();
      const storm = Array.from({ length: 200 }, () => send(banks));
      sandbox.revokeTokens();
      const responses = await Promise.all(storm);
      expect(responses.filter(({ status }) => status === 200)).toHaveLength(200);
      expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: 400, unauthorized: 200 });
    });

    test('a request that finds the token of another process dead too is sent a third time, with the same body', async () => {
      const config = { ...sandbox.config, store: memoryTokenStore() };
      const [ours, other] = [createTokenSource(config), createTokenSource(config)];
      const send = client.over(ours);
      await send(banks);
      await other.renew((await other.get()).value);
      await until(() => sandbox.stats().tokensIssued === 2);
      sandbox.revokeTokens();
      sandbox.resetStats();
      const { status, body } = await send(echo, { method: 'POST', body: '{"amount":1}' });
      expect(status).toBe(200);
      expect(atob(JSON.parse(body).bodyBase64)).toBe('{"amount":1}');
      expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: 3, unauthorized: 2 });
    });

    test('a token that the API does not accept yet stays in use, and no further one is requested', async () => {
      const send = client.over(sandbox.config);
      await send(banks);
      sandbox.revokeTokens();
      sandbox.fault({ kind: 'unauthorized', at: 'api', times: 2 });
      const statuses = [(await send(banks)).status, (await send(banks)).status];
      expect(statuses).toEqual([401, 200]);
      expect(sandbox.stats().tokensIssued).toBe(2);
    });

    test.each(['tpp', 'problem', 'array', 'challenge'] as const)(
      'an expired token, reported in the shape "%s", is renewed once',
      async (shape) => {
        sandbox.unauthorizedShape = shape;
        const send = client.over(sandbox.config);
        await send(banks);
        sandbox.expireTokens();
        expect((await send(banks)).status).toBe(200);
        expect(sandbox.stats()).toMatchObject({ tokensIssued: 2, apiRequests: 3, unauthorized: 1 });
      },
    );

    test('an API that responds with 401 every time is called twice, and the caller gets its second 401', async () => {
      const send = client.over(sandbox.config);
      sandbox.fault({ kind: 'unauthorized', at: 'api' });
      expect((await send(banks)).status).toBe(401);
      expect(sandbox.stats()).toMatchObject({ apiRequests: 2, tokenRequests: 2 });
    });

    test('a 401 that no new token would change is passed on whole: one call, no token request', async () => {
      const send = client.over(sandbox.config);
      await send(banks);
      sandbox.resetStats();
      sandbox.fault({ kind: 'unauthorized', at: 'api', code: 'CONSENT_EXPIRED' });
      const { status, body } = await send(banks);
      expect(status).toBe(401);
      expect(JSON.parse(body).tppMessages[0].code).toBe('CONSENT_EXPIRED');
      expect(sandbox.stats()).toMatchObject({ apiRequests: 1, tokenRequests: 0 });
    });

    test.each([403, 429, 500])('a %i renews nothing', async (status) => {
      const send = client.over(sandbox.config);
      sandbox.fault({ kind: 'status', at: 'api', status, body: { code: 'TOKEN_EXPIRED' } });
      expect((await send(banks)).status).toBe(status);
      expect(sandbox.stats()).toMatchObject({ apiRequests: 1, tokenRequests: 1 });
    });

    test('if the renewal fails, the caller gets the original 401 with its body', async () => {
      const { events, onEvent } = recordEvents();
      const send = client.over({ ...sandbox.config, onEvent });
      await send(banks);
      sandbox.revokeTokens();
      sandbox.fault({ kind: 'wrong-secret', at: 'token' });
      const { status, body } = await send(banks);
      expect(status).toBe(401);
      expect(JSON.parse(body).tppMessages[0].code).toBe('TOKEN_INVALID');
      expect(events('token.failed')).toEqual([expect.objectContaining({ code: 'invalid_client', status: 400 })]);
    });

    test('if the first token request fails, the error is an OpenBankingAuthError, and the API is not called', async () => {
      sandbox.fault({ kind: 'wrong-secret', at: 'token' });
      await expect(client.over(sandbox.config)(banks)).rejects.toMatchObject({
        name: 'OpenBankingAuthError',
        code: 'invalid_client',
      });
      expect(sandbox.stats()).toMatchObject({ apiRequests: 0, tokenRequests: 1 });
    });

    test.each<[string, () => NonNullable<SuiteRequest['body']>, Record<string, string>]>([
      ['a string', () => '{"psu":"Åsa","n":1}', { 'content-type': 'application/json' }],
      ['URLSearchParams', () => new URLSearchParams({ a: 'å+ä & ö', b: '' }), {}],
      ['bytes', () => new Uint8Array([0, 255, 10, 13, 128]), { 'content-type': 'application/octet-stream' }],
      ['a Buffer', () => Buffer.from('räksmörgås'), { 'content-type': 'text/plain' }],
      ['a Blob', () => new Blob(['in a blob'], { type: 'text/plain' }), {}],
    ])(
      'the replay sends %s byte for byte, with the same headers except token and request id',
      async (_, body, headers) => {
        const send = client.over(sandbox.config);
        await send(banks);
        sandbox.revokeTokens();
        sandbox.resetStats();
        const { status } = await send(echo, {
          method: 'POST',
          body: body(),
          headers: { 'Consent-ID': 'c-1', ...headers },
        });
        expect(status).toBe(200);
        const [first, second] = sandbox.requests;
        expect(first?.body.length).toBeGreaterThan(0);
        expect(second?.body).toEqual(first?.body);
        expect(second?.headers.authorization).not.toBe(first?.headers.authorization);
        expect(second?.headers['x-request-id']).not.toBe(first?.headers['x-request-id']);
        const { authorization: _a, 'x-request-id': _b, ...kept } = first?.headers ?? {};
        expect(second?.headers).toMatchObject(kept);
      },
    );

    test('the replay sends a FormData with the same parts', async () => {
      const send = client.over(sandbox.config);
      await send(banks);
      sandbox.revokeTokens();
      sandbox.resetStats();
      const form = new FormData();
      form.set('text', 'å');
      form.set('file', new Blob([new Uint8Array([0, 1, 255])]), 'a.bin');
      expect((await send(echo, { method: 'POST', body: form })).status).toBe(200);
      const [first, second] = sandbox.requests.map(({ body }) => {
        const text = body.toString('latin1');
        return text.replaceAll(text.slice(0, text.indexOf('\r\n')), '--BOUNDARY');
      });
      expect(first).toContain('a.bin');
      expect(second).toBe(first);
    });

    if (client.copiesStreams) {
      test('a stream hidden in a Request is sent again whole, never empty', async () => {
        const tokens = createTokenSource(sandbox.config);
        await tokens.get();
        sandbox.revokeTokens();
        expect((await client.overStream(tokens)(echo, Buffer.from('streamed'))).status).toBe(200);
        expect(sandbox.requests.map(({ body }) => body.toString())).toEqual(['streamed', 'streamed']);
      });
    } else
      test('a stream is never sent again: its 401 stands, and the token is renewed for the next request', async () => {
        const { events, onEvent } = recordEvents();
        const tokens = createTokenSource({ ...sandbox.config, onEvent });
        const old = await tokens.get();
        sandbox.revokeTokens();
        const { status } = await client.overStream(tokens)(echo, Buffer.from('streamed'));
        expect(status).toBe(401);
        expect(sandbox.requests.map(({ body }) => body.toString())).toEqual(['streamed']);
        expect(events('request.unauthorized')).toEqual([
          expect.objectContaining({ verdict: 'pass', reason: 'body_not_repeatable' }),
        ]);
        expect((await tokens.get()).value).not.toBe(old.value);
        expect((await client.overStream(tokens)(echo, Buffer.from('again'))).status).toBe(200);
      });

    test('of five callers waiting for the token, one aborts: it alone fails, and at once', async () => {
      const token = deferred<void>();
      const send = client.over({
        ...sandbox.config,
        async fetch(url, init) {
          const response = await fetch(url, init);
          await token.promise;
          return response;
        },
      });
      const controller = new AbortController();
      const impatient = send(banks, { signal: controller.signal }).catch((error: unknown) => error);
      const patient = Array.from({ length: 4 }, () => send(banks));
      while (sandbox.stats().tokenRequests === 0) await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      // The token has not arrived yet: an abort that waited for it would never come.
      expect(await impatient).toMatchObject({ name: client.abortError });
      token.give();
      expect((await Promise.all(patient)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: 4 });
    });

    test('a caller that aborts during the renewal gets an abort error, not the 401', async () => {
      const send = client.over(sandbox.config);
      await send(banks);
      sandbox.revokeTokens();
      sandbox.fault({ kind: 'hang', at: 'token' });
      sandbox.resetStats();
      const controller = new AbortController();
      const call = send(banks, { signal: controller.signal }).catch((error: unknown) => error);
      while (sandbox.stats().tokenRequests === 0) await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      expect(await call).toMatchObject({ name: client.abortError });
    });

    test('a request to another origin goes out as it is: no token, no request id', async () => {
      const { events, onEvent } = recordEvents();
      const send = client.over({ ...sandbox.config, onEvent });
      await send(`${sandbox.foreignUrl}/logo.png`);
      expect(sandbox.stats()).toMatchObject({
        foreignRequests: 1,
        foreignRequestsWithAuthorization: 0,
        tokenRequests: 0,
      });
      expect(sandbox.requests[0]?.headers).not.toHaveProperty('x-request-id');
      expect(events('origin.skipped')).toMatchObject([{ origin: sandbox.foreignUrl }]);
    });

    test.each([301, 302, 303, 307, 308])('a %i to another origin does not take the token along', async (status) => {
      const send = client.over(sandbox.config);
      sandbox.fault({ kind: 'redirect', at: 'api', status, location: `${sandbox.foreignUrl}/bank` });
      expect((await send(banks)).status).toBe(200);
      expect(sandbox.stats()).toMatchObject({ foreignRequests: 1, foreignRequestsWithAuthorization: 0 });
    });

    test('the token endpoint gets no bearer token, and a call of another grant passes untouched', async () => {
      const send = client.over(sandbox.config);
      await send(banks);
      const { clientId, clientSecret } = sandbox.config;
      const body = new URLSearchParams({
        grant_type: 'authorization_code',
        code: 'c',
        redirect_uri: 'https://example.com/',
        client_id: clientId,
        client_secret: clientSecret,
      });
      const { status } = await send(sandbox.tokenUrl, { method: 'POST', body });
      expect(status).toBe(200);
      expect(sandbox.stats()).toMatchObject({ tokenRequestsWithBearer: 0, tokenRequests: 2 });
      expect((await send(banks)).status).toBe(200);
    });

    test("a request's own Authorization wins, and its 401 is its own", async () => {
      const send = client.over(sandbox.config);
      expect((await send(banks, { headers: { Authorization: 'Bearer my-own' } })).status).toBe(401);
      expect(authorizations()).toEqual(['Bearer my-own']);
      expect(sandbox.stats().tokenRequests).toBe(0);
    });

    test('X-Request-ID is a fresh UUID, unless the caller has set one', async () => {
      const send = client.over(sandbox.config);
      await send(banks);
      await send(banks, { headers: { 'X-Request-ID': '99391c7e-ad88-49ec-a2ad-99ddcb1f7721' } });
      sandbox.revokeTokens();
      await send(banks, { headers: { 'X-Request-ID': '99391c7e-ad88-49ec-a2ad-99ddcb1f7721' } });
      const [made, ...given] = sandbox.requests.map(({ headers }) => headers['x-request-id']);
      expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(given).toEqual(Array(3).fill('99391c7e-ad88-49ec-a2ad-99ddcb1f7721'));
    });

    test('requestId: false adds none', async () => {
      await client.over({ ...sandbox.config, requestId: false })(banks);
      expect(sandbox.requests[0]?.headers).not.toHaveProperty('x-request-id');
    });

    test('openBanking options of a request choose scope and context, or no token at all', async () => {
      const send = client.over(sandbox.config);
      await send(banks);
      await send(banks, { openBanking: { context: 'corporate' } });
      await send(banks, { openBanking: { scope: ['paymentinitiation', 'accountinformation'] } });
      await send(banks, { openBanking: false });
      expect(sandbox.stats().tokensIssuedByScope).toEqual({
        'accountinformation private': 1,
        'accountinformation corporate': 1,
        'accountinformation paymentinitiation private': 1,
      });
      expect(authorizations().filter((value) => value === undefined)).toHaveLength(1);
    });

    test('an invalid openBanking option of a request is an error that names it', async () => {
      const invalid = { context: 'business' } as unknown as RequestAuthOptions;
      await expect(client.over(sandbox.config)(banks, { openBanking: invalid })).rejects.toMatchObject({
        code: 'invalid_config',
        message: expect.stringContaining('"openBanking.context" must be "private" or "corporate", got "business"'),
      });
    });
  });
}
