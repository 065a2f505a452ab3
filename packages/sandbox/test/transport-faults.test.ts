import { startSandbox } from '@open-banking-auth/sandbox';
import { sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import { Faults } from '../src/faults.js';
import { banksPath, callApi, getToken, readJson, requestToken } from './requests.js';

let token: string;
sandboxForEachTest();
beforeEach(async () => {
  token = await getToken(sandbox);
});

const api = (path = banksPath, init?: RequestInit) => callApi(sandbox, token, path, init);

/** The code of the network error that fetch wraps. */
async function networkError(request: Promise<Response>): Promise<unknown> {
  const error: unknown = await request.then(
    () => undefined,
    (reason) => reason.cause,
  );
  return error && typeof error === 'object' && 'code' in error ? error.code : error;
}

describe('faults of the transport', () => {
  test('reset: the connection ends without a response', async () => {
    sandbox.fault({ at: 'api', kind: 'reset', times: 1 });
    expect(await networkError(api('/echo', { method: 'POST', body: 'x' }))).toBe('ECONNRESET');
    expect(sandbox.requests.at(-1)?.body.toString()).toBe('x');
    expect((await api()).status).toBe(200);
  });

  test('hang: there is no response until the sandbox closes', async () => {
    sandbox.fault({ at: 'api', kind: 'hang' });
    const error = networkError(api());
    while (sandbox.requests.length === 0) await new Promise(setImmediate);
    await sandbox.close();
    expect(await error).toBe('UND_ERR_SOCKET');
  });

  test('hang: a client may leave', async () => {
    sandbox.fault({ at: 'api', kind: 'hang' });
    const leaving = api(banksPath, { signal: AbortSignal.timeout(20) });
    await expect(leaving).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('slow: the normal response, later', async () => {
    sandbox.fault({ at: 'token', kind: 'slow', delayMs: 30 });
    const startedAt = performance.now();
    expect((await requestToken(sandbox)).status).toBe(200);
    // Timers may fire up to a millisecond early.
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29);
  });

  test('slow: delays the response of another fault too, whichever came first', async () => {
    const durations: number[] = [];
    await using logged = await startSandbox({ onExchange: ({ durationMs }) => durations.push(durationMs) });
    logged.fault({ at: 'foreign', kind: 'status', status: 503, times: 1 });
    logged.fault({ at: 'foreign', kind: 'slow', delayMs: 20 });
    logged.fault({ at: 'foreign', kind: 'empty', status: 204, times: 1 });
    for (const status of [204, 503, 200]) expect((await fetch(logged.foreignUrl)).status).toBe(status);
    await logged.close();
    for (const durationMs of durations) expect(durationMs).toBeGreaterThanOrEqual(19);
    expect(durations).toHaveLength(3);
  });

  // Asked directly: through a socket, a busy machine would blur what is to be shown.
  test('slow: jitter spreads the delays evenly, between delayMs and its sum with jitterMs, the same in every run', () => {
    const delaysOfOneRun = () => {
      const faults = new Faults();
      faults.add({ at: 'api', kind: 'slow', delayMs: 100, jitterMs: 50 });
      return Array.from({ length: 100 }, () => faults.claim('api', '/').delayMs);
    };
    const delays = delaysOfOneRun();
    expect(delaysOfOneRun()).toStrictEqual(delays);
    const perTenth = Array.from({ length: 10 }, (_, tenth) => {
      const from = 100 + tenth * 5;
      return delays.filter((delayMs) => delayMs >= from && delayMs < from + 5).length;
    });
    for (const count of perTenth) expect(Math.abs(count - 10)).toBeLessThanOrEqual(1);
  });

  test('slow: a token is checked when the response is made, so a revocation meanwhile counts', async () => {
    sandbox.fault({ at: 'api', kind: 'slow', delayMs: 20 });
    const answer = api();
    while (sandbox.requests.length === 0) await new Promise(setImmediate);
    sandbox.revokeTokens();
    expect(await readJson(await answer)).toMatchObject({ tppMessages: [{ code: 'TOKEN_INVALID' }] });
  });

  test('slow: closing the sandbox does not wait for it, and leaves no timer', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const timersBefore = timers();
    sandbox.fault({ at: 'api', kind: 'slow', delayMs: 3_600_000 });
    const error = networkError(api());
    while (sandbox.requests.length === 0) await new Promise(setImmediate);
    expect(timers()).toBeGreaterThan(timersBefore);
    await sandbox.close();
    expect(timers()).toBeLessThanOrEqual(timersBefore);
    expect(await error).toBe('UND_ERR_SOCKET');
  });
});
