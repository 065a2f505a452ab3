import axios from 'axios';
import { clientCredentials } from 'axios-oauth-client';
import tokenProvider from 'axios-token-interceptor';
import { axiosCalls, axiosInstance } from './axios-bare.mjs';

/** README of axios-token-interceptor, "Caching", second to last example; of axios-oauth-client, "Client Credentials grant". */
export const tokenInterceptor = {
  name: 'axios-token-interceptor, axios-oauth-client',
  client: 'axios',
  part: 'peer',
  token: 'own',
  cannot: { 401: 'does not look at responses' },
  async open({ address: { tokenUrl, clientId, clientSecret, scope }, stub }) {
    const api = axiosInstance(stub);
    const getToken = clientCredentials(axios.create(), tokenUrl, clientId, clientSecret);
    const cache = tokenProvider.tokenCache(() => getToken(scope), { getMaxAge: (body) => body.expires_in * 1000 });
    api.interceptors.request.use(
      tokenProvider({ getToken: cache, headerFormatter: (body) => `Bearer ${body.access_token}` }),
    );
    return axiosCalls(api);
  },
};
