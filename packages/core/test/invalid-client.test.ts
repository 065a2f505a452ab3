import { inspect } from 'node:util';
import { isOpenBankingAuthError } from '@open-banking-auth/core';
import { CONFIG, json, sourceOver } from '@open-banking-auth/test-kit/token-endpoint';

const UUID = CONFIG.clientId;

async function rejection(clientId: string, clientSecret: string | (() => string)) {
  const { tokens } = sourceOver(() => json({ error: 'invalid_client' }, 400), { clientId, clientSecret });
  const error: unknown = await tokens.get().catch((thrown: unknown) => thrown);
  if (!isOpenBankingAuthError(error)) throw error;
  expect(error.code).toBe('invalid_client');
  const secret = typeof clientSecret === 'function' ? clientSecret() : clientSecret;
  for (const shown of [inspect(error), JSON.stringify(error), error.message]) {
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain(clientId);
  }
  return error.hint;
}

describe('rejected credentials', () => {
  test.each([
    ['a "+" that became a space', UUID, 'invented for/tests=', '"clientSecret" contains a space'],
    ['a secret that is encoded', UUID, 'invented%2Bfor', '"clientSecret" contains a percent code'],
    [
      'a secret without its last "="',
      UUID,
      'aW52ZW50ZWQ+Zm9yL3RoZQ',
      'an "=" at its end, or more, may have been cut off',
    ],
    ['a secret without one of two "="', UUID, 'aW52ZW50ZWQ+Zm9yL3RoZQ=', 'an "=" at its end'],
    ['id and secret swapped', 'invented+for', UUID, 'they may have been swapped'],
    ['an id that is not a UUID', 'my-application', 'aW52ZW50ZWQ+Zm9yL3RoZQ==', '"clientId" is not a UUID'],
  ])('with %s: the error says so first, and names the check', async (_, clientId, clientSecret, doubt) => {
    const hint = await rejection(clientId, clientSecret);
    expect(hint).toContain(doubt);
    expect(hint.indexOf(doubt)).toBeLessThan(hint.indexOf('Check clientId and clientSecret'));
    expect(hint).toContain('"npx @open-banking-auth/sandbox check"');
    expect(await rejection(clientId, () => clientSecret)).toBe(hint);
  });

  test.each([
    ['of the usual form', 'aW52ZW50ZWQ+Zm9yL3RoZQ=='],
    ['that are not base64 at all', 'invented-for-tests'],
    ['that could be anything', 'inventedForTests1'],
  ])('%s raise no doubts', async (_, clientSecret) => {
    expect(await rejection(UUID, clientSecret)).toMatch(/^Check clientId and clientSecret: both must be complete/);
  });

  test("the move of the token host is mentioned where it happened: in the platform's sandbox, and nowhere else", async () => {
    const hintFor = async (tokenUrl: string | undefined) => {
      const over = { environment: 'sandbox', tokenUrl, apiOrigins: undefined };
      const { tokens } = sourceOver(() => json({ error: 'invalid_client' }, 400), over);
      const error: unknown = await tokens.get().catch((thrown: unknown) => thrown);
      return isOpenBankingAuthError(error) ? error.hint : '';
    };
    expect(await hintFor(undefined)).toContain("The token host of the platform's sandbox moved");
    expect(await hintFor('http://127.0.0.1:1/connect/token')).not.toContain('moved');
  });

  test('a scope that is rejected says nothing about id and secret', async () => {
    const { tokens } = sourceOver(() => json({ error: 'invalid_scope' }, 400), { clientSecret: 'with a space' });
    await expect(tokens.get()).rejects.toMatchObject({ hint: expect.not.stringMatching(/space|npx/) });
  });

  test.each([
    ['client_secret_basic', 'invented+for', true],
    ['client_secret_basic', 'invented-for_tests.1', false],
    ['client_secret_post', 'invented+for', false],
  ] as const)(
    'with %s and the secret "%s": that some servers do not decode it is said: %s',
    async (clientAuthentication, clientSecret, said) => {
      const rejected = () => json({ error: 'invalid_client' }, 401);
      for (const environment of ['production', undefined] as const) {
        const config = { environment, clientSecret, clientAuthentication };
        const error: unknown = await sourceOver(rejected, config)
          .tokens.get()
          .catch((thrown: unknown) => thrown);
        const hint = isOpenBankingAuthError(error) ? error.hint : '';
        expect(hint).toContain('Check clientId and clientSecret');
        expect(hint).not.toContain('?.');
        expect(hint.includes('Some servers do not decode "client_secret_basic"')).toBe(said);
      }
    },
  );

  test.each([
    [401, 'invalid_client'],
    [400, 'token_request_rejected'],
  ])('"unauthorized_client" with HTTP %i, as Keycloak calls a wrong secret, is %s', async (status, code) => {
    const error = { error: 'unauthorized_client', error_description: 'Invalid client or Invalid client credentials' };
    const { tokens } = sourceOver(() => json(error, status));
    await expect(tokens.get()).rejects.toMatchObject({ code, oauthError: 'unauthorized_client' });
  });

  test.each([
    [401, /^Check clientId and clientSecret.*Check that "tokenUrl" is the token endpoint/],
    [400, /^Check that "tokenUrl" is the token endpoint/],
  ])('HTTP %i in an error format of the platform says what to check', async (status, hint) => {
    const { tokens } = sourceOver(() => json({ message: 'Invalid signature' }, status));
    await expect(tokens.get()).rejects.toMatchObject({
      code: 'token_request_rejected',
      hint: expect.stringMatching(hint),
    });
  });
});
