import { openBankingAuth } from '@open-banking-auth/axios';
import { installAuthRefresh } from '@open-banking-auth/axios/auth-refresh';
import type { TokenSource } from '@open-banking-auth/core';
import {
  type AxiosPlan,
  axiosPlans,
  isFinalAxios,
  prepareAxios,
} from '@open-banking-auth/test-kit/transparency/axios-requests';
import { describeTransparency } from '@open-banking-auth/test-kit/transparency/suite';
import axios, { AxiosHeaders, type AxiosInstance } from 'axios';

const found: Record<string, AxiosPlan> = {};

function describeAxios(name: string, adapter: 'http' | 'fetch', install: (api: AxiosInstance, tokens: TokenSource) => void) {
  describeTransparency<AxiosPlan>({
    name,
    plans: axiosPlans,
    found,
    isFinal: isFinalAxios,
    prepare(plan, bench) {
      const instance = axios.create({ adapter });
      if (bench.tokens) install(instance, bench.tokens);
      // With an interceptor, whichever it is, axios reads the config a moment later.
      else instance.interceptors.request.use((config) => config);
      return prepareAxios(plan, bench, {
        instance,
        axiosHeaders: (headers) => new AxiosHeaders({ ...headers }),
        cancelToken: () => axios.CancelToken.source(),
      });
    },
  });
}

const interceptor = (api: AxiosInstance, tokens: TokenSource) => void api.interceptors.request.use(openBankingAuth(tokens));

describeAxios('axios, http adapter', 'http', interceptor);
describeAxios('axios, fetch adapter', 'fetch', interceptor);
describeAxios('axios-auth-refresh', 'http', (api, tokens) => void installAuthRefresh(api, tokens));
