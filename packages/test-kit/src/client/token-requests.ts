import { overFewConnections } from '../few-connections.js';
import { IN_FULL } from '../in-full.js';
import { authorizations, banks, sandbox } from '../sandbox-for-each-test.js';
import type { ClientUnderTest } from './client-under-test.js';

const FIRST_REQUESTS = IN_FULL ? 1_000 : 100;
const IN_FLIGHT = IN_FULL ? 200 : 25;

/** How many token requests a storm costs, and a token request that fails. */
export function testTokenRequests(client: ClientUnderTest): void {
  test('takes a configuration and puts a bearer token on a request', async () => {
    const send = client.over(sandbox.config);
    const { status, body } = await send(banks);
    expect(status).toBe(200);
    expect(JSON.parse(body).aspsps).toHaveLength(2);
    expect(authorizations()).toEqual([expect.stringMatching(/^Bearer \S+$/)]);
  });

  test('parallel first requests cost one token request, and all succeed', async () => {
    const send = client.over(sandbox.config);
    const responses = await overFewConnections(() =>
      Promise.all(Array.from({ length: FIRST_REQUESTS }, () => send(banks))),
    );
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(FIRST_REQUESTS);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: FIRST_REQUESTS });
  });

  test('a revocation under requests in flight costs one token request and no failure', async () => {
    const send = client.over(sandbox.config);
    await send(banks);
    // Responses come before, during and after the renewal.
    sandbox.fault({ kind: 'slow', at: 'api', delayMs: 10, jitterMs: 100 });
    sandbox.fault({ kind: 'slow', at: 'token', delayMs: 25 });
    sandbox.resetStats();
    const storm = Array.from({ length: IN_FLIGHT }, () => send(banks));
    sandbox.revokeTokens();
    const responses = await Promise.all(storm);
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(IN_FLIGHT);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: 2 * IN_FLIGHT, unauthorized: IN_FLIGHT });
  });

  test('if the first token request fails, the error is an OpenBankingAuthError, and the API is not called', async () => {
    sandbox.fault({ kind: 'wrong-secret', at: 'token' });
    await expect(client.over(sandbox.config)(banks)).rejects.toMatchObject({
      name: 'OpenBankingAuthError',
      code: 'invalid_client',
    });
    expect(sandbox.stats()).toMatchObject({ apiRequests: 0, tokenRequests: 1 });
  });
}
