import { openBankingAuth as axiosAuth } from '@open-banking-auth/axios';
import { openBankingFetch, type TokenSource } from '@open-banking-auth/core';
import { openBankingAuth as kyAuth } from '@open-banking-auth/ky';
import axios from 'axios';
import ky from 'ky';

/** One client of each kind. They share the token source, and therefore its token. */
export function createClients(tokens: TokenSource, apiUrl: string) {
  const axiosClient = axios.create({ baseURL: apiUrl });
  axiosClient.interceptors.request.use(axiosAuth(tokens));

  const kyClient = ky.create({ baseUrl: apiUrl }).extend(kyAuth(tokens));

  const fetchClient = openBankingFetch(tokens);

  return { axios: axiosClient, ky: kyClient, fetch: fetchClient };
}

export type Clients = ReturnType<typeof createClients>;
