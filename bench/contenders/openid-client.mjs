import * as openid from 'openid-client';
import { fetchCalls, fetchFor } from './fetch-bare.mjs';

/**
 * README of openid-client 6.9.0, "Client Credentials Grant", and the five-line cache that people write around it: it
 * requests a new token once the old one has expired. It is naive because it neither shares requests nor handles 401s.
 */
export const openidNaive = {
  name: 'openid-client, naive cache',
  client: 'fetch',
  part: 'peer',
  token: 'own',
  cannot: { 401: 'the cache does not look at responses' },
  async open({ address: { tokenUrl, apiUrl, clientId, clientSecret, scope }, stub }) {
    const server = { issuer: apiUrl, token_endpoint: tokenUrl };
    const config = new openid.Configuration(server, clientId, clientSecret);
    openid.allowInsecureRequests(config);
    let held;
    const token = async () => {
      if (!held || Date.now() >= held.expiresAt) {
        const granted = await openid.clientCredentialsGrant(config, { scope });
        held = { value: granted.access_token, expiresAt: Date.now() + granted.expiresIn() * 1_000 };
      }
      return held.value;
    };
    const send = fetchFor(stub) ?? fetch;
    const authorized = async (url, init) =>
      send(url, { ...init, headers: { ...init?.headers, Authorization: `Bearer ${await token()}` } });
    return fetchCalls(authorized, stub);
  },
};
