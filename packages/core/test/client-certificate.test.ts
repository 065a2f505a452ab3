import { get } from 'node:https';
import { inspect } from 'node:util';
import { createTokenSource, isOpenBankingAuthError, openBankingFetch } from '@open-banking-auth/core';
import { type ClientCertificateOptions, clientCertificate } from '@open-banking-auth/core/node';
import { sandboxCertificate, startSandbox } from '@open-banking-auth/sandbox';
import {
  barePfx,
  derCert,
  encryptedKey,
  foreignCert,
  foreignKey,
  keylessPfx,
  legacyPfx,
  rsaKey,
} from '@open-banking-auth/test-kit/certificates';
import { startConnectProxy } from '@open-banking-auth/test-kit/connect-proxy';
import { FakeClock } from '@open-banking-auth/test-kit/fake-clock';
import { startTlsServer } from '@open-banking-auth/test-kit/tls-server';
import { CONFIG, QUICK_CLOCK } from '@open-banking-auth/test-kit/token-endpoint';
import { buildSync } from 'esbuild';
import { Agent, ProxyAgent } from 'undici';

const { ca, cert, key, pfx, passphrase } = sandboxCertificate;
const OURS = 'Open Banking Sandbox client (invented)';

/** What no error and no print may hold: the key's own digits, in PEM and DER, the passphrase, the pfx. */
const digits = (pem: string) => pem.split('\n').filter((line) => line.length > 30 && !line.includes('-----'));
const SECRETS = [
  passphrase,
  pfx.toString('base64').slice(0, 60),
  pfx.toString('hex').slice(0, 60),
  inspect(pfx).slice(8, 80),
  String([...pfx.subarray(0, 20)]),
  ...[key, foreignKey, encryptedKey].flatMap(digits),
];

function refusal(options: unknown, clock = new FakeClock()): string {
  try {
    clientCertificate(options as ClientCertificateOptions, { clock });
  } catch (error) {
    if (!isOpenBankingAuthError(error)) throw error;
    expect(error.code).toBe('invalid_config');
    const printed = inspect(error, { depth: Infinity, showHidden: true }) + JSON.stringify(error) + error.stack;
    for (const secret of SECRETS) expect(printed).not.toContain(secret);
    expect(error).not.toHaveProperty('cause');
    return error.message;
  }
  throw new Error('it was accepted');
}

describe('a client certificate', () => {
  test.each<[string, unknown, string]>([
    ['no options', undefined, 'must be an object, got undefined'],
    ['nothing', {}, 'neither "pfx" nor "cert" and "key"'],
    ['both forms', { pfx, passphrase, cert, key }, 'Give either { pfx, passphrase } or { cert, key }'],
    ['a path as pfx', { pfx: './certs/client.pfx', passphrase }, '"pfx" is the path of a file. Give the content'],
    ['a file name as pfx', { pfx: 'client.p12', passphrase }, '"pfx" is the path of a file. Give the content'],
    ['a pfx read as text', { pfx: pfx.toString('utf8'), passphrase }, '"pfx" is a text, and a pfx is binary'],
    ['a pfx in base64', { pfx: pfx.toString('base64'), passphrase }, "Decode it: Buffer.from(text, 'base64')"],
    ['a file of base64', { pfx: Buffer.from(pfx.toString('base64')), passphrase }, '"pfx" holds base64. Decode it'],
    ['PEM as pfx', { pfx: Buffer.from(cert + key), passphrase }, '"pfx" holds PEM. Give it as "cert" and "key"'],
    ['something else as pfx', { pfx: 42, passphrase }, '"pfx" must be a Buffer, got a number'],
    ['an empty pfx', { pfx: Buffer.alloc(0), passphrase }, '"pfx" is empty'],
    ['garbage', { pfx: Buffer.alloc(1_000, 7), passphrase }, '"pfx" is no PKCS#12 file, or a damaged one'],
    ['half a pfx', { pfx: pfx.subarray(0, 300), passphrase }, 'a damaged one (not enough data)'],
    ['a wrong passphrase', { pfx, passphrase: `${passphrase}\n` }, '"passphrase" is not the one of "pfx"'],
    ['no passphrase', { pfx, passphrase: undefined }, '"pfx" is encrypted, and "passphrase" is missing'],
    ['a passphrase that is no text', { pfx, passphrase: 1234 }, '"passphrase" must be a string, got a number'],
    ['a pfx that OpenSSL 3 does not read', { pfx: legacyPfx, passphrase }, 'openssl pkcs12 -legacy -in old.pfx'],
    ['a pfx without a key', { pfx: keylessPfx, passphrase }, '"pfx" holds no private key'],
    ['a pfx without a certificate', { pfx: barePfx, passphrase }, '"pfx" holds no certificate'],
    ['no key', { cert }, '"key" must be a string or a Buffer with PEM, got undefined'],
    ['no certificate', { key }, '"cert" must be a string or a Buffer with PEM, got undefined'],
    [
      'the two mixed up',
      { cert: key, key: cert },
      '"cert" is PEM, but holds no CERTIFICATE. Are "cert" and "key" mixed',
    ],
    ['a certificate twice', { cert, key: cert }, '"key" is PEM, but holds no PRIVATE KEY'],
    ['a key that does not fit', { cert, key: foreignKey }, '"key" is not the private key of "cert"'],
    ['a key of another kind', { cert, key: rsaKey }, '"key" is not the private key of "cert"'],
    ['a certificate in DER', { cert: derCert, key }, 'openssl x509 -inform der -in client.cer -out client.pem'],
    ['paths in place of PEM', { cert: 'client.pem', key: 'client.key' }, '"cert" is the path of a file'],
    ['\\n as two characters', { cert, key: key.replaceAll('\n', '\\n') }, `"key" holds "\\n" as two characters`],
    [
      'a damaged certificate',
      { cert: cert.replace(/.{9}\n-----END/, '\n-----END'), key },
      '"cert" holds a certificate that',
    ],
    ['a damaged key', { cert, key: key.replace(/\n.{20}/, '\n') }, '"key" cannot be read'],
    [
      'a wrong passphrase of a key',
      { cert, key: encryptedKey, passphrase: 'x' },
      '"passphrase" is not the one of "key"',
    ],
    ['no passphrase of a key', { cert, key: encryptedKey }, '"key" is encrypted, and "passphrase" is missing'],
    ['authorities that are none', { pfx, passphrase, ca: 'ca.pem' }, '"ca" is the path of a file'],
    [
      'a damaged authority',
      { pfx, passphrase, ca: [ca, ca.slice(0, 300)] },
      '"ca" holds a certificate that cannot be read',
    ],
  ])('%s is invalid, and the error says what to do without showing what was given', (_, options, message) => {
    expect(refusal(options)).toContain(message);
  });

  test('is accepted as Buffer, as bytes and as text, encrypted or not, with one authority or several', () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    const accepted: ClientCertificateOptions[] = [
      { pfx, passphrase },
      { pfx: new Uint8Array(pfx), passphrase, ca: [ca, bytes(ca)] },
      { cert, key, passphrase: undefined, ca: undefined },
      { cert: bytes(cert), key: Buffer.from(key), ca: bytes(ca) },
      { cert: `Bag Attributes\n${cert}${ca}`, key: encryptedKey, passphrase },
      { cert: key + cert, key: cert + key },
    ];
    for (const options of accepted) {
      expect(clientCertificate(options).expiresAt.toISOString()).toBe('2126-01-01T00:00:00.000Z');
    }
  });

  test.each([
    ['expired', Date.UTC(2126, 0, 1), 'expired on 2126-01-01T00:00:00.000Z'],
    [
      'not valid yet',
      Date.UTC(2019, 11, 31, 23, 59, 59, 999),
      'is not valid before 2020-01-01T00:00:00.000Z, and the clock of this machine says 2019-12-31T23:59:59.999Z',
    ],
  ])('that is %s by the clock is invalid, and the error has the dates', (_, now, message) => {
    const clock = new FakeClock();
    clock.setWallBy(now - clock.wall());
    expect(refusal({ pfx, passphrase }, clock)).toContain(message);
    expect(refusal({ cert, key }, clock)).toContain(message);
    clock.setWallBy(message.startsWith('expired') ? -1 : 1);
    expect(clientCertificate({ pfx, passphrase }, { clock }).expiresAt.getTime()).toBe(Date.UTC(2126, 0, 1));
  });

  test('shows nothing of itself, however it is printed or copied, before and after it was used', async () => {
    const certificate = clientCertificate({ pfx, passphrase, ca });
    const server = await startTlsServer();
    const printed = () => {
      const shapes = [certificate, { ...certificate }, Object.entries(certificate), certificate.agent];
      const options = { depth: Infinity, showHidden: true, getters: true };
      return shapes.flatMap((shape) => [inspect(shape, options), JSON.stringify(shape)]);
    };
    const before = printed();
    await (await certificate.fetch(server.url)).text();
    await agentRequest(server.url, certificate.agent);
    for (const text of [...before, ...printed()]) {
      expect(text).toContain('[Agent with a client certificate]');
      for (const secret of SECRETS) expect(text).not.toContain(secret);
    }
    // What others read of the agent to make one of their own, as axios does for proxies.
    const options = inspect(certificate.agent.options, { depth: Infinity, showHidden: true });
    expect(options).toContain('secureContext');
    for (const secret of SECRETS) expect(options).not.toContain(secret);
    await server.close();
  });
});

/** One request over Node's own client. */
function agentRequest(url: string, agent: import('node:https').Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => response.resume().once('end', () => setImmediate(resolve))).once('error', reject);
  });
}

describe('the connections of a client certificate', () => {
  test('are kept for the next request, by agent and by fetch', async () => {
    const server = await startTlsServer();
    const { agent, fetch } = clientCertificate({ pfx, passphrase, ca });
    for (let n = 0; n < 10; n++) await agentRequest(server.url, agent);
    expect(server.connections).toHaveLength(1);
    for (let n = 0; n < 10; n++) await (await fetch(server.url)).text();
    // undici opens a second one when the first has not quite finished.
    expect(server.connections.length).toBeLessThanOrEqual(3);
    expect(server.certificates).toEqual(Array(20).fill(OURS));
    await server.close();
  });

  test('resume their TLS session when they are made anew, and show the certificate all the same', async () => {
    const server = await startTlsServer();
    const { agent } = clientCertificate({ pfx, passphrase, ca });
    await agentRequest(server.url, agent);
    for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    await agentRequest(server.url, agent);
    expect(server.connections.map(({ resumed }) => resumed)).toEqual([false, true]);
    expect(server.certificates).toEqual([OURS, OURS]);
    await server.close();
  });
});

describe('the token request', () => {
  test.each([
    ['goes without a certificate, whatever the API calls have', false],
    ['has one if the configuration has its fetch', true],
  ])('%s', async (_, given) => {
    const [sandbox, tokenHost] = [await startSandbox({ clientCertificate: true }), await startTlsServer()];
    const certificate = clientCertificate({ pfx, passphrase, ca });
    const config = {
      ...sandbox.config,
      tokenUrl: tokenHost.url,
      fetch: given ? certificate.fetch : trusting(ca),
    };
    await openBankingFetch(config, { fetch: certificate.fetch })(`${sandbox.apiUrl}/echo`);
    expect(sandbox.requests.map((request) => request.certificate)).toContain(OURS);
    expect(new Set(tokenHost.certificates)).toEqual(new Set([given ? OURS : undefined]));
    await Promise.all([sandbox.close(), tokenHost.close()]);
  });

  test.each([
    ['missing', 'TLSv1.2', undefined, 'alert handshake failure', 'most likely over the client certificate'],
    ['missing', 'TLSv1.3', undefined, 'other side closed', 'A host that demands a client certificate'],
    ['foreign', 'TLSv1.3', { cert: foreignCert, key: foreignKey }, 'other side closed', 'A host that demands a client'],
  ] as const)('whose certificate is %s says what to do, under %s', async (_, version, identity, reason, hint) => {
    const server = await startTlsServer({ rejectUnauthorized: true, minVersion: version, maxVersion: version });
    const fetch = identity ? clientCertificate({ ...identity, ca }).fetch : trusting(ca);
    const tokens = createTokenSource({ ...CONFIG, tokenUrl: server.url, fetch }, { clock: QUICK_CLOCK });
    const error: unknown = await tokens.get().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'token_request_failed',
      message: expect.stringContaining(reason),
      hint: expect.stringContaining(hint),
    });
    expect(error).toMatchObject({ hint: expect.stringContaining('@open-banking-auth/core/node') });
    await server.close();
  });
});

test.each([
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'most likely over the client certificate'],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'most likely over the client certificate'],
  ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED', 'most likely over the client certificate'],
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'most likely over the client certificate'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'most likely over the client certificate'],
  ['ECONNRESET', 'ends connections without one like this too'],
])('a token request that fails with %s has a hint about the certificate', async (code, hint) => {
  expect(await hintOf(code)).toContain(hint);
});

test.each([
  'ECONNREFUSED',
  'ENOTFOUND',
  'CERT_HAS_EXPIRED',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'UND_ERR_CONNECT_TIMEOUT',
])('a token request that fails with %s has none: nothing speaks for it', async (code) => {
  expect(await hintOf(code)).not.toMatch(/client certificate/);
});

test('nor has one over plain http, where there are no certificates', async () => {
  expect(await hintOf('ECONNRESET', 'http://127.0.0.1:1/token')).not.toMatch(/client certificate/);
});

async function hintOf(code: string, tokenUrl = CONFIG.tokenUrl): Promise<string> {
  const cause = Object.assign(new Error('it failed'), { code });
  const fetch = () => Promise.reject(Object.assign(new TypeError('fetch failed'), { cause }));
  const tokens = createTokenSource({ ...CONFIG, tokenUrl, fetch }, { clock: QUICK_CLOCK });
  const error: unknown = await tokens.get().catch((thrown: unknown) => thrown);
  if (!isOpenBankingAuthError(error)) throw error;
  return error.hint;
}

/** The built-in fetch, which trusts the test's authority and has no certificate. */
function trusting(authority: string): typeof fetch {
  const dispatcher = new Agent({ connect: { ca: authority } });
  const send: (input: string | URL | Request, init: object) => Promise<Response> = fetch;
  return (input, init) => send(input, { ...init, dispatcher });
}

function failing(error: Error): () => never {
  return () => {
    throw error;
  };
}

describe('fetch with a client certificate', () => {
  test.each<[string, () => object, string]>([
    ['missing', failing(Object.assign(new Error(), { code: 'MODULE_NOT_FOUND' })), 'which is not installed'],
    ['not for this Node', failing(new TypeError()), `which cannot be loaded on Node ${process.version}`],
    ['of version 6', () => ({ Agent }), 'which is older than 7.28'],
    ['of version 7.20', () => ({ Agent: class {}, cacheStores: {} }), 'which is older than 7.28'],
  ])('says what to install when undici is %s', async (_, load, message) => {
    jest.resetModules();
    jest.doMock('undici', load);
    try {
      const node = await import('@open-banking-auth/core/node');
      const { fetch } = node.clientCertificate({ pfx, passphrase, ca });
      await expect(fetch('https://127.0.0.1:1/')).rejects.toMatchObject({
        code: 'invalid_config',
        message: expect.stringContaining(message),
        hint: expect.stringContaining('npm install undici@7'),
      });
    } finally {
      jest.dontMock('undici');
      jest.resetModules();
    }
  });

  test('has the certificate even if a call brings a dispatcher', async () => {
    const server = await startTlsServer();
    const { fetch } = clientCertificate({ pfx, passphrase, ca });
    const init: object = { dispatcher: new Agent({ connect: { ca } }) };
    await (await fetch(server.url, init)).text();
    expect(server.certificates).toEqual([OURS]);
    await server.close();
  });

  test('of version 8 reaches the built-in fetch through the wrapper for it', async () => {
    class Version8Agent {
      constructor(readonly options: unknown) {}
    }
    class Dispatcher1Wrapper {
      constructor(readonly agent: unknown) {}
    }
    jest.resetModules();
    jest.doMock('undici', () => ({ Agent: Version8Agent, Dispatcher1Wrapper }));
    const stub = jest.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response());
    try {
      const node = await import('@open-banking-auth/core/node');
      const { fetch, secureContext } = node.clientCertificate({ pfx, passphrase, ca });
      await fetch('https://127.0.0.1:1/', { method: 'PUT' });
      const dispatcher = new Dispatcher1Wrapper(new Version8Agent({ connect: { secureContext } }));
      expect(stub.mock.calls).toEqual([['https://127.0.0.1:1/', { method: 'PUT', dispatcher }]]);
    } finally {
      stub.mockRestore();
      jest.dontMock('undici');
      jest.resetModules();
    }
  });

  test('its secureContext makes an agent for a proxy', async () => {
    const [server, proxy] = [await startTlsServer(), await startConnectProxy()];
    const { secureContext } = clientCertificate({ pfx, passphrase, ca });
    const uri = `http://127.0.0.1:${proxy.port}`;
    const init: object = { dispatcher: new ProxyAgent({ uri, requestTls: { secureContext } }) };
    await (await fetch(server.url, init)).text();
    expect([server.certificates, proxy.tunnels]).toEqual([[OURS], 1]);
    await server.close();
    await proxy.close();
  });

  test('may be below a wrapper that is made the global fetch, and does not call itself', async () => {
    const sandbox = await startSandbox({ clientCertificate: true });
    const original = globalThis.fetch;
    try {
      const certificate = clientCertificate({ pfx, passphrase, ca });
      globalThis.fetch = openBankingFetch({ ...sandbox.config, fetch: original }, { fetch: certificate.fetch });
      expect((await fetch(`${sandbox.apiUrl}/echo`)).status).toBe(200);
    } finally {
      globalThis.fetch = original;
      await sandbox.close();
    }
  });
});

test('the main entry and the one for client authors import nothing of Node, and not undici', () => {
  const { metafile } = buildSync({
    entryPoints: ['index', 'client'].map((name) => `${__dirname}/../src/${name}.ts`),
    bundle: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['node:*', 'undici'],
    outdir: 'unused',
    write: false,
    metafile: true,
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  expect(imports).toEqual([]);
});
