import { createTokenSource, memoryTokenStore, openBankingFetch } from '@open-banking-auth/core';
import { type ClientCertificate, clientCertificate } from '@open-banking-auth/core/node';
import { sandboxCertificate } from '@open-banking-auth/sandbox';
import { foreignCert, foreignKey } from '@open-banking-auth/test-kit/certificates';
import { serverCert, serverKey } from '../../../sandbox/src/certificate/certificates.js';
import { OidcProvider } from './oidc-provider.js';
import { refusal, STORE_SECRET } from './plain-source.js';

const { pfx, passphrase, ca } = sandboxCertificate;
const SUBJECT = 'CN=Open Banking Sandbox client (invented)';

let server: OidcProvider;
let certificate: ClientCertificate;
let foreign: ClientCertificate;

beforeAll(async () => {
  certificate = clientCertificate({ pfx, passphrase, ca });
  foreign = clientCertificate({ cert: foreignCert, key: foreignKey, ca });
  const client = { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: SUBJECT };
  server = await OidcProvider.start(
    [
      { ...client, client_id: 'free' },
      { ...client, client_id: 'bound', tls_client_certificate_bound_access_tokens: true },
      { ...client, client_id: 'another', tls_client_auth_subject_dn: 'CN=somebody else' },
    ],
    { cert: serverCert, key: serverKey, ca },
  );
});
afterAll(() => server.stop());
beforeEach(() => server.seen(certificate.fetch));

const configFor = (clientId: string, fetch = certificate.fetch) => ({
  tokenUrl: server.tokenUrl,
  apiOrigins: [server.apiUrl],
  clientId,
  clientAuthentication: 'tls_client_auth' as const,
  fetch,
});

describe.each([
  ['a token that is free', 'free'],
  ['a token that is bound to the certificate', 'bound'],
])('against oidc-provider over TLS, with tls_client_auth and %s', (_, clientId) => {
  test('the token request has a certificate and no secret, and the token is accepted', async () => {
    const forms: string[][] = [];
    const source = createTokenSource(
      configFor(clientId, async (url, init) => {
        forms.push([...new URLSearchParams(String(init?.body)).keys()].sort());
        return certificate.fetch(url, init);
      }),
    );
    const response = await openBankingFetch(source, { fetch: certificate.fetch })(server.apiUrl);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ active: true, client_id: clientId });
    expect(forms).toEqual([['client_id', 'grant_type']]);
  });

  test('a revoked token costs one new token for 20 requests, and one replay each', async () => {
    const source = createTokenSource(configFor(clientId));
    await server.revoke((await source.get()).value, certificate.fetch);
    const api = openBankingFetch(source, { fetch: certificate.fetch });
    const responses = await Promise.all(Array.from({ length: 20 }, () => api(server.apiUrl)));
    expect(responses.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(await server.seen(certificate.fetch)).toMatchObject({ tokenRequests: 2, accepted: 20, refused: 20 });
  });
});

test('a bound token is refused with another certificate, and after a renewal the 401 is passed on', async () => {
  const api = openBankingFetch(configFor('bound'), { fetch: foreign.fetch });
  expect((await api(server.apiUrl)).status).toBe(401);
});

test.each([
  ['another authority', 'free', () => foreign.fetch],
  ['another client', 'another', () => certificate.fetch],
])('a certificate of %s is invalid_client, and the error says what to check', async (_, clientId, fetch) => {
  await expect(createTokenSource(configFor(clientId, fetch())).get()).rejects.toMatchObject({
    code: 'invalid_client',
    hint: expect.stringMatching(/^Check clientId, and that the certificate in "fetch" is the one that was registered/),
  });
});

test('with a store, processes share a token, and other clients do not', async () => {
  const shared = { store: memoryTokenStore(), storeSecret: STORE_SECRET };
  const tokenOf = async (clientId: string) =>
    (await createTokenSource({ ...configFor(clientId), ...shared }).get()).value;
  const [one, same, other] = [await tokenOf('free'), await tokenOf('free'), await tokenOf('bound')];
  expect([same === one, other === one]).toEqual([true, false]);
});

test.each<[string, object, string]>([
  ['without fetch', { fetch: undefined }, '"fetch" is missing: it sends the certificate'],
  ['with a secret', { clientSecret: 'x' }, '"clientSecret" is of no use with clientAuthentication "tls_client_auth"'],
  ['with a key', { clientKey: {} }, '"clientKey" is of no use with clientAuthentication "tls_client_auth"'],
])('tls_client_auth %s is invalid', (_, over, says) => {
  expect(refusal({ ...configFor('free'), ...over })).toContain(says);
});
