import { request } from 'node:https';
import { connect } from 'node:tls';
import { type Sandbox, sandboxCertificate, startSandbox } from '@open-banking-auth/sandbox';
import { foreignCert, foreignKey } from '@open-banking-auth/test-kit/certificates';
import { banksPath, getToken } from './requests.js';

const { ca, cert, key, pfx, passphrase } = sandboxCertificate;
const NAME = 'Open Banking Sandbox client (invented)';

/** An API request over Node's own client, with a connection of its own. */
async function callApi(sandbox: Sandbox, identity: object, host = '127.0.0.1') {
  const headers = { Authorization: `Bearer ${await getToken(sandbox)}`, 'X-Request-ID': crypto.randomUUID() };
  const url = new URL(banksPath, sandbox.apiUrl);
  url.hostname = host;
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    request(url, { ...identity, ca, headers, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode, text });
    })
      .once('error', reject)
      .end();
  });
}

test.each([true, 'handshake', 'answer'] as const)(
  'with clientCertificate: %j the API speaks https, and takes the certificate on the sandbox in both forms',
  async (clientCertificate) => {
    await using sandbox = await startSandbox({ clientCertificate });
    expect(sandbox.clientCertificate).toBe(sandboxCertificate);
    expect(sandbox.apiUrl).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(sandbox.config.apiOrigins).toEqual([sandbox.apiUrl]);
    expect([sandbox.tokenUrl, sandbox.foreignUrl].map((url) => new URL(url).protocol)).toEqual(['http:', 'http:']);
    for (const identity of [
      { pfx, passphrase },
      { cert, key },
    ]) {
      expect((await callApi(sandbox, identity)).status).toBe(200);
    }
    expect((await callApi(sandbox, { cert, key }, 'localhost')).status).toBe(200);
    expect(sandbox.requests.map(({ certificate }) => certificate)).toEqual([NAME, NAME, NAME]);
  },
);

test.each([
  ['none', {}],
  ['one of another authority', { cert: foreignCert, key: foreignKey }],
])("'handshake' rejects %s before the API sees the request", async (_, identity) => {
  await using sandbox = await startSandbox({ clientCertificate: 'handshake' });
  await expect(callApi(sandbox, identity)).rejects.toThrow();
  expect(sandbox.stats().apiRequests).toBe(0);
});

test.each([
  ['none', {}, 'CERTIFICATE_MISSING', undefined],
  [
    'one of another authority',
    { cert: foreignCert, key: foreignKey },
    'CERTIFICATE_INVALID',
    'Foreign client (invented)',
  ],
])(
  "'answer' responds to a request with %s with a 401 and its code, whatever the token",
  async (_, identity, code, name) => {
    await using sandbox = await startSandbox({ clientCertificate: 'answer', unauthorizedShape: 'challenge' });
    const { status, text } = await callApi(sandbox, identity);
    expect([status, JSON.parse(text).tppMessages[0].code]).toEqual([401, code]);
    expect(sandbox.requests[0]?.certificate).toBe(name);
  },
);

test('without the option the API speaks plain http, and no request has a certificate', async () => {
  await using sandbox = await startSandbox();
  expect(sandbox.apiUrl).toMatch(/^http:/);
  await fetch(sandbox.apiUrl);
  expect(sandbox.requests[0]).not.toHaveProperty('certificate');
});

test('a reset under TLS is an error at the client too', async () => {
  await using sandbox = await startSandbox({ clientCertificate: true });
  sandbox.fault({ at: 'api', kind: 'reset', times: 1 });
  await expect(callApi(sandbox, { cert, key })).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect((await callApi(sandbox, { cert, key })).status).toBe(200);
});

test('an unknown demand is invalid', async () => {
  const wrong = { clientCertificate: 'yes' } as unknown as { clientCertificate: boolean };
  await expect(startSandbox(wrong)).rejects.toThrow(
    new TypeError('"clientCertificate" must be true, false or one of handshake, answer, got yes'),
  );
});

test("its authority vouches for this machine's own addresses alone", async () => {
  await using sandbox = await startSandbox({ clientCertificate: true });
  const servername = 'api.openbankingplatform.com';
  const socket = connect({ port: Number(new URL(sandbox.apiUrl).port), host: '127.0.0.1', servername, ca, cert, key });
  const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
  expect(error).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});
