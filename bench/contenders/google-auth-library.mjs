import { gaxios, OAuth2Client } from 'google-auth-library';
import { fetchFor } from './fetch-bare.mjs';
import { requestToken } from './token-request.mjs';

function transportFor(stub) {
  const fetchImplementation = fetchFor(stub);
  return fetchImplementation ? { fetchImplementation } : {};
}

function gaxiosCalls(api) {
  return {
    get: async (url) => (await api.request({ url })).status,
    upload: async (url, data) => (await api.request({ url, method: 'POST', data, duplex: 'half' })).status,
    download: async (url) => {
      const { status, data } = await api.request({ url, responseType: 'stream' });
      for await (const _ of data);
      return status;
    },
  };
}

export const gaxiosBare = {
  name: 'gaxios, bare',
  client: 'gaxios',
  part: 'bare',
  token: 'none',
  open: async ({ stub }) => gaxiosCalls(new gaxios.Gaxios(transportFor(stub))),
};

/**
 * README of google-auth-library 11, where OAuth2Client gets a `refreshHandler`: "This will allow the consumer to obtain new
 * … tokens on demand every time a token is expired". Its own client credentials grant is for Google only, so the handler requests it.
 * With `forceRefreshOnFailure` it also handles 401s for tokens that have not expired.
 */
export const googleAuth = {
  name: 'google-auth-library',
  client: 'gaxios',
  part: 'peer',
  token: 'own',
  note: 'With refreshHandler, which it does not share between requests, and forceRefreshOnFailure.',
  async open({ address, stub }) {
    const client = new OAuth2Client({ forceRefreshOnFailure: true, transporterOptions: transportFor(stub) });
    client.refreshHandler = async () => {
      const { token, expiresAt } = await requestToken(address);
      return { access_token: token, expiry_date: expiresAt };
    };
    return gaxiosCalls(client);
  },
};
