import { type Sandbox, startSandbox } from '@open-banking-auth/sandbox';
import { banksPath, callApi, readJson, requestToken } from './requests.js';

const narrow = {
  clientId: 'client:with%odd&chars',
  clientSecret: 'sec+ret/with =:&%25',
  scopes: ['accountinformation', 'newinformation'],
};

let sandbox: Sandbox;
beforeAll(async () => {
  const first = { clientId: '5a9d6b0e-7c1f-4e2a-9b38-0d4f6c1e2a70', clientSecret: 'a+b/c==' };
  sandbox = await startSandbox({ clients: [first, narrow], lifetimeSeconds: 3599 });
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.resetStats());

test('a right request gets a bearer token in the documented shape, which must not be cached', async () => {
  const response = await requestToken(sandbox, { scope: 'accountinformation corporate' });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('pragma')).toBe('no-cache');
  expect(await readJson(response)).toStrictEqual({
    access_token: expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/),
    expires_in: 3599,
    token_type: 'Bearer',
    scope: 'accountinformation corporate',
  });
});

test('every request gets another token', async () => {
  const answers = await Promise.all([1, 2, 3].map(async () => readJson(await requestToken(sandbox))));
  expect(new Set(answers.map((answer) => answer.access_token)).size).toBe(3);
});

test.each([
  'aspspinformation private',
  'corporate accountinformation paymentinitiation',
  '  accountinformation   bankgiroinformation private ',
  'private private accountinformation',
])('the scope "%s" is granted, and is sent back as it was asked for', async (scope) => {
  const response = await requestToken(sandbox, { scope });
  expect(response.status).toBe(200);
  expect(await readJson(response)).toMatchObject({ scope });
  expect(sandbox.stats().tokensIssuedByScope).toStrictEqual({ [scope]: 1 });
});

test.each([
  ['without a context', 'accountinformation'],
  ['with both contexts', 'accountinformation private corporate'],
  ['without an API scope', 'private'],
  ['with an unknown word', 'accountinformation everything private'],
  ['with bankgiroinformation alone', 'bankgiroinformation corporate'],
  ['in capitals', 'ACCOUNTINFORMATION PRIVATE'],
])('a scope %s is an invalid_scope', async (_, scope) => {
  const response = await requestToken(sandbox, { scope });
  expect(response.status).toBe(400);
  expect(await readJson(response)).toStrictEqual({ error: 'invalid_scope' });
  expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, tokensIssued: 0 });
});

test.each([
  ['no client_id', { client_id: undefined }, 'invalid_request'],
  ['no client_secret', { client_secret: undefined }, 'invalid_request'],
  ['no grant_type', { grant_type: undefined }, 'invalid_request'],
  ['no scope', { scope: undefined }, 'invalid_request'],
  ['an empty scope', { scope: '' }, 'invalid_request'],
  ['an unknown client', { client_id: crypto.randomUUID() }, 'invalid_client'],
  ['a wrong secret', { client_secret: 'a b/c==' }, 'invalid_client'],
  ['another grant type', { grant_type: 'password' }, 'unsupported_grant_type'],
])('%s gets a 400', async (_, fields, error) => {
  const response = await requestToken(sandbox, fields);
  expect(response.status).toBe(400);
  expect(await readJson(response)).toStrictEqual({ error });
});

test('a JSON body is an invalid_request', async () => {
  const { clientId, clientSecret, scope } = sandbox.config;
  const body = { client_id: clientId, client_secret: clientSecret, grant_type: 'client_credentials', scope };
  const response = await fetch(sandbox.tokenUrl, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(400);
  expect(await readJson(response)).toStrictEqual({ error: 'invalid_request' });
});

test('a secret whose plus sign was not encoded is the wrong secret', async () => {
  const { clientId, clientSecret } = sandbox.config;
  const response = await fetch(sandbox.tokenUrl, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: `client_id=${clientId}&client_secret=${clientSecret}&grant_type=client_credentials&scope=accountinformation private`,
  });
  expect(await readJson(response)).toStrictEqual({ error: 'invalid_client' });
});

test('a parameter that comes twice is an invalid_request', async () => {
  const { clientId, clientSecret, scope } = sandbox.config;
  const form = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, scope });
  form.append('grant_type', 'client_credentials');
  form.append('scope', scope);
  const response = await fetch(sandbox.tokenUrl, { method: 'POST', body: form });
  expect(await readJson(response)).toStrictEqual({ error: 'invalid_request' });
});

describe('HTTP Basic', () => {
  const form = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
  const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  const bare = { client_id: undefined, client_secret: undefined };

  test('takes a form-encoded id and secret', async () => {
    const authorization = basic(form(narrow.clientId), form(narrow.clientSecret));
    const response = await requestToken(sandbox, bare, { Authorization: authorization });
    expect(response.status).toBe(200);
    expect(sandbox.stats().tokenRequestsWithBearer).toBe(0);
  });

  test('rejects an id and a secret that were not form-encoded', async () => {
    const authorization = basic(sandbox.config.clientId, sandbox.config.clientSecret);
    const response = await requestToken(sandbox, bare, { Authorization: authorization });
    expect(response.status).toBe(400);
    expect(await readJson(response)).toStrictEqual({ error: 'invalid_client' });
  });

  test.each(['Basic', 'Basic !', `Basic ${Buffer.from('%:%').toString('base64')}`])(
    'rejects the unreadable header "%s"',
    async (authorization) => {
      const response = await requestToken(sandbox, bare, { Authorization: authorization });
      expect(await readJson(response)).toStrictEqual({ error: 'invalid_request' });
    },
  );

  test('rejects credentials in the header and in the body at once', async () => {
    const authorization = basic(form(sandbox.config.clientId), form(sandbox.config.clientSecret));
    const response = await requestToken(sandbox, {}, { Authorization: authorization });
    expect(await readJson(response)).toStrictEqual({ error: 'invalid_request' });
  });
});

describe('a client with scopes of its own', () => {
  const as = { client_id: narrow.clientId, client_secret: narrow.clientSecret };

  test('gets those, even if nobody else knows them', async () => {
    expect((await requestToken(sandbox, { ...as, scope: 'newinformation private' })).status).toBe(200);
  });

  test('gets no others', async () => {
    const response = await requestToken(sandbox, { ...as, scope: 'paymentinitiation private' });
    expect(await readJson(response)).toStrictEqual({ error: 'invalid_scope' });
  });
});

test('authorization_code gets a token that the API does not know and that is not counted', async () => {
  const response = await requestToken(sandbox, {
    grant_type: 'authorization_code',
    code: 'a-code',
    redirect_uri: 'https://app.example/back',
  });
  expect(response.status).toBe(200);
  const answer = await readJson(response);
  expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
  expect(sandbox.stats().tokensIssued).toBe(0);
  const refused = await callApi(sandbox, String(answer.access_token), banksPath);
  expect(await readJson(refused)).toMatchObject({ tppMessages: [{ code: 'TOKEN_UNKNOWN' }] });
});

test('authorization_code without a code is an invalid_request', async () => {
  const response = await requestToken(sandbox, { grant_type: 'authorization_code' });
  expect(await readJson(response)).toStrictEqual({ error: 'invalid_request' });
});

test('another path is not found, and another method not allowed', async () => {
  expect((await fetch(`${new URL(sandbox.tokenUrl).origin}/token`, { method: 'POST' })).status).toBe(404);
  const response = await fetch(sandbox.tokenUrl);
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('POST');
});

test('a bearer token that reaches the token host is counted', async () => {
  await requestToken(sandbox, {}, { Authorization: 'Bearer astray' });
  expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, tokenRequestsWithBearer: 1 });
});
