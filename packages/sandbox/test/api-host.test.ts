import { startSandbox, type UnauthorizedShape } from '@open-banking-auth/sandbox';
import { sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import { banksPath, callApi, getToken, readJson } from './requests.js';

let token: string;
sandboxForEachTest();
beforeEach(async () => {
  token = await getToken(sandbox);
});

describe('responses of the services', () => {
  test('the list of banks', async () => {
    const response = await callApi(sandbox, token, banksPath);
    expect(response.status).toBe(200);
    expect(await readJson(response)).toStrictEqual({
      aspsps: [
        { bicFi: 'TESTSESS', name: 'Testbanken AB', logoUrl: 'https://logos.sandbox.invalid/TESTSESS.png' },
        { bicFi: 'EXMPSESS', name: 'Exempelbanken', logoUrl: 'https://logos.sandbox.invalid/EXMPSESS.png' },
      ],
    });
  });

  test('one bank, and 404 for an unknown one', async () => {
    const response = await callApi(sandbox, token, `${banksPath}/TESTSESS?x=1`);
    expect(await readJson(response)).toMatchObject({ bicFi: 'TESTSESS', city: 'Stockholm' });
    expect((await callApi(sandbox, token, `${banksPath}/NONE`)).status).toBe(404);
  });

  test('a consent, created and read', async () => {
    const created = await callApi(sandbox, token, '/psd2/consent/v1/consents', { method: 'POST', body: '{}' });
    expect(created.status).toBe(201);
    expect(created.headers.get('aspsp-sca-approach')).toBe('DECOUPLED');
    const consent = await readJson(created);
    expect(consent).toMatchObject({ consentStatus: 'received', scaMethods: [{ authenticationMethodId: 'mbid' }] });
    const read = await callApi(sandbox, token, created.headers.get('location') ?? '');
    expect(read.status).toBe(200);
    expect(await readJson(read)).toMatchObject({ consentId: consent.consentId });
  });

  test('the accounts, which require a Consent-ID', async () => {
    const path = '/psd2/accountinformation/v1/accounts';
    const without = await callApi(sandbox, token, path);
    expect(without.status).toBe(400);
    expect(await readJson(without)).toMatchObject({ tppMessages: [{ code: 'FORMAT_ERROR' }] });
    const response = await callApi(sandbox, token, path, { headers: { 'Consent-ID': crypto.randomUUID() } });
    expect(await readJson(response)).toMatchObject({ accounts: [{ iban: 'SE0000000000000000000001' }] });
  });

  test('a payment, with a warning that is not a failure', async () => {
    const paying = await getToken(sandbox, 'paymentinitiation corporate');
    const path = '/psd2/paymentinitiation/v1/payments/swedish-giro';
    const response = await callApi(sandbox, paying, path, { method: 'POST', body: '{}' });
    expect(response.status).toBe(201);
    expect(await readJson(response)).toMatchObject({
      transactionStatus: 'RCVD',
      tppMessages: [{ category: 'WARNING' }],
      _links: { self: { href: `${path}/33333333-3333-4333-8333-333333333333` } },
    });
  });

  test('the echo of any request', async () => {
    const body = Buffer.from([0, 255, 13, 10]);
    const response = await callApi(sandbox, token, '/echo?a=b', {
      method: 'PATCH',
      body,
      headers: { 'X-BicFi': 'TESTSESS' },
    });
    expect(await readJson(response)).toMatchObject({
      method: 'PATCH',
      headers: { 'x-bicfi': 'TESTSESS', authorization: `Bearer ${token}` },
      bodyBase64: body.toString('base64'),
    });
  });

  test('404 for a path that a service does not have, 405 for a method that a path does not have', async () => {
    expect((await callApi(sandbox, token, '/psd2/consent/v1/other')).status).toBe(404);
    expect((await callApi(sandbox, token, `${banksPath}/TESTSESS/branches`)).status).toBe(404);
    const response = await callApi(sandbox, token, banksPath, { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET');
  });
});

describe('X-Request-ID', () => {
  test('is echoed, whatever the response', async () => {
    const id = crypto.randomUUID();
    for (const path of [banksPath, '/psd2/consent/v1/other', '/nowhere'])
      expect(
        (await callApi(sandbox, token, path, { headers: { 'X-Request-ID': id } })).headers.get('x-request-id'),
      ).toBe(id);
  });

  test.each(['1', 'not a UUID', `${crypto.randomUUID()}, ${crypto.randomUUID()}`])(
    'must be a UUID, which "%s" is not',
    async (id) => {
      const response = await callApi(sandbox, token, banksPath, { headers: { 'X-Request-ID': id } });
      expect(response.status).toBe(400);
      expect(response.headers.get('x-request-id')).toBeNull();
      const text = expect.stringContaining('did this request go through the client');
      expect(await readJson(response)).toMatchObject({
        tppMessages: [{ category: 'ERROR', code: 'FORMAT_ERROR', text }],
      });
    },
  );

  test('is required', async () => {
    const response = await fetch(sandbox.apiUrl + banksPath, { headers: { Authorization: `Bearer ${token}` } });
    expect(response.status).toBe(400);
  });
});

describe('the services that a token covers', () => {
  const services = {
    banks: ['GET', banksPath],
    consents: ['POST', '/psd2/consent/v1/consents'],
    accounts: ['GET', '/psd2/accountinformation/v1/accounts'],
    payments: ['POST', '/psd2/paymentinitiation/v1/payments/domestic'],
  } as const;

  test.each([
    ['aspspinformation private', ['banks']],
    ['accountinformation corporate', ['banks', 'consents', 'accounts']],
    ['paymentinitiation private', ['payments']],
    ['accountinformation paymentinitiation private', ['banks', 'consents', 'accounts', 'payments']],
  ])('a token for "%s" covers %j', async (scope, expected) => {
    const scoped = await getToken(sandbox, scope);
    const covered: string[] = [];
    for (const [name, [method, path]] of Object.entries(services)) {
      const response = await callApi(sandbox, scoped, path, { method, headers: { 'Consent-ID': 'c' } });
      if (response.ok) covered.push(name);
      else expect(response.status).toBe(403);
    }
    expect(covered).toStrictEqual(expected);
  });

  test('any other service responds with SERVICE_BLOCKED', async () => {
    const response = await callApi(sandbox, token, services.payments[1], { method: 'POST' });
    expect(await readJson(response)).toStrictEqual({
      tppMessages: [{ category: 'ERROR', code: 'SERVICE_BLOCKED', text: 'The token does not cover this service' }],
    });
  });
});

describe('rejected requests', () => {
  test.each([undefined, ''])('without a token (%j) the response is a bare challenge without a body', async (none) => {
    const response = await callApi(sandbox, none, banksPath);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await response.text()).toBe('');
  });

  test('a path without /psd2/<service>/v1 blames the issuer, even with a valid token', async () => {
    for (const path of [
      '/aspspinformation/v1/aspsps',
      '/v1/aspsps',
      '/psd2/consent/v2/consents',
      '/psd2/toString/v1/x',
    ]) {
      const response = await callApi(sandbox, token, path);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe(
        `Bearer error="invalid_token", error_description="The issuer '(null)' is invalid"`,
      );
      expect(await response.text()).toBe('');
    }
  });

  test.each(['/premium/v1/anything', '/psd2/premium/v1/anything', '/kyc/v1/anything'])(
    "%s is of a product that is not imitated: a 404, and a 401 without the sandbox's token",
    async (path) => {
      expect((await callApi(sandbox, token, path)).status).toBe(404);
      expect(await readJson(await callApi(sandbox, 'unknown', path))).toMatchObject({
        tppMessages: [{ code: 'TOKEN_UNKNOWN' }],
      });
    },
  );

  test('unknown, revoked and expired tokens each have their own code', async () => {
    const codeFor = async (bearer: string) => readJson(await callApi(sandbox, bearer, banksPath));
    const revoked = [token, await getToken(sandbox)];
    expect(sandbox.revokeTokens()).toBe(2);
    const expired = await getToken(sandbox);
    expect(sandbox.expireTokens()).toBe(1);
    expect(await codeFor('unknown')).toMatchObject({ tppMessages: [{ code: 'TOKEN_UNKNOWN' }] });
    for (const bearer of revoked)
      expect(await codeFor(bearer)).toMatchObject({ tppMessages: [{ code: 'TOKEN_INVALID' }] });
    expect(await codeFor(expired)).toMatchObject({ tppMessages: [{ code: 'TOKEN_EXPIRED' }] });
    expect((await callApi(sandbox, await getToken(sandbox), banksPath)).status).toBe(200);
  });

  test('a token past its lifetime has expired', async () => {
    await using brief = await startSandbox({ lifetimeSeconds: 0.001 });
    const old = await getToken(brief);
    const expiredAt = performance.now() + 2;
    while (performance.now() < expiredAt);
    const response = await callApi(brief, old, banksPath);
    expect(await readJson(response)).toMatchObject({ tppMessages: [{ code: 'TOKEN_EXPIRED' }] });
    expect(brief.revokeTokens()).toBe(0);
  });

  const shapes: [UnauthorizedShape, string | null, string | null, unknown][] = [
    [
      'tpp',
      'application/json',
      null,
      { tppMessages: [{ category: 'ERROR', code: 'TOKEN_UNKNOWN', text: 'Unknown token' }] },
    ],
    ['array', 'application/json', null, [{ category: 'ERROR', code: 'TOKEN_UNKNOWN', text: 'Unknown token' }]],
    [
      'problem',
      'application/problem+json',
      null,
      {
        type: 'https://sandbox.invalid/problems/token-unknown',
        title: 'Token unknown',
        detail: 'Get a new token',
        code: 'TOKEN_UNKNOWN',
      },
    ],
    ['challenge', null, 'Bearer error="invalid_token", error_description="The signature key was not found"', undefined],
  ];
  test.each(shapes)('have the shape %s', async (shape, contentType, challenge, body) => {
    sandbox.unauthorizedShape = shape;
    expect(sandbox.unauthorizedShape).toBe(shape);
    const response = await callApi(sandbox, 'unknown', banksPath);
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toBe(contentType);
    expect(response.headers.get('www-authenticate')).toBe(challenge);
    expect(await response.text()).toBe(body === undefined ? '' : JSON.stringify(body));
  });

  test('a challenge for an expired token says when it expired', async () => {
    sandbox.unauthorizedShape = 'challenge';
    sandbox.expireTokens();
    const response = await callApi(sandbox, token, banksPath);
    expect(response.headers.get('www-authenticate')).toMatch(
      /^Bearer error="invalid_token", error_description="The token expired at '\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d'"$/,
    );
  });

  test('a body of 16 MiB is accepted, a larger one is not', async () => {
    const post = (bytes: number) => callApi(sandbox, token, '/echo', { method: 'POST', body: Buffer.alloc(bytes) });
    expect((await post(16 * 1024 * 1024)).status).toBe(200);
    expect((await post(16 * 1024 * 1024 + 1)).status).toBe(413);
  });
});
