import { createTokenSource, type OpenBankingAuthConfig, openBankingFetch } from '@open-banking-auth/core';
import { generateKey } from './keys.js';
import { PLATFORMS, PlatformServer } from './platforms.js';

type Fetch = typeof fetch;
type Configure = (fetch: Fetch, withCertificate: Fetch) => Partial<Record<keyof OpenBankingAuthConfig, unknown>>;

const SECRET = { clientId: 'invented-id', clientSecret: 'invented-secret' };
const CERTIFICATE = { clientId: 'invented-id', clientAuthentication: 'tls_client_auth' };
const withTenant =
  (fetch: Fetch): Fetch =>
  (url, init) =>
    fetch(url, { ...init, headers: { ...Object.fromEntries(new Headers(init?.headers)), TenantId: '1234' } });

/** For each platform: our configuration, and changes to it which that platform refuses. */
const TABLE: Readonly<Record<string, readonly [Configure, ...Configure[]]>> = {
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

let clientKey: unknown;
beforeAll(async () => {
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

describe.each(Object.entries(TABLE))('%s', (name, [configure, ...refused]) => {
  test('grants a token at the first call, and another after a 401; each is used by all who need it', async () => {
    const { platform, server, fetch, sourceWith } = worldOf(name);
    const api = openBankingFetch(sourceWith(configure), { fetch });
    const call = async () => (await api(`${platform.api}/accounts`)).status;
    expect(await Promise.all(Array.from({ length: 20 }, call))).toEqual(Array(20).fill(200));
    expect(server.tokenRequests).toBe(1);
    server.revokeAll();
    expect(await Promise.all(Array.from({ length: 20 }, call))).toEqual(Array(20).fill(200));
    expect(server.tokenRequests).toBe(2);
  });

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

test('every platform with a form is in the table; those with requests of another kind are on docs/platforms.md', () => {
  expect(Object.keys(PLATFORMS).filter((name) => !(name in TABLE))).toEqual(['GoCardless', 'ING', 'Enable Banking']);
});
