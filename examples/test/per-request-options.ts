import { openBankingAuth as axiosAuth } from '@open-banking-auth/axios';
import { installAuthRefresh } from '@open-banking-auth/axios/auth-refresh';
import { createTokenSource, type OpenBankingAuthConfig, openBankingFetch } from '@open-banking-auth/core';
import { openBankingAuth as kyAuth, type OpenBankingContext } from '@open-banking-auth/ky';
import axios from 'axios';
import ky from 'ky';

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_ extends true>() => {};

const config: OpenBankingAuthConfig = {
  environment: 'sandbox',
  clientId: process.env.OPEN_BANKING_CLIENT_ID,
  clientSecret: async () => 'from a vault',
  scope: ['accountinformation', 'private'],
};

/** Never called: documentation.test.ts compiles it together with the code blocks of the documentation. */
export function perRequestOptions(): void {
  const tokens = createTokenSource(config);
  holds<Equals<ReturnType<typeof openBankingFetch>, typeof fetch>>();
  holds<Equals<Awaited<ReturnType<typeof tokens.get>>['value'], string>>();
  axios.interceptors.request.use(axiosAuth(tokens));
  ky.extend(kyAuth(tokens));
  holds<Equals<ReturnType<typeof installAuthRefresh>, () => void>>();
  installAuthRefresh(axios, tokens, { onRetry: (request) => request, statusCodes: [401], deduplicateRefresh: false });
  // @ts-expect-error axios-auth-refresh loses requests with this option.
  installAuthRefresh(axios, tokens, { deduplicateRefresh: true });

  void axios.get('/', { openBanking: { context: 'corporate', scope: 'paymentinitiation' } });
  void axios.get('/', { openBanking: false });
  // @ts-expect-error There is no such PSU context.
  void axios.get('/', { openBanking: { context: 'business' } });
  // @ts-expect-error It is on by default.
  void axios.get('/', { openBanking: true });

  const equipped = openBankingFetch(tokens);
  void equipped('/', { openBanking: { context: 'corporate' } });
  // @ts-expect-error There is no such PSU context.
  void equipped('/', { openBanking: { context: 'business' } });

  void ky('/', { context: { openBanking: { context: 'corporate' } } satisfies OpenBankingContext });
  // @ts-expect-error There is no such PSU context.
  void ky('/', { context: { openBanking: { context: 'business' } } satisfies OpenBankingContext });

  // @ts-expect-error There is no such environment.
  createTokenSource({ ...config, environment: 'staging' });
  // @ts-expect-error The option is called timeoutMs.
  createTokenSource({ ...config, timeout: 5 });
}
