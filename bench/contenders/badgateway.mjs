import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client';
import { fetchCalls, fetchFor } from './fetch-bare.mjs';

/** README of @badgateway/oauth2-client 3.3.1, "Fetch Wrapper"; on the stub "Fetch Middleware function". */
export const badgateway = {
  name: '@badgateway/oauth2-client',
  client: 'fetch',
  part: 'peer',
  token: 'own',
  async open({ address: { tokenUrl, apiUrl, clientId, clientSecret, scope }, stub }) {
    const client = new OAuth2Client({ server: apiUrl, tokenEndpoint: tokenUrl, clientId, clientSecret });
    const wrapper = new OAuth2Fetch({
      client,
      getNewToken: () => client.clientCredentials({ scope: scope.split(' ') }),
    });
    const stand = fetchFor(stub);
    if (!stand) return fetchCalls((url, init) => wrapper.fetch(url, init), stub);
    const middleware = wrapper.mw();
    return fetchCalls((url, init) => middleware(new Request(url, init), (request) => stand(request)), stub);
  },
};
