import { readFile } from 'node:fs/promises';
import { type ClientSecretConfig, createTokenSource, isOpenBankingAuthError } from '@open-banking-auth/core';
import {
  CONFIG,
  deferred,
  granted,
  grantedWith,
  json,
  SECRET,
  settle,
  sourceOver,
  until,
} from '@open-banking-auth/test-kit/token-endpoint';
import nock from 'nock';

describe('the token request on the wire', () => {
  beforeAll(() => nock.disableNetConnect());
  afterEach(() => nock.cleanAll());
  afterAll(() => nock.restore());

  function answering(host: string) {
    const seen: { body: string; headers: Record<string, string | string[]> }[] = [];
    nock(host)
      .post('/connect/token')
      .reply(function (_uri, body) {
        seen.push({ body: String(body), headers: this.req.headers });
        return [
          200,
          { access_token: 't', token_type: 'bearer', expires_in: 3600 },
          { 'content-type': 'application/json' },
        ];
      });
    return seen;
  }

  test('is a form in which awkward characters survive, with only the parameters that the platform documents', async () => {
    const [call] = (() => {
      const seen = answering('https://auth.test.invalid');
      return [
        createTokenSource(CONFIG)
          .get()
          .then(() => seen[0]),
      ];
    })();
    const { body = '', headers = {} } = (await call) ?? {};
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      client_id: CONFIG.clientId,
      client_secret: SECRET,
      grant_type: 'client_credentials',
      scope: 'accountinformation private',
    });
    expect(body).toContain('client_secret=s3cr%2Bt%2F%C3%A4%3D%26%3F');
    expect(headers['content-type']).toMatch(/^application\/x-www-form-urlencoded\b/);
    expect(headers.accept).toBe('application/json');
    expect(headers).not.toHaveProperty('authorization');
  });

  test('with client_secret_basic the credentials are form-encoded, then base64, and not in the body', async () => {
    const seen = answering('https://auth.test.invalid');
    await createTokenSource({ ...CONFIG, clientAuthentication: 'client_secret_basic' }).get();
    const [scheme, encoded = ''] = String(seen[0]?.headers.authorization).split(' ');
    expect(scheme).toBe('Basic');
    const [id = '', secret = ''] = atob(encoded).split(':');
    expect(new URLSearchParams(`s=${secret}`).get('s')).toBe(SECRET);
    expect(decodeURIComponent(id)).toBe(CONFIG.clientId);
    expect([...new URLSearchParams(seen[0]?.body).keys()].sort()).toEqual(['grant_type', 'scope']);
  });

  // As a form is serialised (https://url.spec.whatwg.org/#concept-urlencoded-serializer), and no more: many servers decode nothing.
  test.each([
    ['5b1cb4a0-0000-4000-8000-3a5d0ee1a5c1', '5b1cb4a0-0000-4000-8000-3a5d0ee1a5c1'],
    ['an.id_with-marks*', 'an.id_with-marks*'],
    ['~', '%7E'],
    ["!'()", '%21%27%28%29'],
    ['a b', 'a+b'],
    ['a:b+c/d=&%', 'a%3Ab%2Bc%2Fd%3D%26%25'],
    ['ä€😀', '%C3%A4%E2%82%AC%F0%9F%98%80'],
  ])('with client_secret_basic "%s" is sent as "%s"', async (text, written) => {
    const seen = answering('https://auth.test.invalid');
    const config = { ...CONFIG, clientId: text, clientSecret: text };
    await createTokenSource({ ...config, clientAuthentication: 'client_secret_basic' }).get();
    expect(seen[0]?.headers.authorization).toBe(`Basic ${btoa(`${written}:${written}`)}`);
  });

  test.each<[string, string, Partial<ClientSecretConfig>]>([
    ['production', 'https://auth.openbankingplatform.com', { environment: 'production' }],
    ['sandbox', 'https://oauth.sandbox.openbankingplatform.com', { environment: 'sandbox' }],
    [
      'sandbox with the former host as token URL',
      'https://auth.sandbox.openbankingplatform.com',
      { environment: 'sandbox', tokenUrl: 'https://auth.sandbox.openbankingplatform.com/connect/token' },
    ],
  ])('goes to the host of %s', async (_, host, over) => {
    const seen = answering(host);
    const { clientId, clientSecret, scope } = CONFIG;
    await createTokenSource({ environment: undefined, clientId, clientSecret, scope, ...over }).get();
    expect(seen).toHaveLength(1);
  });
});

describe('the client secret', () => {
  test('can be a function, which is called for every token request', async () => {
    const secrets = ['first', 'second'];
    const { tokens, calls } = sourceOver(granted, { clientSecret: async () => secrets.shift() ?? 'none left' });
    await tokens.renew(await tokens.get());
    expect(calls.map(({ form }) => form.get('client_secret'))).toEqual(['first', 'second']);
  });

  test.each<[string, () => string | Promise<string>, string, RegExp]>([
    [
      'throws',
      () => {
        throw new TypeError(`no ${SECRET}`);
      },
      'token_request_failed',
      /"clientSecret" function threw TypeError/,
    ],
    ['rejects', () => Promise.reject(new Error(SECRET)), 'token_request_failed', /"clientSecret" function threw Error/],
    [
      'reads a file that is not there',
      () => readFile(`/run/secrets/${SECRET}`, 'utf8'),
      'token_request_failed',
      /"clientSecret" function threw Error \(ENOENT\)\. /,
    ],
    [
      'throws an error with a code of its own',
      () => Promise.reject(Object.assign(new Error(), { code: SECRET })),
      'token_request_failed',
      /"clientSecret" function threw Error\. /,
    ],
    [
      'gives nothing',
      () => undefined as unknown as string,
      'invalid_config',
      /"clientSecret \(the value that the function returned\)" must be a string, got undefined/,
    ],
    [
      'gives a line break with it',
      () => `${SECRET}\n`,
      'invalid_config',
      /begins or ends with a space or line break\. Trim it/,
    ],
  ])('function that %s', async (_, clientSecret, code, message) => {
    const { tokens, calls } = sourceOver(granted, { clientSecret });
    const error: unknown = await tokens.get().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(String(error)).not.toContain(SECRET);
    expect(calls).toHaveLength(0);
  });

  test('function that hangs is given up after the 15 s that a token may take in all', async () => {
    const { tokens, clock } = sourceOver(granted, { clientSecret: () => new Promise<string>(() => {}) });
    const caller = tokens.get().catch((error: unknown) => error);
    await until(() => clock.pendingTimers === 1);
    clock.advance(15_000);
    expect(await caller).toMatchObject({
      code: 'token_request_timeout',
      message: expect.stringContaining('"clientSecret" function'),
    });
    expect(clock.pendingTimers).toBe(0);
  });

  test('function that is slow leaves the rest of the 15 s to the request', async () => {
    const secret = deferred<string>();
    const { tokens, clock, calls } = sourceOver(() => new Promise<Response>(() => {}), {
      clientSecret: () => secret.promise,
    });
    const caller = tokens.get().catch((error: unknown) => error);
    await until(() => clock.pendingTimers === 1);
    clock.advance(13_000);
    secret.give('late');
    await until(() => calls.length === 1);
    clock.advance(2_000);
    expect(await caller).toMatchObject({
      code: 'token_request_timeout',
      message: expect.stringContaining('within 2000 ms'),
    });
  });
});

describe('time limits', () => {
  test.each([
    ['5 s by default', {}, 5_000],
    ['timeoutMs', { timeoutMs: 700 }, 700],
    ['timeoutMs beyond the budget of 15 s', { timeoutMs: 20_000 }, 20_000],
  ])('an attempt is given up after %s, even if fetch ignores its signal', async (_, config, limitMs) => {
    const { tokens, clock, calls } = sourceOver(() => new Promise<Response>(() => {}), config);
    const caller = tokens.get().catch((error: unknown) => error);
    await until(() => calls.length === 1);
    clock.advance(limitMs - 1);
    await settle();
    expect(calls[0]?.init.signal?.aborted).toBe(false);
    clock.advance(1);
    await settle();
    expect(calls[0]?.init.signal?.aborted).toBe(true);
    expect(await clock.through(caller)).toMatchObject({ code: 'token_request_timeout' });
    expect(clock.pendingTimers).toBe(0);
  });

  test('a body that does not end is given up too', async () => {
    const { tokens, clock } = sourceOver(() => new Response(new ReadableStream({})));
    await expect(clock.through(tokens.get())).rejects.toMatchObject({ code: 'token_request_timeout' });
  });
});

describe('responses of the token endpoint', () => {
  const html = '<html><body>Bad gateway</body></html>';

  test.each<[string, () => Response, Record<string, unknown>, string]>([
    [
      'invalid_client as 400',
      () => json({ error: 'invalid_client' }, 400),
      { code: 'invalid_client', status: 400, oauthError: 'invalid_client' },
      'Check clientId and clientSecret',
    ],
    [
      'invalid_client as 401 with a challenge',
      () => json({ error: 'invalid_client' }, 401, { 'www-authenticate': 'Basic realm="x"' }),
      { code: 'invalid_client', status: 401 },
      'Check clientId and clientSecret',
    ],
    [
      'invalid_scope',
      () => json({ error: 'invalid_scope' }, 400),
      { code: 'invalid_scope', status: 400 },
      'granted these API scopes',
    ],
    [
      'another OAuth error with its description',
      () => json({ error: 'unauthorized_client', error_description: 'not for\nyou' }, 400),
      { code: 'token_request_rejected', oauthError: 'unauthorized_client' },
      'not for you',
    ],
    [
      'temporarily_unavailable',
      () => json({ error: 'temporarily_unavailable' }, 400),
      { code: 'token_request_failed', status: 400 },
      'try again later',
    ],
    [
      'a 400 that is not an OAuth error',
      () => json({ message: 'no' }, 400),
      { code: 'token_request_rejected', status: 400 },
      'not an OAuth error',
    ],
    [
      'an empty 400',
      () => new Response(null, { status: 400 }),
      { code: 'token_request_rejected', status: 400 },
      'an empty body',
    ],
    [
      'a 404 page',
      () => new Response(html, { status: 404 }),
      { code: 'token_request_rejected', status: 404 },
      'HTML instead of JSON',
    ],
    ['503', () => new Response(html, { status: 503 }), { code: 'token_request_failed', status: 503 }, 'HTTP 503'],
    ['429', () => json({}, 429), { code: 'token_request_failed', status: 429 }, 'HTTP 429'],
    [
      'a redirect',
      () => new Response(null, { status: 307, headers: { location: 'https://evil.test.invalid/' } }),
      { code: 'token_request_rejected', status: 307 },
      'Redirects are not followed',
    ],
    ['an empty 200', () => new Response(''), { code: 'token_response_invalid', status: 200 }, 'an empty body'],
    ['HTML as 200', () => new Response(html), { code: 'token_response_invalid', status: 200 }, 'HTML instead of JSON'],
    [
      'broken JSON',
      () => new Response('{"access_token":"live-to'),
      { code: 'token_response_invalid', status: 200 },
      'JSON',
    ],
    ['JSON that is not an object', () => json(['live-token']), { code: 'token_response_invalid' }, 'top level object'],
    [
      'an error body with status 200',
      () => json({ error: 'invalid_client' }),
      { code: 'token_response_invalid' },
      'access_token',
    ],
    [
      'no access_token',
      () => grantedWith(1, { access_token: undefined }),
      { code: 'token_response_invalid' },
      '"access_token"',
    ],
    [
      'an access_token that is not a string',
      () => grantedWith(1, { access_token: { live: 'live-token' } }),
      { code: 'token_response_invalid' },
      '"access_token"',
    ],
    [
      'no token_type',
      () => grantedWith(1, { token_type: undefined }),
      { code: 'token_response_invalid' },
      '"token_type"',
    ],
    [
      'another token_type',
      () => grantedWith(1, { token_type: 'mac' }),
      { code: 'token_response_invalid' },
      'token_type',
    ],
    [
      'a DPoP token',
      () => grantedWith(1, { token_type: 'DPoP' }),
      { code: 'token_response_invalid' },
      'not of the type "Bearer"',
    ],
    [
      'expires_in 0',
      () => grantedWith(1, { expires_in: 0 }),
      { code: 'token_response_invalid' },
      'has already expired',
    ],
    ['expires_in -1', () => grantedWith(1, { expires_in: -1 }), { code: 'token_response_invalid' }, '"expires_in"'],
    [
      'expires_in that is not a number',
      () => grantedWith(1, { expires_in: 'soon' }),
      { code: 'token_response_invalid' },
      '"expires_in"',
    ],
    [
      'a token with a line break',
      () => grantedWith(1, { access_token: 'live-token\r\nX-Evil: 1' }),
      { code: 'token_response_invalid' },
      'no HTTP header can carry',
    ],
    [
      'a token of 64 KiB less the rest',
      () => grantedWith(1, { access_token: 'x'.repeat(65_000) }),
      { code: 'token_response_invalid' },
      'more than 8192 characters',
    ],
    [
      'more than 64 KiB',
      () => grantedWith(1, { access_token: 'x'.repeat(66_000) }),
      { code: 'token_response_invalid' },
      'more than 64 KiB',
    ],
    [
      '201',
      () =>
        grantedWith(1, {}).status === 200 ? json({ access_token: 'live-token', token_type: 'Bearer' }, 201) : json({}),
      { code: 'token_response_invalid', status: 201 },
      'HTTP 201',
    ],
  ])('%s', async (_, answer, expected, says) => {
    const { tokens, events, clock } = sourceOver(answer);
    const error: unknown = await clock.through(tokens.get()).catch((thrown: unknown) => thrown);
    expect(isOpenBankingAuthError(error)).toBe(true);
    expect(error).toMatchObject({ ...expected, message: expect.stringContaining(says) });
    expect(error).toMatchObject({ message: expect.stringContaining('https://auth.test.invalid/connect/token') });
    expect(error).not.toHaveProperty('cause');
    expect(JSON.stringify([error, events('token.failed')]) + String(error)).not.toMatch(/live-to|evil/);
  });

  test.each([
    ['undefined', undefined],
    ['an object', { status: 200, data: { access_token: 'token' } }],
  ])('a fetch that returns %s is named as the cause', async (kind, result) => {
    const { tokens, calls } = sourceOver(async () => result as unknown as Response);
    await expect(tokens.get()).rejects.toMatchObject({
      code: 'invalid_config',
      message: `"fetch" returned ${kind}, and not a Response. Give a function like fetch`,
    });
    expect(calls).toHaveLength(1);
  });

  test("an error names the server's request id, if there is one", async () => {
    const { tokens } = sourceOver(() => json({ error: 'invalid_client' }, 400, { 'x-request-id': 'r-1' }));
    await expect(tokens.get()).rejects.toMatchObject({ requestId: 'r-1' });
  });

  test('a description that repeats the secret is not quoted', async () => {
    const { tokens } = sourceOver(() =>
      json({ error: 'invalid_client', error_description: `wrong: ${SECRET} / ${encodeURIComponent(SECRET)}` }, 400),
    );
    const error: unknown = await tokens.get().catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('the text that came with it is not repeated here, as it may hold a credential');
    expect(String(error)).not.toContain('wrong');
  });

  test('a client secret of one letter does not tear holes into the words of others', async () => {
    const { tokens } = sourceOver(() => json({ error: 'invalid_client', error_description: 'bad client' }, 400), {
      clientSecret: 'b',
    });
    await expect(tokens.get()).rejects.toMatchObject({ message: expect.stringContaining('bad client') });
  });

  test("in the sandbox, an error names both of the platform's token hosts", async () => {
    const { clientId, clientSecret, scope } = CONFIG;
    const fetch = async () => json({ error: 'invalid_client' }, 400);
    const tokens = createTokenSource({ environment: 'sandbox', clientId, clientSecret, scope, fetch });
    const error: unknown = await tokens.get().catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('https://oauth.sandbox.openbankingplatform.com/connect/token');
    expect(String(error)).toContain('https://auth.sandbox.openbankingplatform.com/connect/token');
  });
});
