// oidc-provider, a certified OpenID provider, and an API that asks it about every token. A process of its own, started by
// authorization-server.test.ts: the provider is ESM down to its dependencies, which Jest's CommonJS sandbox does not load.
import { once } from 'node:events';
import { createServer } from 'node:http';

process.once('disconnect', () => process.exit());
console.info = console.warn = () => {}; // Its reminders that this is no production setup.
const { default: Provider } = await import('oidc-provider');

/** @type {import('oidc-provider').ClientMetadata[]} */
const clients = JSON.parse(process.argv[2] ?? '[]');
const api = { client_id: 'api', client_secret: 'of-the-api' };
const grantless = { grant_types: [], redirect_uris: [], response_types: [] };

/** @type {import('oidc-provider').Configuration} */
const configuration = {
  clients: [...clients.map((client) => ({ ...grantless, ...client })), { ...grantless, ...api }],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: (_, client) => client.clientId === api.client_id },
    revocation: { enabled: true, allowedPolicy: (_, client, token) => client.clientId === token.clientId },
  },
  routes: { token: '/connect/token' },
  // Not "bankgiroinformation": a scope that this server has never heard of.
  scopes: ['accountinformation', 'aspspinformation', 'paymentinitiation', 'private', 'corporate'],
  // In seconds. Payments get the short-lived tokens, so that a test can wait for the end of one.
  ttl: { ClientCredentials: (_, token) => (token.scope?.includes('paymentinitiation') ? 2 : 3600) },
};

const nothing = { tokenRequests: 0, withBasic: 0, accepted: 0, refused: 0 };
let seen = { ...nothing };

/** @param {import('node:http').RequestListener} listener */
async function listen(listener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address?.port}`;
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

const apiUrl = await listen(async (request, response) => {
  if (request.url === '/seen') {
    response.end(JSON.stringify(seen));
    seen = { ...nothing };
    return;
  }
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const answer = await fetch(`${issuer}/token/introspection`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${api.client_id}:${api.client_secret}`)}` },
    body: new URLSearchParams({ token }),
  });
  const introspected = /** @type {{ active: boolean }} */ (await answer.json());
  seen[introspected.active ? 'accepted' : 'refused']++;
  if (!introspected.active) response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' });
  response.end(JSON.stringify(introspected));
});

process.send?.({ issuer, apiUrl });
