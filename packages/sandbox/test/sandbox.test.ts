import { request } from 'node:http';
import { type SandboxExchange, type SandboxOptions, startSandbox } from '@open-banking-auth/sandbox';
import { banksPath, callApi, getToken, requestToken } from './requests.js';
import { takePort } from './take-port.js';

describe('starting', () => {
  test('three origins on loopback, and a configuration for them', async () => {
    await using sandbox = await startSandbox();
    expect(sandbox.tokenUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/connect\/token$/);
    for (const origin of [sandbox.apiUrl, sandbox.foreignUrl]) expect(new URL(origin).origin).toBe(origin);
    const [client] = sandbox.clients;
    expect(client?.clientSecret).toMatch(/(?=.*\+)(?=.*\/)(?=.*=)/);
    expect(sandbox.config).toStrictEqual({
      tokenUrl: sandbox.tokenUrl,
      apiOrigins: [sandbox.apiUrl],
      clientId: client?.clientId,
      clientSecret: client?.clientSecret,
      scope: 'accountinformation private',
    });
    expect((await requestToken(sandbox)).status).toBe(200);
  });

  test("two sandboxes do not accept each other's tokens", async () => {
    await using one = await startSandbox();
    await using other = await startSandbox();
    expect((await callApi(other, await getToken(one), banksPath)).status).toBe(401);
  });

  test('lifetimeSeconds is sent unchanged', async () => {
    await using sandbox = await startSandbox({ lifetimeSeconds: 0.5 });
    expect(await (await requestToken(sandbox)).json()).toMatchObject({ expires_in: 0.5 });
  });

  test('unauthorizedShape can be set from the start', async () => {
    await using sandbox = await startSandbox({ unauthorizedShape: 'array' });
    expect(await (await callApi(sandbox, 'unknown', banksPath)).json()).toMatchObject([{ code: 'TOKEN_UNKNOWN' }]);
  });

  test.each(['tokenPort', 'apiPort', 'foreignPort'] as const)(
    '%s is used, and named in the error if the port is already in use',
    async (option) => {
      const { port, release } = await takePort();
      await expect(startSandbox({ [option]: port })).rejects.toThrow(
        `"${option}": port ${port} is already in use on 127.0.0.1; choose another port, or 0 for any free one`,
      );
      await release();
      await using sandbox = await startSandbox({ [option]: port });
      const url = { tokenPort: sandbox.tokenUrl, apiPort: sandbox.apiUrl, foreignPort: sandbox.foreignUrl }[option];
      expect(new URL(url).port).toBe(String(port));
    },
  );

  test('a failed start leaves nothing open', async () => {
    const free = await takePort();
    await free.release();
    const taken = await takePort();
    await expect(startSandbox({ tokenPort: free.port, foreignPort: taken.port })).rejects.toThrow('"foreignPort"');
    await taken.release();
    await using sandbox = await startSandbox({ tokenPort: free.port });
    expect(new URL(sandbox.tokenUrl).port).toBe(String(free.port));
  });

  test('the options are read once: changing them later has no effect', async () => {
    const changing = { clientId: 'id', clientSecret: 'before' };
    await using sandbox = await startSandbox({ clients: [changing] });
    changing.clientSecret = 'after';
    expect((await requestToken(sandbox, { client_secret: 'before' })).status).toBe(200);
  });

  const client = { clientId: 'id', clientSecret: 'secret' };
  test.each<[string, SandboxOptions]>([
    ['"clients" is empty', { clients: [] }],
    ['"clients" has two entries with the same clientId', { clients: [client, { ...client }] }],
    ['"clients[0].clientSecret" must be a non-empty string', { clients: [{ ...client, clientSecret: '' }] }],
    ['"lifetimeSeconds" must be a number of seconds above 0, got 0', { lifetimeSeconds: 0 }],
    ['"apiPort" must be a whole number from 0 (any free port) to 65535, got 65536', { apiPort: 65_536 }],
    // @ts-expect-error text
    ['"lifetimeSeconds" must be a number of seconds above 0, got \'60\'', { lifetimeSeconds: '60' }],
    // @ts-expect-error no such option
    ['"lifetime" is not an option of startSandbox. Give { clients, lifetimeSeconds, tokenPort,', { lifetime: 60 }],
    // @ts-expect-error the same
    ['"lifetimeSecond" is not an option of startSandbox. Did you mean "lifetimeSeconds"?', { lifetimeSecond: 60 }],
    // @ts-expect-error no such shape
    ['"unauthorizedShape" must be one of tpp, problem, array, challenge, got xml', { unauthorizedShape: 'xml' }],
  ])('an invalid option is an error: %s', async (message, options) => {
    await expect(startSandbox(options)).rejects.toThrow(message);
  });
});

describe('what a test can inspect', () => {
  test('stats counts, and each call returns a new object', async () => {
    await using sandbox = await startSandbox();
    const before = sandbox.stats();
    const token = await getToken(sandbox);
    await getToken(sandbox, 'accountinformation corporate');
    await requestToken(sandbox, { scope: 'private' });
    await callApi(sandbox, token, banksPath);
    await callApi(sandbox, 'unknown', banksPath);
    await fetch(sandbox.foreignUrl);
    await fetch(sandbox.foreignUrl, { headers: { Authorization: 'Bearer astray' } });
    expect(sandbox.stats()).toStrictEqual({
      tokenRequests: 3,
      tokensIssued: 2,
      tokensIssuedByScope: { 'accountinformation private': 1, 'accountinformation corporate': 1 },
      apiRequests: 2,
      apiAccepted: 1,
      unauthorized: 1,
      foreignRequests: 2,
      foreignRequestsWithAuthorization: 1,
      tokenRequestsWithBearer: 0,
    });
    expect(before.tokenRequests).toBe(0);
    sandbox.resetStats();
    expect(sandbox.stats()).toStrictEqual(before);
    expect(sandbox.requests).toHaveLength(0);
    expect((await callApi(sandbox, token, banksPath)).status).toBe(200);
  });

  test('requests lists the requests to the API and the foreign host, byte for byte and in order', async () => {
    await using sandbox = await startSandbox();
    const token = await getToken(sandbox);
    const body = Buffer.from([0, 13, 10, 255]);
    await callApi(sandbox, token, '/echo?a=%20b', { method: 'PUT', body, headers: { 'X-BicFi': 'TESTSESS' } });
    await fetch(`${sandbox.foreignUrl}/logo.png`);
    expect(sandbox.requests).toMatchObject([
      {
        host: 'api',
        method: 'PUT',
        path: '/echo?a=%20b',
        headers: { authorization: `Bearer ${token}`, 'x-bicfi': 'TESTSESS' },
      },
      {
        host: 'foreign',
        method: 'GET',
        path: '/logo.png',
        headers: expect.not.objectContaining({ authorization: '' }),
      },
    ]);
    expect(sandbox.requests[0]?.body.equals(body)).toBe(true);
    expect(sandbox.requests[1]?.body).toHaveLength(0);
  });

  test('a second Authorization header is recorded, and the API rejects the pair', async () => {
    await using sandbox = await startSandbox();
    const bearer = `Bearer ${await getToken(sandbox)}`;
    const status = await new Promise((resolve) => {
      const headers = [
        'X-Request-ID',
        crypto.randomUUID(),
        'Host',
        'x',
        'Authorization',
        bearer,
        'Authorization',
        bearer,
      ];
      request(`${sandbox.apiUrl}/echo`, { headers }, (response) => resolve(response.resume().statusCode)).end();
    });
    expect(status).toBe(401);
    expect(sandbox.requests[0]?.headers.authorization).toBe(`${bearer}, ${bearer}`);
  });

  test('onExchange is called once for every request, and never receives a secret or a token', async () => {
    const exchanges: SandboxExchange[] = [];
    const sandbox = await startSandbox({ onExchange: (exchange) => exchanges.push(exchange) });
    const token = await getToken(sandbox);
    await requestToken(sandbox, { client_secret: 'a-wrong-secret', scope: 'a-wrong-scope' });
    await callApi(sandbox, token, `${banksPath}?access_token=${token}`);
    await callApi(sandbox, 'an-unknown-token', banksPath);
    await fetch(sandbox.foreignUrl);
    sandbox.fault({ at: 'api', kind: 'reset', times: 1 });
    await callApi(sandbox, token, banksPath).catch(() => {});
    sandbox.fault({ at: 'api', kind: 'slow', delayMs: 3_600_000 });
    const left = callApi(sandbox, token, banksPath).catch(() => {});
    while (sandbox.requests.length < 5) await new Promise(setImmediate);
    await sandbox.close();
    await left;

    expect(exchanges.map(({ durationMs: _, token: __, ...rest }) => rest)).toStrictEqual([
      {
        host: 'token',
        method: 'POST',
        path: '/connect/token',
        status: 200,
        note: 'token issued for: accountinformation private',
      },
      {
        host: 'token',
        method: 'POST',
        path: '/connect/token',
        status: 400,
        note: 'invalid_client: the client secret is wrong',
      },
      { host: 'api', method: 'GET', path: banksPath, status: 200 },
      { host: 'api', method: 'GET', path: banksPath, status: 401, note: 'TOKEN_UNKNOWN' },
      { host: 'foreign', method: 'GET', path: '/', status: 200 },
      { host: 'api', method: 'GET', path: banksPath, status: 0, note: 'fault: reset' },
      { host: 'api', method: 'GET', path: banksPath, status: 0, note: 'the connection ended before the response' },
    ]);
    const [first, , , unknown] = exchanges.map((exchange) => exchange.token);
    expect(first).toMatch(/^[\da-f]{8}$/);
    const shown = [first, undefined, first, unknown, undefined, first, first];
    expect(exchanges.map((exchange) => exchange.token)).toStrictEqual(shown);
    expect(unknown).not.toBe(first);
    for (const { durationMs } of exchanges) expect(durationMs).toBeGreaterThan(0);
    const printed = JSON.stringify(exchanges);
    for (const secret of [token, sandbox.config.clientSecret, 'a-wrong', 'an-unknown-token'])
      expect(printed).not.toContain(secret);
  });
});

describe('load', () => {
  test('a thousand simultaneous connections all get a response', async () => {
    await using sandbox = await startSandbox();
    const token = await getToken(sandbox);
    sandbox.fault({ at: 'api', kind: 'slow', delayMs: 20, jitterMs: 20 });
    const statuses = await Promise.all(
      Array.from({ length: 1000 }, async () => {
        const response = await callApi(sandbox, token, banksPath);
        await response.text();
        return response.status;
      }),
    );
    expect(new Set(statuses)).toStrictEqual(new Set([200]));
    expect(sandbox.stats()).toMatchObject({ apiRequests: 1000, apiAccepted: 1000 });
  });
});

test('closing again has no effect, and nothing listens afterwards', async () => {
  const sandbox = await startSandbox();
  await Promise.all([sandbox.close(), sandbox.close()]);
  await sandbox.close();
  for (const url of [sandbox.tokenUrl, sandbox.apiUrl, sandbox.foreignUrl])
    await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
});
