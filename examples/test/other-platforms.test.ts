import { openBankingAuth as axiosAuth } from '@open-banking-auth/axios';
import { createTokenSource, openBankingFetch, type TokenSource } from '@open-banking-auth/core';
import { type ClientCertificate, clientCertificate } from '@open-banking-auth/core/node';
import { openBankingAuth as kyAuth } from '@open-banking-auth/ky';
import { sandboxCertificate } from '@open-banking-auth/sandbox';
import axios from 'axios';
import ky from 'ky';
import formerKy from 'ky1';
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

/** A call to the API with the certificate, as each client makes it. */
const CLIENTS: Readonly<Record<string, (tokens: TokenSource) => () => Promise<unknown>>> = {
  axios: (tokens) => {
    const api = axios.create({ httpsAgent: certificate.agent });
    api.interceptors.request.use(axiosAuth(tokens));
    return async () => (await api.get(server.apiUrl)).data;
  },
  'axios with its fetch adapter': (tokens) => {
    const api = axios.create({ adapter: 'fetch', env: { fetch: certificate.fetch } });
    api.interceptors.request.use(axiosAuth(tokens));
    return async () => (await api.get(server.apiUrl)).data;
  },
  ky: (tokens) => {
    const api = ky.create({ fetch: certificate.fetch, retry: 0 }).extend(kyAuth(tokens));
    return () => api(server.apiUrl).json();
  },
  'ky 1.14': (tokens) => {
    // The types here are those of the installed ky, version 2.
    const hooks: object = kyAuth(tokens);
    const api = formerKy.create({ fetch: certificate.fetch, retry: 0 }).extend(hooks);
    return () => api(server.apiUrl).json();
  },
  fetch: (tokens) => {
    const api = openBankingFetch(tokens, { fetch: certificate.fetch });
    return async () => (await api(server.apiUrl)).json();
  },
};

describe.each(Object.entries(SOURCES))('%s over real TLS, with tokens bound to the certificate', (method, sourceOf) => {
  test.each(Object.entries(CLIENTS))(
    '%s: 5 calls cost one token, and after its revocation one more, with one replay each',
    async (_, clientOf) => {
      const tokens = sourceOf();
      const call = clientOf(tokens);
      const calls = () => Promise.all(Array.from({ length: 5 }, call));
      const accepted = Array(5).fill(expect.objectContaining({ active: true, client_id: method }));
      expect(await calls()).toEqual(accepted);
      expect(await server.seen(certificate.fetch)).toMatchObject({ tokenRequests: 1, accepted: 5, refused: 0 });
      await server.revoke((await tokens.get()).value, certificate.fetch);
      expect(await calls()).toEqual(accepted);
      expect(await server.seen(certificate.fetch)).toMatchObject({ tokenRequests: 1, accepted: 5, refused: 5 });
    },
  );
});
