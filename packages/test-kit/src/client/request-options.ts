import type { RequestAuthOptions } from '@open-banking-auth/core';
import { authorizations, banks, sandbox } from '../sandbox-for-each-test.js';
import type { ClientUnderTest } from './client-under-test.js';

/** What one request can choose for itself. */
export function testRequestOptions(client: ClientUnderTest): void {
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
}
