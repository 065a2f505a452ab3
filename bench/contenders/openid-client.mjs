import * as openid from 'openid-client';
import { fetchCalls, fetchFor } from './fetch-bare.mjs';

/**
 * README of openid-client 6.8.9, "Client Credentials Grant", and the cache that one writes around it in five lines: it asks
 * again when the time is up. It has no single flight and no eye for 401s, which is what makes it naive.
 */
export const openidNaive = {
  name: 'openid-client, naive cache',
  client: 'fetch',
  part: 'peer',
  token: 'own',
  cannot: { 401: 'the cache does not look at answers' },
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
