import { recordEvents } from '../recorded-events.js';
import { authorizations, banks, sandbox } from '../sandbox-for-each-test.js';
import type { ClientUnderTest } from './client-under-test.js';

/** Where the token does not go. */
export function testFence(client: ClientUnderTest): void {
  test('a request to another origin goes out as it is: no token, no request id', async () => {
    const { events, onEvent } = recordEvents();
    const send = client.over({ ...sandbox.config, onEvent });
    await send(`${sandbox.foreignUrl}/logo.png`);
    expect(sandbox.stats()).toMatchObject({
      foreignRequests: 1,
      foreignRequestsWithAuthorization: 0,
      tokenRequests: 0,
    });
    expect(sandbox.requests[0]?.headers).not.toHaveProperty('x-request-id');
    expect(events('origin.skipped')).toMatchObject([{ origin: sandbox.foreignUrl }]);
  });

  test.each([301, 302, 303, 307, 308])('a %i to another origin does not take the token along', async (status) => {
    const send = client.over(sandbox.config);
    sandbox.fault({ kind: 'redirect', at: 'api', status, location: `${sandbox.foreignUrl}/bank` });
    expect((await send(banks)).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ foreignRequests: 1, foreignRequestsWithAuthorization: 0 });
  });

  test('the token endpoint gets no bearer token, and a call of another grant passes untouched', async () => {
    const send = client.over(sandbox.config);
    await send(banks);
    const { clientId, clientSecret } = sandbox.config;
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code: 'c',
      redirect_uri: 'https://example.com/',
      client_id: clientId,
      client_secret: clientSecret,
    });
    const { status } = await send(sandbox.tokenUrl, { method: 'POST', body });
    expect(status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ tokenRequestsWithBearer: 0, tokenRequests: 2 });
    expect((await send(banks)).status).toBe(200);
  });

  test("a request's own Authorization wins, and its 401 is its own", async () => {
    const send = client.over(sandbox.config);
    expect((await send(banks, { headers: { Authorization: 'Bearer my-own' } })).status).toBe(401);
    expect(authorizations()).toEqual(['Bearer my-own']);
    expect(sandbox.stats().tokenRequests).toBe(0);
  });
}
