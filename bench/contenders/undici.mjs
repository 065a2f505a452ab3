import { createOidcInterceptor } from 'undici-oidc-interceptor';
import { stubDispatch } from '../stub.mjs';

// The newest undici needs Node.js 22.19.
const [major, minor] = process.versions.node.split('.').map(Number);
const { Agent, request } = await (major > 22 || (major === 22 && minor >= 19) ? import('undici') : import('undici7'));

/** An agent whose final dispatch can be the stub's. */
function agentFor(stub) {
  const agent = new Agent({ connections: globalThis.benchConnections });
  return stub ? agent.compose(() => stubDispatch) : agent;
}

function undiciCalls(dispatcher) {
  const send = (url, options) => request(url, { ...options, dispatcher });
  return {
    async get(url) {
      const { statusCode, body } = await send(url);
      await body.text();
      return statusCode;
    },
    async upload(url, stream) {
      const { statusCode, body } = await send(url, { method: 'POST', body: stream });
      await body.text();
      return statusCode;
    },
    async download(url) {
      const { statusCode, body } = await send(url);
      for await (const _ of body);
      return statusCode;
    },
  };
}

export const undiciBare = {
  name: 'undici, bare',
  client: 'undici',
  part: 'bare',
  token: 'none',
  open: async ({ stub }) => undiciCalls(agentFor(stub)),
};

/** README of undici-oidc-interceptor 0.6.0, "Usage with client credentials". */
export const undiciOidc = {
  name: 'undici-oidc-interceptor',
  client: 'undici',
  part: 'peer',
  token: 'own',
  note: 'Reads the lifetime from the token, which must be a JWT.',
  async open({ address: { tokenUrl, apiUrl, clientId, clientSecret, scope }, stub }) {
    const interceptor = createOidcInterceptor({
      clientId,
      clientSecret,
      scope,
      idpTokenUrl: tokenUrl,
      retryOnStatusCodes: [401],
      urls: [apiUrl],
    });
    return undiciCalls(agentFor(stub).compose(interceptor));
  },
};
