import { inspect } from 'node:util';
import { type ClientSecretConfig, createTokenSource, isOpenBankingAuthError } from '@open-banking-auth/core';
import { ENCODINGS } from '@open-banking-auth/test-kit/encodings';
import { CONFIG, grantedWith, json, sourceOver } from '@open-banking-auth/test-kit/token-endpoint';

// Of the platform's kind.
const SECRET = 'pLq8+Zr/3mXv9Tn=Kc2Wd5Yb7GhJ4sF0';
const ID = CONFIG.clientId;
const NOT_REPEATED = 'is not repeated here, as it may hold a credential';

type Rejects = (text: string) => Promise<{ shown: string; error: unknown }>;

/** What is shown of a failed token request, everywhere. */
async function failed(
  answer: () => Response | Promise<Response>,
  config: Partial<ClientSecretConfig> = {},
): Promise<{ shown: string; error: unknown }> {
  const { tokens, all, clock } = sourceOver(answer, { clientSecret: SECRET, ...config });
  const error: unknown = await clock.through(tokens.get()).catch((thrown: unknown) => thrown);
  expect(isOpenBankingAuthError(error)).toBe(true);
  const paused: unknown = await tokens.get().catch((thrown: unknown) => thrown);
  const shown = [error, paused, all].map((value) => inspect(value, { depth: null }) + JSON.stringify(value)).join();
  return { shown, error };
}

const described: Rejects = (text) => failed(() => json({ error: 'invalid_client', error_description: text }, 400));
const named: Rejects = (text) => failed(() => json({ error: text, error_description: 'no' }, 400));
const thrown: Rejects = (text) =>
  failed(() => Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: new Error(`socket: ${text}`) })));
const identified: Rejects = (text) =>
  failed(() => json({ error: 'invalid_client' }, 400, { 'x-request-id': text.replace(/[^\x20-\x7e]/g, '') }));

const PLACES: Readonly<Record<string, Rejects>> = {
  'the description': described,
  'the error': named,
  'a network error': thrown,
  'the request id': identified,
};

describe.each(Object.entries(PLACES))('a credential in %s is not repeated', (_, reject) => {
  const cases = Object.entries(ENCODINGS).flatMap(([encoding, encode]) => [
    [`the secret ${encoding}`, encode(SECRET)] as const,
    [`the id ${encoding}`, encode(ID)] as const,
  ]);
  test.each(cases)('%s', async (_name, text) => {
    const bare = text.replace(/\s+/g, ' ').slice(0, 24);
    for (const foreign of [text, `x-${text}.`, `Unknown client: "${text}" (see the log)`]) {
      const { shown } = await reject(foreign);
      expect(shown).not.toContain(text);
      expect(shown).not.toContain(bare);
      expect(shown).not.toContain('see the log');
    }
  });
});

describe('a token in a description is not repeated', () => {
  const jwt = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"x"}').toString('base64url')}.c2lnbmF0dXJl`;
  test.each([
    ['a JWT', `rejected: ${jwt}`],
    ['a JWT in percent codes', encodeURIComponent(jwt).replaceAll('.', '%2E')],
    ['a JWT in base64', Buffer.from(jwt).toString('base64')],
    ['what follows "Bearer"', 'not a token: Bearer 5f2c9d'],
    ['a reference token', `reference ${'0A1B2C3D'.repeat(8)} is unknown`],
  ])('%s', async (_, text) => {
    const { shown } = await described(text);
    expect(shown).toContain(NOT_REPEATED);
    for (const part of ['eyJ', '5f2c9d', '0A1B2C3D', 'ZXlK']) expect(shown).not.toContain(part);
  });
});

describe('what is plainly harmless is quoted', () => {
  test.each([
    'The client is not allowed to use the scope "paymentinitiation".',
    'Invalid client credentials',
    'Okänd klient: hemligheten stämmer inte (fel 17)',
    'AADSTS700016: not found in the directory. Trace ID: 1c9a1f3e-07b5-4d41-9a5f-7b1d9b1f2a00 Timestamp: 2026-11-26 10:12:13Z',
    'bearer authentication is not supported here, 100% sure & certain',
  ])('%s', async (text) => {
    const { error } = await described(text);
    expect(error).toMatchObject({
      message: expect.stringContaining(`(HTTP 400): ${text}. `),
      oauthError: 'invalid_client',
    });
  });

  test('a registered error, even if the client id has letters in common with it', async () => {
    const { error } = await failed(() => json({ error: 'invalid_client' }, 400), { clientId: 'invalid-client' });
    expect(error).toMatchObject({ code: 'invalid_client', oauthError: 'invalid_client' });
  });

  test('an error of the network', async () => {
    const { error } = await thrown('getaddrinfo ENOTFOUND auth.test.invalid');
    expect(error).toMatchObject({ message: expect.stringContaining('failed: socket: getaddrinfo ENOTFOUND') });
  });

  test.each(['c0a8f3c2-6f0e-4f3c-9d0b-5b6a3d1f8e11', '0HN7GLLOBPS2T:00000001', 'Root=1-67891233-abcdef012345'])(
    'the request id %s',
    async (id) => {
      expect((await identified(id)).error).toMatchObject({ requestId: id });
    },
  );

  test('on one line, without marks that change its direction, and not longer than 200 characters', async () => {
    const { error } = await described(
      `one\u2028two\u2029three\u202efour\u2066five\r\nsix\u0007 ${'and so on '.repeat(500)}`,
    );
    const message = String(error);
    expect(message).toContain('one two three four five six and so on');
    expect(message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(message.length).toBeLessThan(700);
  });
});

test('a quote does not end between the two halves of a character', async () => {
  const { error } = await described('🏦'.repeat(150).replace('🏦', 'a'));
  expect(String(error)).toContain('🏦…');
  expect(String(error)).not.toMatch(/\p{Cs}/u);
});

test.each([
  ['with characters that no error has', 'invalid"client'],
  ['that is a page', '<html>'.repeat(50)],
])('an error %s is not repeated', async (_, text) => {
  const { error } = await named(text);
  expect(error).toMatchObject({ code: 'token_request_rejected' });
  expect(error).not.toHaveProperty('oauthError');
  expect(String(error)).toContain('was rejected with an error that is not repeated here (HTTP 400)');
});

test.each([
  ['the secret', SECRET],
  ['the token', 'token-1-of-this-response'],
  ['the secret in base64', Buffer.from(SECRET).toString('base64')],
])('a granted scope that is %s is not shown with the token', async (_, scope) => {
  const { tokens } = sourceOver(() => grantedWith(1, { access_token: 'token-1-of-this-response', scope }), {
    clientSecret: SECRET,
  });
  expect((await tokens.get()).scope).toBe(CONFIG.scope);
});

test('the name of what the clientSecret function throws is repeated only if it is the name of an error', async () => {
  const failing = (name: string) => {
    const clientSecret = () => Promise.reject(Object.assign(new Error('no'), { name }));
    return createTokenSource({ ...CONFIG, clientSecret })
      .get()
      .catch(String);
  };
  expect(await failing('VaultTimeoutError')).toContain('function threw VaultTimeoutError');
  expect(await failing(SECRET)).toContain('function threw an error.');
});
