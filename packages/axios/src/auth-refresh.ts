import type { OpenBankingAuthConfig, TokenSource } from '@open-banking-auth/core';
import { type BearerAuth, bearerAuthOf, invalidConfig, type Unauthorized } from '@open-banking-auth/core/client';
import type { AxiosAdapter, AxiosError, AxiosInstance, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { createAuthRefresh } from 'axios-auth-refresh';
import { clientAdapter } from './adapter/client-adapter.js';
import type { InnerAdapter } from './adapter/inner-adapter.js';
import { leaveAlone, wrapAdapter } from './adapter/wrap-adapter.js';
import type { AxiosCall } from './call/axios-call.js';
import { deliver, ThrownResponse } from './response/thrown-response.js';
import './request-config.js';

/** The options of axios-auth-refresh. Those that do not work with a token source throw instead of being ignored. */
export interface AuthRefreshOptions {
  /** Called with the request before it is sent again; its return value is sent. Default: the request as it was. */
  onRetry?:
    | ((config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig | Promise<InternalAxiosRequestConfig>)
    | undefined;
  /** Sends requests again. Default: the instance itself. */
  retryInstance?: AxiosInstance | undefined;
  /** Can keep a request from being sent again. Called only for 401s that a new token can cure. */
  shouldRefresh?: ((error: AxiosError) => boolean) | undefined;
  /** 0: no request is sent again. Values above 1 make no difference, since a request is sent again once. */
  maxRetries?: number;
  /** `[401]`, or `[]` for none: a new token cures no other status. */
  statusCodes?: readonly number[] | undefined;
  /** `false`: the token source makes one token request, however many requests get a 401. */
  deduplicateRefresh?: false | undefined;
}

// Its types refer to axios' CommonJS half, whose types TypeScript considers different from those of the ES modules.
const install = createAuthRefresh as unknown as (
  instance: AxiosInstance,
  refresh: () => Promise<void>,
  options: AuthRefreshOptions,
) => number;

/**
 * The same as `openBankingAuth`, for applications that are built on axios-auth-refresh: it attaches the token, and lets
 * axios-auth-refresh resend a request whose 401 a new token can cure. Its options and `skipAuthRefresh` work.
 *
 * @param source A configuration, or a token source to share with other clients.
 * @param options For axios-auth-refresh: `onRetry`, `retryInstance`, `maxRetries`, `shouldRefresh`.
 * @returns A function that uninstalls it.
 * @throws OpenBankingAuthError `invalid_config` for a bad configuration, or an option that does not work here.
 *
 * @example
 * ```ts
 * const uninstall = installAuthRefresh(axios, config);
 * ```
 */
export function installAuthRefresh<const Words extends string>(
  instance: AxiosInstance,
  source: TokenSource | OpenBankingAuthConfig<Words>,
  options: AuthRefreshOptions = {},
): () => void {
  assertSupported(options);
  const { shouldRefresh = () => true, statusCodes = [401] } = options;
  const refreshes = statusCodes.includes(401);
  const bearerAuth = bearerAuthOf(source);
  // A request to be sent again is recognised by its adapter, which axios-auth-refresh leaves on the config. So the state of
  // the first send travels with the request, whichever instance sends it.
  const resends = new WeakSet<object>();

  const attached = instance.interceptors.request.use(
    wrapAdapter((inner) => resendableAdapter(bearerAuth, inner, resends)),
  );
  const refreshing = install(
    instance,
    // The second send renews. axios-auth-refresh itself has one refresh for all 401s of an instance, whatever their scope;
    // holds up all other requests meanwhile, whatever their origin; and fails them all if it fails.
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

/** Sends with the token, and prepares a request whose 401 a new token can cure for axios-auth-refresh to send again. */
function resendableAdapter(bearerAuth: BearerAuth, inner: InnerAdapter, resends: WeakSet<object>): AxiosAdapter {
  const client = clientAdapter(bearerAuth, inner);

  /** The adapter for the second send: with a renewed token, or the first response if there is none. */
  function resendOf(
    first: AxiosCall,
    { response }: ThrownResponse,
    unauthorized: Unauthorized<AxiosResponse | ThrownResponse>,
  ): AxiosAdapter {
    const { data } = response;
    let isUsed = false;
    const resend: AxiosAdapter = async (config) => {
      inner.restore(config);
      // Whoever has kept the config of the first send and sends it later sends a request like any other.
      if (isUsed) return inner.send(config);
      isUsed = true;
      return deliver(config, async (call) => {
        call.holdBodyOf(first);
        const last = await bearerAuth.replay(client, call, unauthorized);
        // axios has transformed the data once, and is about to do so again.
        if (last === unauthorized.response) response.data = data;
        return last;
      });
    };
    resends.add(leaveAlone(resend));
    return resend;
  }

  const run = (call: AxiosCall) =>
    bearerAuth.run(client, call, (unauthorized) => {
      const { response } = unauthorized;
      if (response instanceof ThrownResponse) {
        if (response.error.config) response.error.config.adapter = resendOf(call, response, unauthorized);
        // Not final: if it were read as a form now, axios-auth-refresh would not see a 401.
        call.asksForForm = false;
        return response;
      }
      // `validateStatus` counts it as a success, so axios-auth-refresh will not see it.
      return skipsAuthRefresh(call.config) ? response : bearerAuth.replay(client, call, unauthorized);
    });
  return (config) => deliver(config, run);
}

/** An option of axios-auth-refresh, which declares it only for its own type of config. */
function skipsAuthRefresh(config: InternalAxiosRequestConfig & { skipAuthRefresh?: boolean }): boolean {
  return config.skipAuthRefresh === true;
}

function assertSupported(options: AuthRefreshOptions & { interceptNetworkError?: boolean }): void {
  if (options.deduplicateRefresh) {
    throw invalidConfig(
      '"deduplicateRefresh" is true, with which axios-auth-refresh loses requests that get a 401 during a refresh',
      'Leave it out: the token source makes one token request, however many requests get a 401',
    );
  }
  if (options.statusCodes?.some((status) => status !== 401)) {
    throw invalidConfig(
      '"statusCodes" has a status other than 401',
      'Leave it out: a new token cures only a 401. A 403 means that the scope of the token does not cover the request',
    );
  }
  if (options.interceptNetworkError) {
    throw invalidConfig(
      '"interceptNetworkError" is for browsers, where this library does not run',
      'Leave it out; for retries after network errors use axios-retry',
    );
  }
}
