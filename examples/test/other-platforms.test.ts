import { openBankingAuth as axiosAuth } from '@open-banking-auth/axios';
import { createTokenSource, openBankingFetch, type TokenSource } from '@open-banking-auth/core';
import { type ClientCertificate, clientCertificate } from '@open-banking-auth/core/node';
import { openBankingAuth as kyAuth } from '@open-banking-auth/ky';
import { sandboxCertificate } from '@open-banking-auth/sandbox';
import axios from 'axios';
import ky from 'ky';
import { generateKey, type KeyPair } from '../../packages/core/test/platforms/keys.js';
import { OidcProvider } from '../../packages/core/test/platforms/oidc-provider.js';
import { serverCert, serverKey } from '../../packages/sandbox/src/certificate/certificates.js';

let server: OidcProvider;
let certificate: ClientCertificate;
let keys: KeyPair;

beforeAll(async () => {
  const { pfx, passphrase, ca } = sandboxCertificate;
  certificate = clientCertificate({ pfx, passphrase, ca });
  keys = await generateKey('PS256');
  const bound = { tls_client_certificate_bound_access_tokens: true };
  const signed = { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'PS256' };
  server = await OidcProvider.start(
    [
      {
        ...bound,
        client_id: 'tls_client_auth',
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_subject_dn: 'CN=Open Banking Sandbox client (invented)',
      },
      { ...bound, ...signed, client_id: 'private_key_jwt', jwks: { keys: [keys.publicJwk] } },
    ],
    { cert: serverCert, key: serverKey, ca },
  );
});
afterAll(() => server.stop());
beforeEach(() => server.seen(certificate.fetch));

const SOURCES: Readonly<Record<string, () => TokenSource>> = {
  tls_client_auth: () =>
    createTokenSource({
      tokenUrl: server.tokenUrl,
      apiOrigins: [server.apiUrl],
      clientId: 'tls_client_auth',
      clientAuthentication: 'tls_client_auth',
      fetch: certificate.fetch,
    }),
  private_key_jwt: () =>
    createTokenSource({
      tokenUrl: server.tokenUrl,
      apiOrigins: [server.apiUrl],
      clientId: 'private_key_jwt',
      clientAuthentication: 'private_key_jwt',
      clientKey: keys.pem,
      fetch: certificate.fetch,
    }),
};

const CLIENTS: Readonly<Record<string, (tokens: TokenSource) => () => Promise<unknown>>> = {
  axios: (tokens) => {
    const api = axios.create({ httpsAgent: certificate.agent });
    api.interceptors.request.use(axiosAuth(tokens));
    return async () => (await api.get(server.apiUrl)).data;
  },
  ky: (tokens) => {
    const api = ky.create({ fetch: certificate.fetch, retry: 0 }).extend(kyAuth(tokens));
    return () => api(server.apiUrl).json();
  },
  fetch: (tokens) => {
    const api = openBankingFetch(tokens, { fetch: certificate.fetch });
    return async () => (await api(server.apiUrl)).json();
  },
};

describe.each(Object.keys(SOURCES))('%s over real TLS, with tokens bound to the certificate', (method) => {
  test.each(Object.keys(CLIENTS))('%s: 20 calls cost one token, which the API accepts', async (client) => {
    const tokens = SOURCES[method]?.();
    const call = tokens && CLIENTS[client]?.(tokens);
    const bodies = await Promise.all(Array.from({ length: 20 }, () => call?.()));
    expect(bodies).toEqual(Array(20).fill(expect.objectContaining({ active: true, client_id: method })));
    expect(await server.seen(certificate.fetch)).toMatchObject({ tokenRequests: 1, accepted: 20, refused: 0 });
  });
});
