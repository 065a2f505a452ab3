import type { OpenBankingAuthConfig, TokenSource } from '@open-banking-auth/core';
import { exchangeOf, invalidConfig, type Refused } from '@open-banking-auth/core/client';
import type { AxiosAdapter, AxiosError, AxiosInstance, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { createAuthRefresh } from 'axios-auth-refresh';
import { adapterClient } from './adapter-client.js';
import { aroundAdapter, markAsOurs } from './around-adapter.js';
import { Refusal, unwrapped } from './refusal.js';
import './request-config.js';

/** The options of axios-auth-refresh. Those that cannot be had together with a token source are refused, not ignored. */
export interface AuthRefreshOptions {
  /** Given the request before it is sent again; what it returns is sent. Default: as it was. */
  onRetry?:
    | ((config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig | Promise<InternalAxiosRequestConfig>)
    | undefined;
  /** Sends requests again. Default: the instance itself. */
  retryInstance?: AxiosInstance | undefined;
  /** Can keep a request from being sent again. Asked only about 401s that a new token can cure. */
  shouldRefresh?: ((error: AxiosError) => boolean) | undefined;
  /** 0: no request is sent again. More than one makes no difference, since a request is sent again once. */
  maxRetries?: number;
  /** `[401]`, or `[]` for none: no other status is cured by a new token. */
  statusCodes?: readonly number[] | undefined;
  /** `false`: the token source makes one token request, however many requests are refused. */
  deduplicateRefresh?: false | undefined;
}

// Its types are those of axios' CommonJS half, which TypeScript holds for other types than those of the ES modules.
const install = createAuthRefresh as unknown as (
  instance: AxiosInstance,
  refresh: () => Promise<void>,
  options: AuthRefreshOptions,
) => number;

/**
 * The same as `openBankingAuth`, for applications that are built on axios-auth-refresh: it attaches the token, and has
 * axios-auth-refresh send a request again whose 401 a new token can cure. Its options and `skipAuthRefresh` work.
 *
 * @param source A configuration, or a token source to share with other clients.
 * @param options For axios-auth-refresh: `onRetry`, `retryInstance`, `maxRetries`, `shouldRefresh`.
 * @returns What takes it off the instance again.
 * @throws OpenBankingAuthError `invalid_config` for a bad configuration, or an option that cannot be had here.
 *
 * @example
 * ```ts
 * const uninstall = installAuthRefresh(axios, config);
 * ```
 */
export function installAuthRefresh(
  instance: AxiosInstance,
  source: TokenSource | OpenBankingAuthConfig,
  options: AuthRefreshOptions = {},
): () => void {
  refuseOptions(options);
  const { shouldRefresh = () => true, statusCodes = [401] } = options;
  const refreshes = statusCodes.includes(401);
  const exchange = exchangeOf(source);
  // A request that is to be sent again is known by its adapter, which axios-auth-refresh leaves on the config. So what
  // is needed of the first send travels with the request, whichever instance sends it.
  const resends = new WeakSet<object>();

  const attach = aroundAdapter((send) => {
    const client = adapterClient(exchange, send);

    /** The adapter of a refused request, for its next send: with a renewed token, or the first answer if there is none. */
    function resendOf({ response }: Refusal, refused: Refused<AxiosResponse | Refusal>): AxiosAdapter {
      const { data } = response;
      const resend: AxiosAdapter = async (config) => {
        config.adapter = adapter;
        const answer = await exchange.replay(client, config, refused);
        // axios has transformed the data once, and is about to do so again.
        if (answer === refused.answer) response.data = data;
        return unwrapped(answer);
      };
      resends.add(markAsOurs(resend));
      return resend;
    }

    const adapter: AxiosAdapter = async (config) =>
      unwrapped(
        await exchange.run(client, config, (refused) => {
          const { answer } = refused;
          if (answer instanceof Refusal) {
            if (answer.error.config) answer.error.config.adapter = resendOf(answer, refused);
            return answer;
          }
          // `validateStatus` takes it for a success, so axios-auth-refresh will not see it.
          return skipsAuthRefresh(config) ? answer : exchange.replay(client, config, refused);
        }),
      );
    return adapter;
  });

  const attached = instance.interceptors.request.use(attach);
  const refreshing = install(
    instance,
    // The renewal is left to the second send. axios-auth-refresh has one refresh for all 401s of an instance, whatever
    // their scope; holds up all other requests meanwhile, whatever their origin; and fails them all if it fails.
    () => Promise.resolve(),
    {
      ...options,
      deduplicateRefresh: false,
      shouldRefresh: (error) => {
        const adapter = error.config?.adapter;
        return refreshes && typeof adapter === 'function' && resends.has(adapter) && shouldRefresh(error);
      },
    },
  );
  return () => {
    instance.interceptors.request.eject(attached);
    instance.interceptors.response.eject(refreshing);
  };
}

/** What a request says to axios-auth-refresh, which declares it for its own type of config alone. */
function skipsAuthRefresh(config: InternalAxiosRequestConfig & { skipAuthRefresh?: boolean }): boolean {
  return config.skipAuthRefresh === true;
}

function refuseOptions(options: AuthRefreshOptions & { interceptNetworkError?: boolean }): void {
  if (options.deduplicateRefresh) {
    throw invalidConfig(
      '"deduplicateRefresh" is true, with which axios-auth-refresh loses requests that are refused during a refresh',
      'Leave it out: the token source makes one token request, however many requests are refused',
    );
  }
  if (options.statusCodes?.some((status) => status !== 401)) {
    throw invalidConfig(
      '"statusCodes" has another status than 401',
      'Leave it out: a new token cures a 401 alone. A 403 means that the scope of the token does not cover the request',
    );
  }
  if (options.interceptNetworkError) {
    throw invalidConfig(
      '"interceptNetworkError" is for browsers, where this library does not run',
      'Leave it out; for retries after network errors use axios-retry',
    );
  }
}
