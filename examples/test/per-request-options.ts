import { openBankingAuth as axiosAuth } from '@open-banking-auth/axios';
import { installAuthRefresh } from '@open-banking-auth/axios/auth-refresh';
import {
  type ClientKey,
  createTokenSource,
  memoryTokenStore,
  type OpenBankingAuthConfig,
  type OpenBankingFetch,
  openBankingFetch,
  type RequestedToken,
  type TokenFunctionRequest,
} from '@open-banking-auth/core';
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
  holds<Equals<ReturnType<typeof openBankingFetch>, OpenBankingFetch>>();
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
  const usable: typeof fetch = equipped;
  openBankingFetch(tokens, { fetch: usable });
  // @ts-expect-error The plain fetch does not know this option, and would send the request without a token.
  void fetch('/', { openBanking: { context: 'corporate' } });

  const anything: Record<string, unknown> = {};
  void ky('/', { context: { openBanking: { context: 'corporate' }, trace: 1 } });
  void ky('/', { context: anything });
  // @ts-expect-error There is no such PSU context.
  void ky('/', { context: { openBanking: { context: 'business' } } });
  // @ts-expect-error It is on by default.
  ky.extend({ context: { openBanking: true } });
  const own: OpenBankingContext = { openBanking: false };
  ky.extend({ context: { ...own, trace: 1 } });

  // @ts-expect-error The option is called timeoutMs.
  createTokenSource({ ...config, timeout: 5 });
}

/** How the hosts can be given. */
export function hosts(): void {
  const clientId = process.env.OPEN_BANKING_CLIENT_ID;
  const clientSecret = process.env.OPEN_BANKING_CLIENT_SECRET;
  const scope = process.env.OPEN_BANKING_SCOPE;
  const credentials = { clientId, clientSecret, scope };
  createTokenSource({ ...credentials, environment: process.env.OPEN_BANKING_ENVIRONMENT });
  createTokenSource({ ...credentials, environment: 'production', tokenUrl: process.env.OPEN_BANKING_TOKEN_URL });
  createTokenSource({ ...credentials, environment: 'sandbox', apiOrigins: ['https://gateway.test.invalid'] });
  createTokenSource({ ...credentials, tokenUrl: 'https://auth.openbankingplatform.com/connect/token' });
  createTokenSource({
    ...credentials,
    tokenUrl: process.env.OPEN_BANKING_TOKEN_URL,
    apiOrigins: [new URL('https://gateway.test.invalid')],
  });
  // @ts-expect-error Neither environment nor tokenUrl.
  createTokenSource(credentials);
  // @ts-expect-error The API that belongs to a token URL of one's own is not known.
  createTokenSource({ ...credentials, tokenUrl: 'https://gateway.test.invalid/token' });
  // @ts-expect-error Where the token comes from is not known.
  createTokenSource({ ...credentials, apiOrigins: ['https://gateway.test.invalid'] });
  // @ts-expect-error Without a scope.
  createTokenSource({ clientId, clientSecret, environment: 'sandbox' });
  // @ts-expect-error Without a PSU context.
  createTokenSource({ clientId, clientSecret, environment: 'sandbox', scope: 'accountinformation paymentinitiation' });
  // @ts-expect-error
  openBankingFetch({ clientId, clientSecret, environment: 'production', scope: 'accountinformation' });
  // @ts-expect-error
  axiosAuth({ clientId, clientSecret, environment: 'sandbox', scope: '' });
  // @ts-expect-error
  kyAuth({ clientId, clientSecret, environment: clientId, scope: 'accountinformation' });
  const tokenUrl = 'https://auth.openbankingplatform.com/connect/token';
  // @ts-expect-error
  installAuthRefresh(axios, { clientId, clientSecret, tokenUrl, scope: 'accountinformation' });
  // What the compiler cannot see through compiles, and is checked at run time.
  const context: string = scope ?? 'private';
  createTokenSource({ ...credentials, environment: 'sandbox', scope: scope ?? 'accountinformation' });
  createTokenSource({ ...credentials, environment: 'sandbox', scope: `accountinformation ${context}` });
  createTokenSource({ ...credentials, environment: 'sandbox', scope: ['accountinformation', context] });
  // @ts-expect-error The function itself, not called.
  axios.interceptors.request.use(axiosAuth);
  // @ts-expect-error A promise of a configuration.
  axiosAuth(Promise.resolve(config));
  // @ts-expect-error A request interceptor.
  axios.interceptors.response.use(axiosAuth(config));
  // @ts-expect-error The same.
  axios.create(axiosAuth(config));
  // @ts-expect-error It contains the hooks.
  ky.extend({ hooks: kyAuth(config) });
  // @ts-expect-error That of axios.
  ky.extend(axiosAuth(config));
}

/** What each way to get tokens needs, and what it refuses. */
export function platforms(): void {
  const hosts = { tokenUrl: 'https://auth.bank.invalid/token', apiOrigins: ['https://api.bank.invalid'] };
  const clientId = process.env.OPEN_BANKING_CLIENT_ID;
  const clientSecret = process.env.OPEN_BANKING_CLIENT_SECRET;
  const storeSecret = process.env.STORE_SECRET;
  const store = memoryTokenStore();
  const key = process.env.CLIENT_KEY ?? '';
  const clientKey: ClientKey = { key, kid: '1', algorithm: 'PS256' };
  const signed = { ...hosts, clientId, clientAuthentication: 'private_key_jwt' } as const;
  const certified = { ...hosts, clientId, clientAuthentication: 'tls_client_auth' } as const;
  const requestToken = async ({ signal }: TokenFunctionRequest): Promise<RequestedToken> => {
    signal.throwIfAborted();
    return { accessToken: 'token', expiresInSeconds: 3_600 };
  };
  const { apiOrigins } = hosts;

  createTokenSource({ ...hosts, clientId, clientSecret });
  createTokenSource({ ...hosts, clientId, clientSecret, scope: 'api', store, parameters: { resource: ['a', 'b'] } });
  createTokenSource({ ...hosts, clientId, clientSecret: () => 'secret', clientAuthentication: 'client_secret_basic' });
  createTokenSource({ ...signed, clientKey });
  createTokenSource({ ...signed, clientKey: async () => clientKey, store, storeSecret });
  createTokenSource({ ...signed, clientKey: { key: { kty: 'EC', d: '', alg: 'ES256' } } });
  createTokenSource({ ...certified, fetch });
  createTokenSource({ ...certified, fetch, store, storeSecret });
  createTokenSource({ apiOrigins, requestToken });
  createTokenSource({ apiOrigins, requestToken, scope: ['a', 'b'], store, storeSecret });

  // @ts-expect-error No secret.
  createTokenSource({ ...hosts, clientId });
  // @ts-expect-error The client secret protects the store.
  createTokenSource({ ...hosts, clientId, clientSecret, store, storeSecret: 'secret' });
  // @ts-expect-error A key without its method.
  createTokenSource({ ...hosts, clientId, clientSecret, clientKey });
  // @ts-expect-error No key.
  createTokenSource({ ...signed });
  // @ts-expect-error A key and a secret.
  createTokenSource({ ...signed, clientKey, clientSecret });
  // @ts-expect-error A PEM does not say what its algorithm is.
  createTokenSource({ ...signed, clientKey: { key } });
  // @ts-expect-error A store without a secret to protect it.
  createTokenSource({ ...signed, clientKey, store });
  // @ts-expect-error The certificate has no way to travel.
  createTokenSource({ ...certified });
  // @ts-expect-error A certificate and a secret.
  createTokenSource({ ...certified, fetch, clientSecret });
  // @ts-expect-error A store without a secret to protect it.
  createTokenSource({ ...certified, fetch, store });
  // @ts-expect-error openpayments.io has client secrets only.
  createTokenSource({
    environment: 'sandbox',
    scope: 'a private',
    clientId,
    clientAuthentication: 'private_key_jwt',
    clientKey,
  });
  // @ts-expect-error Its tokens may go nowhere.
  createTokenSource({ requestToken });
  // @ts-expect-error Two ways to get a token.
  createTokenSource({ ...hosts, requestToken });
  // @ts-expect-error A client beside it.
  createTokenSource({ apiOrigins, requestToken, clientId, clientSecret });
  // @ts-expect-error A store without a secret to protect it.
  createTokenSource({ apiOrigins, requestToken, store });
  // @ts-expect-error The names of the OAuth response.
  createTokenSource({ apiOrigins, requestToken: async () => ({ access_token: 'token', expires_in: 3_600 }) });
}
