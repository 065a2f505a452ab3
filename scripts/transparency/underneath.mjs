// Goes into the copy of a client that scripts/transparency.mjs tests, and puts us under every request that it sends.
// OPEN_BANKING_STATE says in which state: bare, warm (a token is held), cold (none is), healing (a 401 comes first).
import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';

const state = process.env.OPEN_BANKING_STATE ?? 'bare';
const REVOKED = 'Bearer transparent-1';
const warm = new Map();

/** For the constructor of axios: its request interceptors, with ours among them. */
export function underAxios(interceptors) {
  interceptors.use(async (config) => {
    const tokens = state === 'bare' ? undefined : await tokensFor(config.baseURL, config.url);
    if (!tokens) return config;
    // Later than axios itself is loaded, which loads this file.
    const [{ openBankingAuth }, axios] = await Promise.all([import('@open-banking-auth/axios'), import('axios')]);
    if (state === 'healing') config.adapter = refusingOnce(config.adapter, axios);
    return openBankingAuth(tokens)(config);
  });
  return interceptors;
}

/** For ky: the fetch that it sends with. */
export function underFetch(fetch) {
  if (state === 'bare') return fetch;
  const refusing = (input, init) => {
    const headers = new Headers(init?.headers ?? input.headers);
    return headers.get('authorization') === REVOKED && !isStream(init?.body)
      ? Promise.resolve(new Response('', { status: 401 }))
      : fetch(input, init);
  };
  return async (input, init) => {
    const tokens = await tokensFor(undefined, input?.url ?? input);
    return tokens
      ? openBankingFetch(tokens, { fetch: state === 'healing' ? refusing : fetch })(input, init)
      : fetch(input, init);
  };
}

function refusingOnce(adapter, { default: { getAdapter }, AxiosError, AxiosHeaders }) {
  return (config) => {
    if (config.headers.get('Authorization') !== REVOKED || isStream(config.data))
      return getAdapter(adapter, config)(config);
    const headers = new AxiosHeaders();
    const response = { data: '', status: 401, statusText: 'Unauthorized', headers, config, request: {} };
    const error = new AxiosError('Request failed with status code 401', 'ERR_BAD_REQUEST', config, {}, response);
    return config.validateStatus?.(401) === false ? Promise.reject(error) : Promise.resolve(response);
  };
}

/** Its 401 is final, as docs/compatibility.md says. */
function isStream(body) {
  return Object(body) === body && ('pipe' in body || 'getReader' in body);
}

/** A source in the state; `undefined` for an origin that cannot have a token, such as http elsewhere than on loopback. */
async function tokensFor(base, url) {
  let tokens;
  try {
    const { origin } = new URL(String(url), base === undefined ? undefined : String(base));
    tokens = (state === 'warm' && warm.get(origin)) || sourceFor(origin);
    if (state === 'warm') warm.set(origin, tokens);
  } catch {
    return undefined;
  }
  if (state !== 'cold') await tokens.get();
  return tokens;
}

/** By a function, not by a token request: some tests change what it would use, such as Object.prototype. */
function sourceFor(origin) {
  let issued = 0;
  return createTokenSource({
    apiOrigins: [origin],
    requestToken: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return { accessToken: `transparent-${++issued}`, expiresInSeconds: 3_600 };
    },
  });
}
