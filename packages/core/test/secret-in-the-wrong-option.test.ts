import { type ClientSecretConfig, createTokenSource, isOpenBankingAuthError } from '@open-banking-auth/core';
import { CONFIG, granted, sourceOver } from '@open-banking-auth/test-kit/token-endpoint';

const SECRETS = {
  "of the platform's kind": 'pLq8+Zr/3mXv9Tn=Kc2Wd5Yb7GhJ4sF0',
  'in hexadecimal': '9f2c4be17d30a86515c9e2b47f08d3a1',
  'with a colon': 'pLq8:Zr3mXv9TnKc2Wd5',
  'of words': 'correct-horse-battery-staple-correct',
  'with a line separator and a bidi mark': 'pLq8\u2028Zr3mXv9\u202eTnKc2Wd5',
};

const PLACES: Readonly<Record<string, (secret: string) => object>> = {
  tokenUrl: (tokenUrl) => ({ tokenUrl }),
  'the host of tokenUrl': (secret) => ({ tokenUrl: `https://${secret}` }),
  'the credentials of tokenUrl': (secret) => ({ tokenUrl: `https://id:${secret}@auth.test.invalid/connect/token` }),
  'tokenUrl of another scheme': (secret) => ({ tokenUrl: `${secret}:x` }),
  environment: (environment) => ({ environment }),
  scope: (scope) => ({ scope }),
  'scope, beside a word': (secret) => ({ scope: ['accountinformation', secret] }),
  'scope, in quotes': (secret) => ({ scope: `"${secret}" private` }),
  apiOrigins: (secret) => ({ apiOrigins: [secret] }),
  'apiOrigins, not in an array': (apiOrigins) => ({ apiOrigins }),
  'the path of apiOrigins': (secret) => ({ apiOrigins: [`https://api.test.invalid/${secret}`] }),
  clientAuthentication: (clientAuthentication) => ({ clientAuthentication }),
  timeoutMs: (timeoutMs) => ({ timeoutMs }),
  clientId: (clientId) => ({ clientId: ` ${clientId}` }),
};

describe.each(Object.entries(SECRETS))('a secret %s', (_, secret) => {
  /** Four characters in a row are too many. */
  const parts = Array.from({ length: secret.length - 3 }, (_each, at) => secret.slice(at, at + 4).toLowerCase());
  const expectNoneOf = (error: unknown) => {
    expect(isOpenBankingAuthError(error)).toBe(true);
    const message = String(error).toLowerCase();
    expect(parts.filter((part) => message.includes(part))).toEqual([]);
    expect(message).not.toMatch(/[\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
  };
  const thrownBy = (over: object): unknown => {
    try {
      createTokenSource({ ...CONFIG, clientSecret: secret, ...(over as Partial<ClientSecretConfig>) });
    } catch (error) {
      return error;
    }
    return undefined;
  };

  test.each(Object.entries(PLACES))('given as %s is not in the error', (_name, place) => {
    const error = thrownBy(place(secret));
    // A host, or the id, can be any word.
    if (error !== undefined) expectNoneOf(error);
    else expect(_name).toMatch(/host/);
  });

  test('given as the context or scope of a request is not in the error', async () => {
    const { tokens } = sourceOver(granted);
    for (const options of [{ context: secret as 'private' }, { scope: `"${secret}"` }]) {
      expectNoneOf(await tokens.get(options).catch((error: unknown) => error));
    }
  });
});

describe('what cannot be a secret is quoted', () => {
  test.each([
    [{ environment: 'staging' as 'sandbox' }, '"environment" is "staging"'],
    [{ tokenUrl: 'auth.openbankingplatform.com' }, '"tokenUrl" is "auth.openbankingplatform.com"'],
    [{ clientAuthentication: 'private_key_jwt' as 'client_secret_post' }, 'is "private_key_jwt"'],
    [{ scope: 'accountinformation p4yments' }, '"scope" is "accountinformation …" and has no PSU context'],
    [{ environment: 'x'.repeat(3_000) as 'sandbox' }, 'is a text of 3000 characters, not shown'],
  ])('%j', (over, says) => {
    expect(() => createTokenSource({ ...CONFIG, ...over })).toThrow(says);
  });
});
