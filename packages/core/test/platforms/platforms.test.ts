import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  createTokenSource,
  type OpenBankingAuthConfig,
  OpenBankingAuthError,
  openBankingFetch,
  type RequestedToken,
  type TokenFunctionRequest,
} from '@open-banking-auth/core';
import { FakeClock } from '@open-banking-auth/test-kit/fake-clock';
import { until } from '@open-banking-auth/test-kit/token-endpoint';
import { PLATFORMS, PlatformServer, registeredKey } from './platforms.js';

type Fetch = typeof fetch;
type Configure = (fetch: Fetch, withCertificate: Fetch) => Partial<Record<keyof OpenBankingAuthConfig, unknown>>;

const SECRET = { clientId: 'invented-id', clientSecret: 'invented-secret' };
const CERTIFICATE = { clientId: 'invented-id', clientAuthentication: 'tls_client_auth' };
const withTenant =
  (fetch: Fetch): Fetch =>
  (url, init) =>
    fetch(url, { ...init, headers: { ...Object.fromEntries(new Headers(init?.headers)), TenantId: '1234' } });

const SIGNED = { clientId: 'invented-id', clientAuthentication: 'private_key_jwt', scope: 'accounts' };
const clientKey = (over = {}) => ({
  clientKey: { key: registeredKey.privateKey, kid: 'as-registered', algorithm: 'PS256', ...over },
});
const PAYMENTS = 'psd2:payment:sepa:write psd2:payment:sepa:read';

/** For each platform: our configuration, and changes to it which that platform refuses. */
const FORMS: Readonly<Record<string, readonly [Configure, ...Configure[]]>> = {
  Aritma: [() => ({ ...SECRET, scope: 'api' }), () => ({ ...SECRET, scope: 'API' })],
  TrueLayer: [
    () => ({ ...SECRET, scope: 'payments' }),
    () => ({ ...SECRET, scope: 'payments', clientAuthentication: 'client_secret_basic' }),
    () => SECRET,
  ],
  Tink: [
    () => ({ ...SECRET, scope: 'authorization:grant,user:create' }),
    () => ({ ...SECRET, scope: 'authorization:grant user:create' }),
  ],
  finAPI: [() => SECRET, () => ({ ...SECRET, scope: 'api' })],
  Neonomics: [() => SECRET, () => ({ ...SECRET, clientSecret: 'another' })],
  Fortnox: [
    (fetch) => ({ ...SECRET, clientAuthentication: 'client_secret_basic', fetch: withTenant(fetch) }),
    () => ({ ...SECRET, clientAuthentication: 'client_secret_basic' }),
    (fetch) => ({ ...SECRET, fetch: withTenant(fetch) }),
  ],
  Handelsbanken: [
    (_, fetch) => ({ ...CERTIFICATE, fetch, scope: 'AIS' }),
    (_, fetch) => ({ ...CERTIFICATE, fetch }),
    (fetch) => ({ ...CERTIFICATE, fetch, scope: 'AIS' }),
    (_, fetch) => ({ ...SECRET, fetch, scope: 'AIS' }),
  ],
  'ABN AMRO': [
    (_, fetch) => ({ ...CERTIFICATE, fetch, scope: PAYMENTS }),
    (fetch) => ({ ...CERTIFICATE, fetch, scope: PAYMENTS }),
  ],
  'a FAPI bank': [
    (_, fetch) => ({ ...SIGNED, ...clientKey(), fetch }),
    (_, fetch) => ({ ...SECRET, fetch, scope: 'accounts' }),
    (fetch) => ({ ...SIGNED, ...clientKey(), fetch }),
    (_, fetch) => ({ ...SIGNED, ...clientKey({ algorithm: 'RS256' }), fetch }),
    (_, fetch) => ({ ...SIGNED, ...clientKey({ audience: 'https://elsewhere.example' }), fetch }),
  ],
  'a server with resources': [
    () => ({ ...SECRET, parameters: { resource: 'https://resources.bank.example' } }),
    () => SECRET,
    () => ({ ...SECRET, parameters: { resource: ['https://resources.bank.example', 'https://b.example'] } }),
  ],
};

/** In place of token URL and client. */
const ownRequest = (requestToken: (request: TokenFunctionRequest) => Promise<RequestedToken>) => ({
  tokenUrl: undefined,
  fetch: undefined,
  requestToken,
});

const goCardless =
  (secret_key: string): Configure =>
  (fetch) =>
    ownRequest(async ({ signal }) => {
      const response = await fetch(PLATFORMS.GoCardless?.tokenUrl ?? '', {
        method: 'POST',
        signal,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ secret_id: 'invented-id', secret_key }),
      });
      if (!response.ok) throw new OpenBankingAuthError({ code: 'invalid_client', problem: 'Rejected', hint: 'Check' });
      const { access, access_expires } = (await response.json()) as { access: string; access_expires: number };
      return { accessToken: access, expiresInSeconds: access_expires };
    });

/** As ING still takes it: the request is signed. */
const signedForIng =
  (content: string): Configure =>
  (_, fetch) =>
    ownRequest(async ({ signal }) => {
      const body = 'grant_type=client_credentials';
      const date = new Date().toUTCString();
      const digest = `SHA-256=${createHash('sha256').update(content).digest('base64')}`;
      const text = `(request-target): post /oauth2/token\ndate: ${date}\ndigest: ${digest}`;
      const signature = sign('sha256', Buffer.from(text), registeredKey.privateKey).toString('base64');
      const authorization = `Signature keyId="invented-id",algorithm="rsa-sha256",headers="(request-target) date digest",signature="${signature}"`;
      const headers = { date, digest, authorization };
      const response = await fetch(PLATFORMS.ING?.tokenUrl ?? '', { method: 'POST', signal, body, headers });
      if (!response.ok) throw new OpenBankingAuthError({ code: 'invalid_client', problem: 'Rejected', hint: 'Check' });
      const { access_token, expires_in } = (await response.json()) as { access_token: string; expires_in: number };
      return { accessToken: access_token, expiresInSeconds: expires_in };
    });

/** Each token is another one: it has an id of its own. */
const enableBanking: Configure = () =>
  ownRequest(async () => {
    const iat = Math.floor(Date.now() / 1_000);
    const text = [
      { typ: 'JWT', alg: 'RS256', kid: 'invented-id' },
      { iss: 'enablebanking.com', aud: 'api.enablebanking.com', iat, exp: iat + 3_600, jti: crypto.randomUUID() },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature = sign('sha256', Buffer.from(text), registeredKey.privateKey).toString('base64url');
    return { accessToken: `${text}.${signature}`, expiresInSeconds: 3_600 };
  });

beforeAll(() => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  registeredKey.privateKey = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
});

afterEach(() => jest.restoreAllMocks());

function worldOf(name: string) {
  const platform = PLATFORMS[name];
  if (!platform) throw new Error(`There is no ${name}`);
  const server = new PlatformServer(platform);
  const sender =
    (certificate: boolean): Fetch =>
    async (url, init) => {
      const headers = new Headers(init?.headers);
      if (String(url) === platform.tokenUrl) return server.token({ headers, body: String(init?.body), certificate });
      return server.api(headers);
    };
  const [fetch, withCertificate] = [sender(false), sender(true)];
  const sourceWith = (configure: Configure, clock = new FakeClock()) => {
    jest.spyOn(Date, 'now').mockImplementation(clock.wall);
    const hosts = { tokenUrl: platform.tokenUrl, apiOrigins: [platform.api], fetch };
    const config = { ...hosts, ...configure(fetch, withCertificate) } as OpenBankingAuthConfig;
    return createTokenSource(config, { clock });
  };
  // Without a token endpoint nothing is asked.
  const asked = platform.accepts ? 0 : 1;
  const { access_expires, expires_in = access_expires ?? 3_600 } = Object(platform.grant);
  return { platform, server, fetch, sourceWith, asked, lifetimeMs: expires_in * 1_000 };
}

const TABLE: typeof FORMS = {
  ...FORMS,
  GoCardless: [goCardless('invented-secret'), goCardless('wrong')],
  ING: [
    (_, fetch) => ({ ...CERTIFICATE, fetch }),
    (fetch) => ({ ...CERTIFICATE, fetch }),
    signedForIng('something else'),
    (fetch) => signedForIng('grant_type=client_credentials')(fetch, fetch),
  ],
  'Enable Banking': [enableBanking],
};

describe.each(Object.entries(TABLE))('%s', (name, [configure, ...refused]) => {
  test('grants a token at the first call, and another after a 401; each is used by all who need it', async () => {
    const { platform, server, fetch, sourceWith, asked } = worldOf(name);
    const api = openBankingFetch(sourceWith(configure), { fetch });
    const call = async () => (await api(`${platform.api}/accounts`)).status;
    expect(await Promise.all(Array.from({ length: 20 }, call))).toEqual(Array(20).fill(200));
    expect(server.tokenRequests).toBe(asked);
    server.revokeAll();
    expect(await Promise.all(Array.from({ length: 20 }, call))).toEqual(Array(20).fill(200));
    expect(server.tokenRequests).toBe(2 * asked);
  });

  test('lives as long as the documentation says, and is replaced ahead of its end without a failed call', async () => {
    const { platform, server, fetch, sourceWith, asked, lifetimeMs } = worldOf(name);
    const clock = new FakeClock();
    const tokens = sourceWith(configure, clock);
    const api = openBankingFetch(tokens, { fetch });
    const call = async () => (await api(`${platform.api}/accounts`)).status;
    await call();
    const first = tokens.peek();
    expect(Number(first?.expiresAt)).toBe(clock.wall() + lifetimeMs);
    clock.advance(lifetimeMs - 45_000);
    expect(await call()).toBe(200);
    await until(() => tokens.peek()?.value !== first?.value);
    expect(await call()).toBe(200);
    expect(server.tokenRequests).toBe(2 * asked);
  });

  if (refused.length === 0) return;
  test.each(refused.map((change, nth) => [nth + 1, change] as const))(
    'refuses what its documentation does not allow (%i)',
    async (_, change) => {
      const { server, sourceWith } = worldOf(name);
      await expect(sourceWith(change).get()).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:invalid_client|invalid_scope|token_request_rejected)$/),
      });
      expect(server.tokenRequests).toBe(1);
    },
  );
});

test('ING takes a signed token request in place of the client id', async () => {
  const { server, sourceWith } = worldOf('ING');
  expect(await sourceWith(signedForIng('grant_type=client_credentials')).get()).toBeDefined();
  expect(server.tokenRequests).toBe(1);
});

test('every platform is in the table, and docs/platforms.md names its token URL and where that was read', () => {
  expect(Object.keys(TABLE).sort()).toEqual(Object.keys(PLATFORMS).sort());
  const page = readFileSync(`${__dirname}/../../../../docs/platforms.md`, 'utf8');
  const missing = Object.values(PLATFORMS).flatMap(({ source, tokenUrl, accepts }) =>
    [source, accepts ? source : tokenUrl].filter((url) => !page.includes(url)),
  );
  expect(missing).toEqual([]);
});
