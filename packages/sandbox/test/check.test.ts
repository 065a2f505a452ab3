import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTokenSource } from '@open-banking-auth/core';
import { bearerAuthOf } from '@open-banking-auth/core/client';
import { type Sandbox, type SandboxOptions, startSandbox } from '@open-banking-auth/sandbox';
import { QUICK_CLOCK } from '@open-banking-auth/test-kit/token-endpoint';
import { run } from '../src/command-line/run.js';
import { takePort } from './take-port.js';

type Variables = Record<string, string | undefined>;

let sandbox: Sandbox;

async function start(options: SandboxOptions = {}): Promise<void> {
  await sandbox.close();
  sandbox = await startSandbox(options);
}

beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await sandbox.close();
});

const variablesOf = ({ tokenUrl, apiUrl, config }: Sandbox): Variables => ({
  OPEN_BANKING_CLIENT_ID: config.clientId,
  OPEN_BANKING_CLIENT_SECRET: config.clientSecret,
  OPEN_BANKING_TOKEN_URL: tokenUrl,
  OPEN_BANKING_API_URL: apiUrl,
});

const forms = (secret: string) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];

/** Runs the check, and makes sure that it prints neither the secret nor a token. */
async function check(changes: Variables = {}, stop = new AbortController().signal) {
  const variables = { ...variablesOf(sandbox), ...changes };
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const code = await run(['check'], { out: print, error: print, stop, variables, runtime: { clock: QUICK_CLOCK } });
  const text = lines.join('\n');
  const hidden = [variables.OPEN_BANKING_CLIENT_SECRET, sandbox.config.clientSecret].flatMap((s) =>
    s ? forms(s) : [],
  );
  for (const secret of [...hidden, 'eyJ']) expect(text).not.toContain(secret);
  return { code, text };
}

test('each run requests a token: one from a store would prove nothing about the account', async () => {
  expect((await check()).code).toBe(0);
  expect((await check()).code).toBe(0);
  expect(sandbox.stats().tokenRequests).toBe(2);
});

test('if everything works, it gets one token and the bank list, and exits with 0', async () => {
  const { code, text } = await check();
  expect(text).toBe(
    [
      'ok      settings   client id 5a9d6b0e-…, scope "accountinformation private"',
      'ok      token      from 127.0.0.1, for "accountinformation private"',
      `ok      bank list  2 banks, from ${sandbox.apiUrl}`,
      '\nEverything works.',
    ].join('\n'),
  );
  expect(code).toBe(0);
  expect(sandbox.stats()).toMatchObject({ tokensIssued: 1, apiAccepted: 1, foreignRequests: 0 });
});

test('--help names every variable and sends no request', async () => {
  const lines: string[] = [];
  const out = (line: string) => void lines.push(line);
  const io = { out, error: out, stop: new AbortController().signal, variables: variablesOf(sandbox) };
  expect(await run(['check', '--help'], io)).toBe(0);
  for (const name of Object.keys(io.variables)) expect(lines[0]).toContain(name);
  expect(await run(['check', '--secret'], io)).toBe(1);
  expect(lines[1]).toContain("'check' takes no arguments");
  expect(sandbox.stats().tokenRequests).toBe(0);
});

const plusLost = 'invented for/the local/sandbox==';
const secretInUuid = '5a9d6b0e-7c1f-4e2a-9b38-0d4f6c1e2a71';

test.each<[says: string, changes: Variables, advice: string]>([
  ['a plus that became a space', { OPEN_BANKING_CLIENT_SECRET: plusLost }, 'becomes a space'],
  ['a secret that is encoded', { OPEN_BANKING_CLIENT_SECRET: 'invented%2Bfor' }, 'contains a percent code'],
  ['a secret without its last "="', { OPEN_BANKING_CLIENT_SECRET: 'aW52ZW50ZWQ+Zm9yL3RoZQ' }, 'an "=" at its end'],
  [
    'id and secret swapped',
    { OPEN_BANKING_CLIENT_ID: 'invented+for', OPEN_BANKING_CLIENT_SECRET: secretInUuid },
    'they may have been swapped',
  ],
  ['an id that is not a UUID', { OPEN_BANKING_CLIENT_ID: 'my-application' }, 'OPEN_BANKING_CLIENT_ID is not a UUID'],
  ['the wrong host', { OPEN_BANKING_CLIENT_SECRET: 'not-its-secret' }, 'The credentials were sent to 127.0.0.1.'],
])('rejected credentials: the advice for %s', async (_says, changes, advice) => {
  const { code, text } = await check(changes);
  expect(code).toBe(1);
  expect(text).toContain('FAILED  token');
  expect(text).toContain('was rejected with "invalid_client" (HTTP 400)');
  expect(text).toContain(advice);
});

test('well-formed credentials raise no doubts', async () => {
  const { text } = await check({ OPEN_BANKING_CLIENT_SECRET: 'another+secret/of=the=kind' });
  expect(text).toContain('invalid_client');
  expect(text).toContain('- Has the secret been replaced in the portal since you copied it?');
  expect(text).not.toMatch(/space|percent|base64|UUID|npx/);
});

test.each([
  ['OPENBANKING_CLIENT_ID', 'OPEN_BANKING_CLIENT_ID'],
  ['OPEN_BANKING_CLIENTID', 'OPEN_BANKING_CLIENT_ID'],
  ['open_banking_client_id', 'OPEN_BANKING_CLIENT_ID'],
  ['OPEN_BANKING_CLIENT_SECRETS', 'OPEN_BANKING_CLIENT_SECRET'],
  ['OPEN_BANKING_SECRET', 'OPEN_BANKING_CLIENT_SECRET'],
  ['OPENBANKING_ID', 'OPEN_BANKING_CLIENT_ID'],
  ['CLIENT_SECRET', 'OPEN_BANKING_CLIENT_SECRET'],
])('%s in place of %s is noticed', async (given, meant) => {
  const { code, text } = await check({ [meant]: undefined, [given]: 'an-id' });
  expect(code).toBe(1);
  expect(text).toContain(
    `FAILED  settings\n\n${meant} is not set.\n- ${given} is set, but not read: did you mean ${meant}?\n`,
  );
});

test('a misnamed variable that is not required is noted, and others are not', async () => {
  const others = {
    OPEN_BANKING_PFX_PASSPHRASE: 'invented',
    BANK: '1',
    BANKID: '1',
    CLIENT_VERSION: '1',
    SECRET: 'unused',
    OPEN_BANKING: '1',
    OPENBANKING_API_URL: 'unused',
  };
  const { code, text } = await check({ ...others, OPEN_BANKING_SCOPES: 'paymentinitiation private' });
  expect(code).toBe(0);
  expect(text.match(/^note.*$/gm)).toEqual([
    'note    settings   OPEN_BANKING_SCOPES is set, but not read: did you mean OPEN_BANKING_SCOPE?',
  ]);
});

test('all settings that are wrong are named at once', async () => {
  const { text } = await check({
    OPEN_BANKING_CLIENT_ID: undefined,
    OPEN_BANKING_SCOPE: 'Accountinformation private',
    OPEN_BANKING_CLIENT_SECRET: '"in quotes"',
  });
  expect(text).toContain('FAILED  settings\n\nOPEN_BANKING_CLIENT_ID is not set.\n- Set the values');
  expect(text).toContain('\n- OPEN_BANKING_CLIENT_SECRET is in quotes. Remove them');
  expect(text).toContain('\n- OPEN_BANKING_SCOPE has the word');
  expect(text.match(/OPEN_BANKING_CLIENT_ID/g)).toHaveLength(1);

  const twoFaults = await check({ OPEN_BANKING_SCOPE: 'private', OPEN_BANKING_CLIENT_SECRET: '"in quotes"' });
  expect(twoFaults.text).toMatch(
    /^FAILED {2}settings\n\n2 options are missing or wrong: OPEN_BANKING_CLIENT_SECRET, OPEN_BANKING_SCOPE\.\n- OPEN.*\n- OPEN.*$/,
  );
});

test.each([
  ['production', 'auth.openbankingplatform.com', 'set OPEN_BANKING_ENVIRONMENT=sandbox'],
  ['sandbox', 'oauth.sandbox.openbankingplatform.com', 'set OPEN_BANKING_ENVIRONMENT=production'],
  [undefined, 'oauth.sandbox.openbankingplatform.com', 'set OPEN_BANKING_ENVIRONMENT=production'],
])(
  'rejected in the environment %s, the advice names the host and the other environment',
  async (environment, host, advice) => {
    const rejection = () => Promise.resolve(Response.json({ error: 'invalid_client' }, { status: 400 }));
    const fetched = jest.spyOn(globalThis, 'fetch').mockImplementation(rejection);
    const { text } = await check({
      OPEN_BANKING_ENVIRONMENT: environment,
      OPEN_BANKING_TOKEN_URL: undefined,
      OPEN_BANKING_API_URL: undefined,
    });
    expect(fetched.mock.calls.map(([url]) => String(url))).toEqual([`https://${host}/connect/token`]);
    expect(text).toContain(`(${host})`);
    expect(text).toContain(advice);
  },
);

test('each environment uses the API that the library allows its token for', async () => {
  const respond = (input: unknown) =>
    String(input).endsWith('/token')
      ? Response.json({ access_token: 'invented', token_type: 'Bearer' })
      : Response.json({ aspsps: [] });
  jest.spyOn(globalThis, 'fetch').mockImplementation(async (input) => respond(input));
  for (const environment of ['production', 'sandbox'] as const) {
    const { text, code } = await check({
      OPEN_BANKING_ENVIRONMENT: environment,
      OPEN_BANKING_TOKEN_URL: undefined,
      OPEN_BANKING_API_URL: undefined,
    });
    const api = /from (https:\S+)$/m.exec(text)?.[1] ?? '';
    const tokens = createTokenSource({ ...sandbox.config, tokenUrl: undefined, apiOrigins: undefined, environment });
    expect(bearerAuthOf(tokens).mayHaveToken(api)).toBe(true);
    expect(code).toBe(0);
  }
});

test.each<[says: string, changes: Variables, problem: string]>([
  ['no id', { OPEN_BANKING_CLIENT_ID: '' }, 'OPEN_BANKING_CLIENT_ID is not set.'],
  [
    'nothing',
    { OPEN_BANKING_CLIENT_ID: undefined, OPEN_BANKING_CLIENT_SECRET: undefined },
    'OPEN_BANKING_CLIENT_ID and OPEN_BANKING_CLIENT_SECRET are not set.',
  ],
  [
    'an unknown environment',
    { OPEN_BANKING_ENVIRONMENT: 'test', OPEN_BANKING_TOKEN_URL: undefined },
    'OPEN_BANKING_ENVIRONMENT is "test".',
  ],
  [
    'a bare host',
    { OPEN_BANKING_TOKEN_URL: 'https://auth.openbankingplatform.com' },
    'OPEN_BANKING_TOKEN_URL is the bare host',
  ],
  ['no API', { OPEN_BANKING_API_URL: undefined }, "OPEN_BANKING_TOKEN_URL is not one of the platform's, and"],
  ['a path', { OPEN_BANKING_API_URL: 'https://api.invalid/psd2' }, 'OPEN_BANKING_API_URL is "https://api.invalid/…"'],
  ['no context', { OPEN_BANKING_SCOPE: 'accountinformation' }, 'OPEN_BANKING_SCOPE is "accountinformation" and has no'],
  ['a secret in quotes', { OPEN_BANKING_CLIENT_SECRET: '"invented+for"' }, 'OPEN_BANKING_CLIENT_SECRET is in quotes'],
  ['a line break', { OPEN_BANKING_CLIENT_SECRET: 'secret\r' }, 'OPEN_BANKING_CLIENT_SECRET begins or ends with'],
])(
  'settings with %s fail before anything is sent, with an error that names the variable',
  async (_says, changes, problem) => {
    const { code, text } = await check(changes);
    expect(code).toBe(1);
    expect(text).toContain(`FAILED  settings\n\n${problem}`);
    expect(sandbox.stats().tokenRequests).toBe(0);
  },
);

test('a scope that the client may not request is named with its variable', async () => {
  const [client] = sandbox.clients;
  if (!client) throw new Error('The sandbox has no client');
  await start({ clients: [{ ...client, scopes: ['accountinformation'] }] });
  const { text } = await check({ OPEN_BANKING_SCOPE: 'paymentinitiation private' });
  expect(text).toContain('"invalid_scope"');
  expect(text).toContain('remove them from OPEN_BANKING_SCOPE');
});

test("the check knows that the platform's sandbox rejects aspspinformation", async () => {
  const rejection = () => Response.json({ error: 'invalid_scope' }, { status: 400 });
  jest.spyOn(globalThis, 'fetch').mockImplementation(async () => rejection());
  const { text } = await check({
    OPEN_BANKING_SCOPE: 'aspspinformation private',
    OPEN_BANKING_TOKEN_URL: undefined,
    OPEN_BANKING_API_URL: undefined,
  });
  expect(text).toContain('has been seen to reject "aspspinformation"');
});

test.each(['pLq8+Zr/3mXv9Tn=Kc2Wd5Yb7GhJ4sF0', '9f2c4be17d30a86515c9e2b47f08d3a1', 'correct-horse-battery'])(
  'a secret in the place of the scope is not shown: %s',
  async (secret) => {
    const OPEN_BANKING_SCOPE = `${secret} private`;
    const rejected = await check({ OPEN_BANKING_SCOPE });
    expect(rejected.text).toContain('scope "… private"');
    expect(rejected.text).toContain('"invalid_scope"');
    jest
      .spyOn(globalThis, 'fetch')
      .mockImplementation(async (input) =>
        String(input).endsWith('/token')
          ? Response.json({ access_token: 'invented', token_type: 'Bearer', scope: OPEN_BANKING_SCOPE })
          : Response.json({}, { status: 403 }),
      );
    const forbidden = await check({ OPEN_BANKING_SCOPE });
    expect(forbidden.text).toContain(`The token's scope, "… private"`);
    expect(rejected.text + forbidden.text).not.toContain(secret);
  },
);

test('an argument is not repeated: it could be a secret', async () => {
  const lines: string[] = [];
  const out = (line: string) => void lines.push(line);
  const io = { out, error: out, stop: new AbortController().signal, variables: {} };
  expect(await run(['check', 'pLq8+Zr/3mXv9Tn='], io)).toBe(1);
  expect(lines.join()).toContain("'check' takes no arguments");
  expect(lines.join()).not.toContain('pLq8');
});

test('a 403 says that the scope does not cover the bank list and may still be right', async () => {
  const { code, text } = await check({ OPEN_BANKING_SCOPE: 'paymentinitiation private' });
  expect(code).toBe(1);
  expect(text).toContain('ok      token');
  expect(text).toContain('responded with HTTP 403 and SERVICE_BLOCKED.');
  expect(text).toContain('"paymentinitiation private", does not cover the bank list');
});

test('an API that demands a certificate gets the advice to continue with one', async () => {
  sandbox.fault({ at: 'api', kind: 'unauthorized', code: 'CERTIFICATE_MISSING' });
  const { text } = await check();
  expect(text).toContain('responded with HTTP 401 and CERTIFICATE_MISSING.');
  expect(text).toContain('this check sends none. The token itself is fine');
});

test("a 401 for another reason comes with the library's hint", async () => {
  sandbox.fault({ at: 'api', kind: 'unauthorized', code: 'TOKEN_UNKNOWN' });
  const { text } = await check();
  expect(text).toContain('A new token got a 401 as well');
  expect(text).toContain('belong to the same environment?');
  expect(text).not.toContain('certificate');
});

test.each([
  ['a login page of a proxy', 'html', 200, 'but not with a list of banks'],
  ['an outage', 'html', 503, 'is failing: try again later'],
  ['a wrong host', 'empty', 404, 'Is OPEN_BANKING_API_URL the origin'],
  ['too many calls', 'empty', 429, 'wait, then try again'],
] as const)('the API responds with %s', async (_says, kind, status, words) => {
  sandbox.fault({ at: 'api', kind, status });
  const { code, text } = await check();
  expect(code).toBe(1);
  expect(text).toContain('FAILED  bank list');
  expect(text).toContain(words);
});

test('the token host responds with HTML', async () => {
  sandbox.fault({ at: 'token', kind: 'html', status: 200 });
  expect((await check()).text).toContain('that no proxy responds in its place');
});

test('a response of the API that does not end is read for 4 MiB', async () => {
  let sent = 0;
  const endless = createServer((_request, response) => {
    const write = () => {
      for (sent += 65_536; response.write('"code" : '.repeat(7_281)); sent += 65_536);
    };
    response.on('drain', write);
    write();
  });
  await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
  const { port } = endless.address() as AddressInfo;
  const { text } = await check({ OPEN_BANKING_API_URL: `http://127.0.0.1:${port}` });
  endless.closeAllConnections();
  endless.close();
  expect(text).toContain('but not with a list of banks');
  expect(sent).toBeLessThan(64_000_000);
});

test('a response that contains the secret and the token is not quoted', async () => {
  const body = { code: sandbox.config.clientSecret, tppMessages: [{ code: 'eyJhbGciOi', text: 'eyJhbGciOi' }] };
  sandbox.fault({ at: 'api', kind: 'status', status: 418, body });
  expect((await check()).text).toContain('responded with HTTP 418.');
});

test.each([
  ['OPEN_BANKING_TOKEN_URL', '/connect/token'],
  ['OPEN_BANKING_API_URL', ''],
])('nothing listens at %s', async (variable, path) => {
  const { port, release } = await takePort();
  await release();
  const proxy = { HTTPS_PROXY: 'http://user:password@proxy.invalid' };
  const { code, text } = await check({ ...proxy, [variable]: `http://127.0.0.1:${port}${path}` });
  expect(code).toBe(1);
  expect(text).toContain('is the local sandbox running');
  expect(text).toContain('HTTPS_PROXY is set, but');
  expect(text).not.toContain('password');
});

test.each([
  ['ENOTFOUND', 'was not found: is this machine online'],
  ['CERT_NOT_YET_VALID', "is this machine's clock right?"],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS'],
  ['ETIMEDOUT', 'A firewall or a proxy'],
])('the network fails with %s', async (code, advice) => {
  const cause = Object.assign(new AggregateError([Object.assign(new Error('inner'), { code })]), { code: undefined });
  jest.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('fetch failed', { cause }));
  expect((await check({ OPEN_BANKING_TOKEN_URL: undefined, OPEN_BANKING_API_URL: undefined })).text).toContain(advice);
});

test.each(['UND_ERR_SOCKET', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'])(
  'production closes a connection without a certificate: %s',
  async (code) => {
    jest.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
      if (String(input).endsWith('/token')) return Response.json({ access_token: 'invented', token_type: 'Bearer' });
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('closed'), { code }) });
    });
    const { text } = await check({
      OPEN_BANKING_ENVIRONMENT: 'production',
      OPEN_BANKING_TOKEN_URL: undefined,
      OPEN_BANKING_API_URL: undefined,
    });
    expect(text).toContain('Production demands a client certificate');
  },
);

test.each([
  [2, 'ahead of'],
  [-2, 'behind'],
])('a clock that is %d minutes off is reported, but the check passes', async (minutes, direction) => {
  const date = new Date(Date.now() - minutes * 60_000).toUTCString();
  sandbox.fault({ at: 'api', kind: 'status', status: 200, headers: { Date: date }, body: { aspsps: [] } });
  const { code, text } = await check();
  expect(text).toContain(`clock is about 2 min ${direction} the server's`);
  expect(code).toBe(0);
});

test('an abort ends the check and its pending request at once', async () => {
  let ended: () => void = () => {};
  const requestEnded = new Promise<void>((resolve) => {
    ended = resolve;
  });
  await start({ onExchange: () => ended() });
  sandbox.fault({ at: 'token', kind: 'hang' });
  const stop = new AbortController();
  const running = check({}, stop.signal);
  while (sandbox.stats().tokenRequests === 0) await new Promise(setImmediate);
  stop.abort();
  expect(await running).toEqual({ code: 1, text: expect.stringContaining('Stopped.') });
  await requestEnded;
});
