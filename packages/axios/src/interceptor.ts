import type { OpenBankingAuthConfig, TokenSource } from '@open-banking-auth/core';
import { bearerAuthOf } from '@open-banking-auth/core/client';
import type { InternalAxiosRequestConfig } from 'axios';
import { clientAdapter } from './adapter/client-adapter.js';
import { wrapAdapter } from './adapter/wrap-adapter.js';
import type { AxiosCall } from './call/axios-call.js';
import { onlyAsRequestInterceptor } from './misplaced.js';
import { deliver } from './response/thrown-response.js';

/**
 * An axios request interceptor that puts a valid token on every request to `apiOrigins`, and after a 401 that a new token
 * can cure sends the request once more. Nothing else needs to be installed.
 *
 * It works at the adapter, below axios' other interceptors: they see neither the token nor the first 401.
 *
 * @param source A configuration, or a token source to share with other clients.
 * @throws OpenBankingAuthError `invalid_config` for a bad configuration, and later if it is used in another place than as
 * a request interceptor.
 *
 * @example
 * ```ts
 * axios.interceptors.request.use(openBankingAuth(config));
 * ```
 */
export function openBankingAuth<const Words extends string>(
  source: TokenSource | OpenBankingAuthConfig<Words>,
): (config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig {
  const bearerAuth = bearerAuthOf(source);
  return onlyAsRequestInterceptor(
    wrapAdapter((inner) => {
      const client = clientAdapter(bearerAuth, inner);
      const run = (call: AxiosCall) => bearerAuth.run(client, call);
      return (config) => deliver(config, run);
    }),
  );
}
