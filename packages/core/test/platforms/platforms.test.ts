import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import {
  createTokenSource,
  type OpenBankingAuthConfig,
  OpenBankingAuthError,
  openBankingFetch,
  type RequestedToken,
  type TokenFunctionRequest,
} from '@open-banking-auth/core';
import { generateKey } from './keys.js';
import { enableBankingKey, PLATFORMS, PlatformServer } from './platforms.js';

type Fetch = typeof fetch;
type Configure = (fetch: Fetch, withCertificate: Fetch) => Partial<Record<keyof OpenBankingAuthConfig, unknown>>;

const SECRET = { clientId: 'invented-id', clientSecret: 'invented-secret' };
const CERTIFICATE = { clientId: 'invented-id', clientAuthentication: 'tls_client_auth' };
const withTenant =
  (fetch: Fetch): Fetch =>
  (url, init) =>
    fetch(url, { ...init, headers: { ...Object.fromEntries(new Headers(init?.headers)), TenantId: '1234' } });

/** For each platform: our configuration, and changes to it which that platform refuses. */
const FORMS: Readonly<Record<string, readonly [Configure, ...Configure[]]>> = {
  Aritma: [() => ({ ...SECRET, scope: 'api' }), () => ({ ...SECRET, scope: 'API' })],
  TrueLayer: [
    () => ({ ...SECRET, scope: 'payments' }),
    () => ({ ...SECRET, scope: 'payments', clientAuthentication: 'client_secret_basic' }),
    () => SECRET,
  ],
  Tink: [
    () => ({ ...SECRET, scope: 'accounts:read,user:create' }),
    () => ({ ...SECRET, scope: 'accounts:read user:create' }),
  ],
  finAPI: [() => SECRET, () => ({ ...SECRET, scope: 'api' })],
  Neonomics: [() => ({ ...SECRET, clientAuthentication: 'client_secret_basic' }), () => SECRET],
  Fortnox: [
    (fetch) => ({ ...SECRET, clientAuthentication: 'client_secret_basic', fetch: withTenant(fetch) }),
    () => ({ ...SECRET, clientAuthentication: 'client_secret_basic' }),
  ],
  Handelsbanken: [
    (_, fetch) => ({ ...CERTIFICATE, fetch, scope: 'AIS', parameters: { psu_id_type: '1' } }),
    (_, fetch) => ({ ...CERTIFICATE, fetch, scope: 'AIS' }),
    (fetch) => ({ ...CERTIFICATE, fetch, scope: 'AIS', parameters: { psu_id_type: '1' } }),
    (_, fetch) => ({ ...SECRET, fetch, scope: 'AIS', parameters: { psu_id_type: '1' } }),
  ],
  'ABN AMRO': [
    (_, fetch) => ({ ...CERTIFICATE, fetch, scope: 'psd2:payment:sepa:write' }),
    (fetch) => ({ ...CERTIFICATE, fetch, scope: 'psd2:payment:sepa:write' }),
  ],
  'a FAPI bank': [
    (_, fetch) => ({
      clientId: 'invented-id',
      clientAuthentication: 'private_key_jwt',
      clientKey,
      fetch,
      scope: 'accounts',
    }),
    (_, fetch) => ({ ...SECRET, fetch, scope: 'accounts' }),
    (fetch) => ({
      clientId: 'invented-id',
      clientAuthentication: 'private_key_jwt',
      clientKey,
      fetch,
      scope: 'accounts',
    }),
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

const ing =
  (content: string): Configure =>
  (_, fetch) =>
    ownRequest(async ({ signal }) => {
      const body = 'grant_type=client_credentials';
      const digest = `SHA-256=${createHash('sha256').update(content).digest('base64')}`;
      const signature = sign('sha256', Buffer.from(digest), enableBankingKey.privateKey).toString('base64');
      const authorization = `Signature keyId="invented-id",algorithm="rsa-sha256",headers="(request-target) date digest",signature="${signature}"`;
      const headers = { digest, authorization };
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
    const signature = sign('sha256', Buffer.from(text), enableBankingKey.privateKey).toString('base64url');
    return { accessToken: `${text}.${signature}`, expiresInSeconds: 3_600 };
  });

let clientKey: unknown;
beforeAll(async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  enableBankingKey.privateKey = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  clientKey = (await generateKey('ES256')).jwk;
});

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
  const sourceWith = (configure: Configure) =>
    createTokenSource({
      tokenUrl: platform.tokenUrl,
      apiOrigins: [platform.api],
      fetch,
      ...configure(fetch, withCertificate),
    } as OpenBankingAuthConfig);
  return { platform, server, fetch, sourceWith };
}

const TABLE: typeof FORMS = {
  ...FORMS,
  GoCardless: [goCardless('invented-secret'), goCardless('wrong')],
  ING: [
    ing('grant_type=client_credentials'),
    ing('something else'),
    (fetch) => ing('grant_type=client_credentials')(fetch, fetch),
  ],
  'Enable Banking': [enableBanking],
};

describe.each(Object.entries(TABLE))('%s', (name, [configure, ...refused]) => {
  test('grants a token at the first call, and another after a 401; each is used by all who need it', async () => {
    const { platform, server, fetch, sourceWith } = worldOf(name);
    const api = openBankingFetch(sourceWith(configure), { fetch });
    // Without a token endpoint nothing is asked.
    const asked = platform.accepts ? 0 : 1;
    const call = async () => (await api(`${platform.api}/accounts`)).status;
    expect(await Promise.all(Array.from({ length: 20 }, call))).toEqual(Array(20).fill(200));
    expect(server.tokenRequests).toBe(asked);
    server.revokeAll();
    expect(await Promise.all(Array.from({ length: 20 }, call))).toEqual(Array(20).fill(200));
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

test('every platform is in the table', () => {
  expect(Object.keys(TABLE)).toEqual(Object.keys(PLATFORMS));
});
