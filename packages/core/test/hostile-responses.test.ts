import { createServer, type RequestListener, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { CONFIG, granted, grantedWith, json, SECRET, sourceOver } from '@open-banking-auth/test-kit/token-endpoint';

// Servers that mean harm, or have been taken over by somebody who does.

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return `http://127.0.0.1:${address.port}`;
}

/** 200 MB of spaces, in 200 kB. */
const bomb = gzipSync(Buffer.alloc(200_000_000, ' '));
const bombHeaders = { 'content-type': 'application/json', 'content-encoding': 'gzip' };

test('a token answer that unpacks to 200 MB is given up after 64 KiB', async () => {
  const origin = await listen((_request, response) => response.writeHead(200, bombHeaders).end(bomb));
  const tokens = createTokenSource({ ...CONFIG, tokenUrl: `${origin}/connect/token` });
  const before = process.memoryUsage.rss();
  await expect(tokens.get()).rejects.toMatchObject({
    code: 'token_response_invalid',
    message: expect.stringContaining('a body of more than 64 KiB'),
  });
  expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000);
});

test('only the beginning of a 401 that unpacks to 200 MB is read, and the request is sent again', async () => {
  let calls = 0;
  const origin = await listen((_request, response) => {
    calls++;
    if (calls === 1) response.writeHead(401, bombHeaders).end(bomb);
    else response.end('healed');
  });
  let n = 0;
  const equipped = openBankingFetch({ ...CONFIG, apiOrigins: [origin], fetch: async () => granted(++n) });
  const before = process.memoryUsage.rss();
  expect(await (await equipped(origin)).text()).toBe('healed');
  expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000);
  expect([calls, n]).toEqual([2, 2]);
});

test.each([
  ['a token', '{"__proto__":{"access_token":"stolen","token_type":"Bearer"}}'],
  ['a prototype beside a token', '{"constructor":{"prototype":{"token_type":"Bearer"}},"access_token":"stolen"}'],
])('%s in a __proto__ of the response is ignored, and changes no other object', async (_, body) => {
  const { tokens } = sourceOver(() => new Response(body, { headers: { 'content-type': 'application/json' } }));
  await expect(tokens.get()).rejects.toMatchObject({ code: 'token_response_invalid' });
  expect({}).not.toHaveProperty('access_token');
  expect({}).not.toHaveProperty('token_type');
});

test('a code in the __proto__ of a 401 is ignored, and changes no other object', async () => {
  const bodies = ['{"__proto__":{"code":"CONSENT_EXPIRED"}}', '{}'];
  const below = async () =>
    bodies.length > 1 ? new Response(bodies.shift(), { status: 401 }) : json({ healed: true });
  let n = 0;
  const equipped = openBankingFetch({ ...CONFIG, fetch: async () => granted(++n) }, { fetch: below });
  expect((await equipped('https://api.test.invalid/')).status).toBe(200);
  expect({}).not.toHaveProperty('code');
});

test.each([
  ['line breaks', 'accountinformation private\r\nforged: log line'],
  ['more than any scope has', 'x'.repeat(50_000)],
])('a scope in the response with %s is not repeated: the requested scope stands instead', async (_, scope) => {
  const { tokens } = sourceOver(() => grantedWith(1, { scope }));
  expect((await tokens.get()).scope).toBe('accountinformation private');
});

test.each([
  ['that repeats the secret', encodeURIComponent(SECRET)],
  ['longer than any', 'x '.repeat(5_000)],
])('a request id %s is left out', async (_, id) => {
  const { tokens } = sourceOver(() => json({ error: 'invalid_client' }, 400, { 'x-request-id': id }));
  const error: unknown = await tokens.get().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'invalid_client' });
  expect(error).not.toHaveProperty('requestId');
});

test.each(['accountinformation\u0000 private', 'accountinformation private\u0007', 'åccountinformation private'])(
  'a scope with a character that not allowed in a scope is refused, at construction and for one request',
  async (scope) => {
    const wrong = expect.objectContaining({
      code: 'invalid_config',
      message: expect.stringMatching(/not allowed in a scope/),
    });
    expect(() => createTokenSource({ ...CONFIG, scope })).toThrow(wrong);
    await expect(createTokenSource(CONFIG).get({ scope })).rejects.toEqual(wrong);
  },
);
