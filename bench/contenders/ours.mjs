import { openBankingAuth as forAxios } from '@open-banking-auth/axios';
import { openBankingFetch } from '@open-banking-auth/core';
import { openBankingAuth as forKy } from '@open-banking-auth/ky';
import { axiosCalls, axiosInstance } from './axios-bare.mjs';
import { fetchCalls, fetchFor } from './fetch-bare.mjs';
import { kyCalls, kyInstance } from './ky-bare.mjs';

/** Each set up as in the section "Use" of README.md. */
function configOf({ tokenUrl, apiUrl, clientId, clientSecret, scope }) {
  return { tokenUrl, apiOrigins: [apiUrl], clientId, clientSecret, scope };
}

const ours = { part: 'ours', token: 'own', note: 'Also adds an X-Request-ID to every request.' };

export const oursAxios = {
  ...ours,
  name: '@open-banking-auth/axios',
  client: 'axios',
  async open({ address, stub }) {
    const api = axiosInstance(stub);
    api.interceptors.request.use(forAxios(configOf(address)));
    return axiosCalls(api);
  },
};

export const oursFetch = {
  ...ours,
  name: '@open-banking-auth/core, fetch',
  client: 'fetch',
  open: async ({ address, stub }) => fetchCalls(openBankingFetch(configOf(address), { fetch: fetchFor(stub) }), stub),
};

export const oursKy = {
  ...ours,
  name: '@open-banking-auth/ky',
  client: 'ky',
  open: async ({ address, stub }) => kyCalls(kyInstance(stub).extend(forKy(configOf(address)))),
};
