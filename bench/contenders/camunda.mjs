import { createCamundaClient } from '@camunda8/orchestration-cluster-api';
import { fetchCalls, fetchFor } from './fetch-bare.mjs';

/**
 * README of @camunda8/orchestration-cluster-api 9.1.5, "Authentication" and "Advanced: Programmatic Overrides". Its calls are for Camunda
 * only, so its `getAuthHeaders()` is put into ours, which is what its own interceptor does.
 */
export const camunda = {
  name: '@camunda8/orchestration-cluster-api',
  client: 'fetch',
  part: 'peer',
  token: 'own',
  note: 'Its authentication alone: `getAuthHeaders()` before each call.',
  cannot: { 401: 'does not look at responses' },
  async open({ address: { tokenUrl, apiUrl, clientId, clientSecret, scope }, stub }) {
    const client = createCamundaClient({
      config: {
        CAMUNDA_REST_ADDRESS: apiUrl,
        CAMUNDA_AUTH_STRATEGY: 'OAUTH',
        CAMUNDA_CLIENT_ID: clientId,
        CAMUNDA_CLIENT_SECRET: clientSecret,
        CAMUNDA_OAUTH_URL: tokenUrl,
        CAMUNDA_OAUTH_SCOPE: scope,
      },
      // Nothing but the result of this run is printed.
      log: { level: 'silent' },
    });
    const send = fetchFor(stub) ?? fetch;
    return fetchCalls(async (url, init) => send(url, { ...init, headers: await client.getAuthHeaders() }), stub);
  },
};
