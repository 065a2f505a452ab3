import { openBankingAuth } from '@open-banking-auth/axios';
import { axiosCalls, axiosInstance } from './axios-bare.mjs';
import { configOf, ours } from './ours.mjs';

export const openAxios =
  (openBankingAuth) =>
  async ({ address, stub }) => {
    const api = axiosInstance(stub);
    api.interceptors.request.use(openBankingAuth(configOf(address)));
    return axiosCalls(api);
  };

export const oursAxios = {
  ...ours,
  name: '@open-banking-auth/axios',
  client: 'axios',
  open: openAxios(openBankingAuth),
};
