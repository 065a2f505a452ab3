import { banks, heldBack, sandbox, tokenRequested } from '../sandbox-for-each-test.js';
import type { ClientUnderTest } from './client-under-test.js';

/** A caller that gives up while there is no token. */
export function testAborts(client: ClientUnderTest): void {
  test('of five callers waiting for the token, one aborts: it alone fails, and at once', async () => {
    const { config, give } = heldBack();
    const send = client.over(config);
    const controller = new AbortController();
    const impatient = send(banks, { signal: controller.signal }).catch((error: unknown) => error);
    const patient = Array.from({ length: 4 }, () => send(banks));
    await tokenRequested();
    controller.abort();
    // The token has not arrived yet: an abort that waited for it would never come.
    expect(await impatient).toMatchObject({ name: client.abortError });
    give();
    expect((await Promise.all(patient)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: 4 });
  });

  test('a caller that aborts during the renewal gets an abort error, not the 401', async () => {
    const send = client.over(sandbox.config);
    await send(banks);
    sandbox.revokeTokens();
    sandbox.fault({ kind: 'hang', at: 'token' });
    sandbox.resetStats();
    const controller = new AbortController();
    const call = send(banks, { signal: controller.signal }).catch((error: unknown) => error);
    await tokenRequested();
    controller.abort();
    expect(await call).toMatchObject({ name: client.abortError });
  });
}
