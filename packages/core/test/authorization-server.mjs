// oidc-provider, a certified OpenID provider, and an API that asks it about every token. A process of its own, started by
// authorization-server.test.ts: the provider is ESM down to its dependencies, which Jest's CommonJS sandbox does not load.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

process.once('disconnect', () => process.exit());
console.info = console.warn = () => {}; // Its reminders that this is no production setup.
const { default: Provider } = await import('oidc-provider');

/** @type {import('oidc-provider').ClientMetadata[]} */
const clients = JSON.parse(process.argv[2] ?? '[]');
/** With these, everything is over TLS, and clients are asked for their certificate. */
/** @type {import('node:https').ServerOptions | undefined} */
const tls = JSON.parse(process.argv[3] ?? 'null') ?? undefined;
const api = { client_id: 'api', client_secret: 'of-the-api' };
const authorization = `Basic ${btoa(`${api.client_id}:${api.client_secret}`)}`;
const grantless = { grant_types: [], redirect_uris: [], response_types: [] };

/** @type {import('oidc-provider').Configuration} */
const configuration = {
  clients: [...clients.map((client) => ({ ...grantless, ...client })), { ...grantless, ...api }],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      tlsClientAuth: true,
      getCertificate: ({ socket }) => certificateOf(socket)?.toString(),
      certificateAuthorized: ({ socket }) => 'authorized' in socket && socket.authorized === true,
      certificateSubjectMatches: ({ socket }, _property, expected) => certificateOf(socket)?.subject === expected,
    },
    introspection: { enabled: true, allowedPolicy: (_, client) => client.clientId === api.client_id },
    // The API may revoke any token: some clients could not do so twice with one assertion.
    revocation: {
      enabled: true,
      allowedPolicy: (_, client, token) => [api.client_id, token.clientId].includes(client.clientId),
    },
  },
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'tls_client_auth'],
  enabledJWA: {
    clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256', 'RS512', 'PS384', 'ES512'],
  },
  routes: { token: '/connect/token' },
  // Not "bankgiroinformation": a scope that this server has never heard of.
  scopes: ['accountinformation', 'aspspinformation', 'paymentinitiation', 'private', 'corporate'],
  // In seconds. Payments get the short-lived tokens, so that a test can wait for the end of one.
  ttl: { ClientCredentials: (_, token) => (token.scope?.includes('paymentinitiation') ? 2 : 3600) },
};

const nothing = { tokenRequests: 0, withBasic: 0, accepted: 0, refused: 0 };
let seen = { ...nothing };

/** @param {object} socket */
function certificateOf(socket) {
  return /** @type {import('node:tls').TLSSocket} */ (socket).getPeerX509Certificate?.();
}

/**
 * @param {import('node:http').RequestListener} listener
 * @param {import('node:https').ServerOptions | null | undefined} options Null for plain HTTP.
 */
async function listen(listener, options = tls) {
  const secure = options && { requestCert: true, rejectUnauthorized: false, ...options };
  const server = (secure ? createTlsServer(secure, listener) : createServer(listener)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http${secure ? 's' : ''}://127.0.0.1:${typeof address === 'object' && address?.port}`;
}

/** @param {object} socket */
function thumbprintOf(socket) {
  const certificate = certificateOf(socket);
  return certificate && createHash('sha256').update(certificate.raw).digest('base64url');
}

/** @type {import('node:http').RequestListener | undefined} */
let provide;
const issuer = await listen((request, response) => {
  if (request.url === '/connect/token') {
    seen.tokenRequests++;
    if (request.headers.authorization?.startsWith('Basic ')) seen.withBasic++;
  }
  provide?.(request, response);
});
provide = new Provider(issuer, configuration).callback();
const provider = tls ? await listen(provide, null) : issuer;

const apiUrl = await listen(async (request, response) => {
  if (request.url === '/seen') {
    response.end(JSON.stringify(seen));
    seen = { ...nothing };
    return;
  }
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const answer = await fetch(`${provider}/token/introspection`, {
    method: 'POST',
    headers: { authorization },
    body: new URLSearchParams({ token }),
  });
  const introspected = /** @type {{ active: boolean, cnf?: { 'x5t#S256'?: string } }} */ (await answer.json());
  const bound = introspected.cnf?.['x5t#S256'];
  if (bound !== undefined && bound !== thumbprintOf(request.socket)) introspected.active = false;
  seen[introspected.active ? 'accepted' : 'refused']++;
  if (!introspected.active) response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' });
  response.end(JSON.stringify(introspected));
});

process.send?.({ issuer, apiUrl, authorization });
