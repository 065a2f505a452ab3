import type { OpenBankingAuthConfig, TokenSource } from '@open-banking-auth/core';
import { exchangeOf } from '@open-banking-auth/core/client';
import type { InternalAxiosRequestConfig } from 'axios';
import { adapterClient } from './adapter-client.js';
import { aroundAdapter } from './around-adapter.js';
import { unwrapped } from './refusal.js';

/**
 * An axios request interceptor that puts a valid token on every request to `apiOrigins`, and answers a 401 that a new
 * token can cure by sending the request once more. Nothing else needs to be installed.
 *
 * It works at the adapter, below axios' other interceptors: they see neither the token nor the first 401.
 *
 * @param source A configuration, or a token source to share with other clients.
 * @throws OpenBankingAuthError `invalid_config` for a bad configuration.
 *
 * @example
 * ```ts
 * axios.interceptors.request.use(openBankingAuth(config));
 * ```
 */
export function openBankingAuth(
  source: TokenSource | OpenBankingAuthConfig,
): (config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig {
  const exchange = exchangeOf(source);
  return aroundAdapter((send) => {
    const client = adapterClient(exchange, send);
    return (config) => exchange.run(client, config).then(unwrapped);
  });
}
