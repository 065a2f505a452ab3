import { inspect } from 'node:util';
import { type ClientKey, createTokenSource, memoryTokenStore, openBankingFetch } from '@open-banking-auth/core';
import { recordEvents } from '@open-banking-auth/test-kit/recorded-events';
import { QUICK_CLOCK } from '@open-banking-auth/test-kit/token-endpoint';
import { generateKey, type KeyPair } from './keys.js';
import { OidcProvider } from './oidc-provider.js';
import { STORE_SECRET } from './plain-source.js';

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'RS512', 'PS384', 'ES512'] as const;

let server: OidcProvider;
let keys: Record<(typeof ALGORITHMS)[number] | 'next', KeyPair>;

beforeAll(async () => {
  const [RS256, PS256, ES256, RS512, PS384, ES512, next] = await Promise.all([
    generateKey('RS256'),
    generateKey('PS256'),
    generateKey('ES256'),
    generateKey('RS512'),
    generateKey('PS384'),
    generateKey('ES512'),
    generateKey('ES256', 'next'),
  ]);
  keys = { RS256, PS256, ES256, RS512, PS384, ES512, next };
  server = await OidcProvider.start(
    ALGORITHMS.map((algorithm) => ({
      client_id: algorithm,
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: algorithm,
      jwks: { keys: [keys[algorithm].publicJwk, ...(algorithm === 'ES256' ? [keys.next.publicJwk] : [])] },
    })),
  );
});
afterAll(() => server.stop());
beforeEach(() => server.seen());

function configFor(clientKey: ClientKey | (() => ClientKey | Promise<ClientKey>), clientId: string = 'ES256') {
  const { tokenUrl, apiUrl } = server;
  const apiOrigins = [apiUrl];
  return { tokenUrl, apiOrigins, clientId, clientAuthentication: 'private_key_jwt' as const, clientKey };
}

async function rejection(clientKey: ClientKey, aheadMs = 0) {
  const { all, onEvent } = recordEvents();
  const assertions: string[] = [];
  const source = createTokenSource(
    {
      ...configFor(clientKey),
      onEvent,
      fetch: async (url, init) => {
        assertions.push(String(new URLSearchParams(String(init?.body)).get('client_assertion')));
        return fetch(url, init);
      },
    },
    { clock: { ...QUICK_CLOCK, wall: () => Date.now() + aheadMs } },
  );
  const error = await source.get().catch((thrown: unknown) => thrown);
  const shown = [error, all, source].flatMap((value) => [
    inspect(value, { depth: null, showHidden: true }),
    JSON.stringify(value),
  ]);
  expect(assertions).toHaveLength(1);
  for (const assertion of assertions) {
    for (const part of assertion.split('.')) expect(shown.join()).not.toContain(part);
  }
  expect(shown.join()).not.toContain(keys.ES256.secret);
  return error as Error;
}

describe.each(ALGORITHMS)('against oidc-provider, with private_key_jwt and %s', (algorithm) => {
  test.each(['pem', 'jwk', 'cryptoKey'] as const)('a key as %s is accepted, and so is its token', async (form) => {
    const response = await openBankingFetch(configFor(keys[algorithm][form], algorithm))(server.apiUrl);
    expect(await response.json()).toMatchObject({ active: true, client_id: algorithm });
    expect(await server.seen()).toMatchObject({ tokenRequests: 1, accepted: 1 });
  });

  if (!algorithm.endsWith('256')) return;
  test('a revoked token costs one new token for 20 requests, and one replay each', async () => {
    const tokens = createTokenSource(configFor(keys[algorithm].jwk, algorithm));
    await server.revoke((await tokens.get()).value);
    const api = openBankingFetch(tokens);
    const responses = await Promise.all(Array.from({ length: 20 }, () => api(server.apiUrl)));
    expect(responses.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(await server.seen()).toMatchObject({ tokenRequests: 2, accepted: 20, refused: 20 });
  });
});

describe('private_key_jwt', () => {
  test.each([
    ['the token URL', undefined],
    ['its issuer', () => server.issuer],
  ])('names %s as audience, which the server accepts', async (_, audience) => {
    await createTokenSource(configFor({ ...keys.ES256.jwk, audience: audience?.() })).get();
  });

  test.each<[string, () => ClientKey]>([
    ['another key of the same name', () => ({ ...keys.next.jwk, kid: 'of ES256' })],
    ['an unknown kid', () => ({ ...keys.ES256.jwk, kid: 'unknown' })],
    ['another audience', () => ({ ...keys.ES256.jwk, audience: 'https://elsewhere.invalid' })],
  ])('with %s is rejected, with what to check, and shows neither key nor assertion', async (_, clientKey) => {
    expect(await rejection(clientKey())).toMatchObject({
      code: 'invalid_client',
      hint: expect.stringMatching(/^Check that the server has the public half of this key.*"kid".*"audience"/),
    });
  });

  test.each([
    [120_000, /^This machine's clock is 1[12]\d s ahead of the server's, which makes its assertions invalid/],
    [-120_000, /^This machine's clock is 1[12]\d s behind the server's/],
  ])('with a clock that is off by %i ms is rejected, and the error says so first', async (aheadMs, hint) => {
    expect(await rejection(keys.ES256.jwk, aheadMs)).toMatchObject({
      code: 'invalid_client',
      hint: expect.stringMatching(hint),
    });
  });

  test('with a function takes a new key without a restart, at once after a rejection', async () => {
    let current: ClientKey = { ...keys.ES256.jwk, kid: 'revoked' };
    const source = createTokenSource(configFor(async () => current));
    await expect(source.get()).rejects.toMatchObject({ code: 'invalid_client' });
    await expect(source.get()).rejects.toMatchObject({ code: 'token_request_paused' });
    current = keys.next.pem;
    expect(await source.get()).toBeDefined();
    expect(await server.seen()).toMatchObject({ tokenRequests: 2 });
  });

  test('with a function that fails says so without its message', async () => {
    const source = createTokenSource(
      configFor(() => {
        throw new Error('with the key s3cret');
      }),
      { clock: QUICK_CLOCK },
    );
    const error: unknown = await source.get().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: expect.stringContaining('the "clientKey" function threw Error. Log errors'),
    });
    expect(inspect(error)).not.toContain('s3cret');
  });

  test('with a store shares a token among those with the same key, however it is given, and with nobody else', async () => {
    const store = memoryTokenStore();
    const tokenOf = async (clientKey: ClientKey) =>
      (await createTokenSource({ ...configFor(clientKey), store, storeSecret: STORE_SECRET }).get()).value;
    const { pem, jwk, cryptoKey } = keys.ES256;
    const same = [await tokenOf(pem), await tokenOf(jwk)];
    const others = [await tokenOf(keys.next.pem), await tokenOf(cryptoKey)];
    expect(new Set(same).size).toBe(1);
    expect(new Set([...same, ...others]).size).toBe(3);
    expect(await server.seen()).toMatchObject({ tokenRequests: 3 });
  });
});
