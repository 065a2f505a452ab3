import { createTokenSource, memoryTokenStore } from '@open-banking-auth/core';
import { recordEvents } from '../recorded-events.js';
import { banks, echo, sandbox } from '../sandbox-for-each-test.js';
import { until } from '../token-endpoint.js';
import type { ClientUnderTest } from './client-under-test.js';

/** What a 401 leads to, and what no other status does. */
export function testUnauthorized(client: ClientUnderTest): void {
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
}
