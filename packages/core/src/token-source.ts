import type { AccessToken } from './access-token.js';
import type { BearerAuth } from './bearer/bearer-auth.js';
import { SourceBearerAuth } from './bearer/source-bearer-auth.js';
import { type Clock, systemClock } from './clock.js';
import { parseConfig } from './config/parse-config.js';
import { type RequestAuthOptions, scopeResolver } from './config/request-options.js';
import type { OpenBankingAuthConfig } from './config/settings.js';
import { invalidConfig } from './errors.js';
import { preloadTokenRequest } from './grant/load.js';
import { HELD_SCOPES, REMEMBERED_IDLE_SCOPES } from './policy.js';
import { sharedTokens } from './store/load.js';
import { ScopedToken } from './token/scoped-token.js';

/**
 * Gets, keeps and renews access tokens. One source may serve any number of clients: they share one token per scope and
 * PSU context, and one token request at a time for each.
 */
export interface TokenSource {
  /**
   * A token that may be sent now: the one held, or a new one. Simultaneous callers share one token request; `signal` ends
   * only this caller's wait, with the signal's own reason.
   *
   * @throws OpenBankingAuthError when a token was needed and the token request failed.
   */
  get(options?: RequestAuthOptions & { readonly signal?: AbortSignal | undefined }): Promise<AccessToken>;
  /** The token held, if it may be sent now. Synchronous, without any request. */
  peek(options?: RequestAuthOptions): AccessToken | undefined;
  /**
   * A token in place of one that the API answered with a 401. It compares: if a token other than `rejected` is held by now,
   * that one is returned and nothing is requested; else `rejected` is dropped and a new one requested, once for all
   * callers. Resolves to `undefined` if the server returns the very token that got the 401: resending it would not help.
   *
   * @throws OpenBankingAuthError when the token request failed.
   */
  renew(
    rejected: AccessToken | string,
    options?: RequestAuthOptions & { readonly signal?: AbortSignal | undefined },
  ): Promise<AccessToken | undefined>;
  /**
   * Forgets all tokens of this source. A pending token request still serves those who wait for it; its token is not kept.
   * A `store` keeps its tokens: it belongs to all who share it. To have a token replaced there too, `renew` it.
   */
  clear(): void;
}

/** Replacements for time and chance in tests. */
interface Runtime {
  readonly clock?: Clock;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/**
 * Creates a token source. Nothing is requested before a token is needed.
 *
 * @param runtime For tests: time and chance.
 * @throws OpenBankingAuthError `invalid_config`, naming each option that is missing, wrong or unknown.
 *
 * @example
 * ```ts
 * const tokens = createTokenSource({
 *   environment: 'sandbox',
 *   clientId: process.env.OPEN_BANKING_CLIENT_ID,
 *   clientSecret: process.env.OPEN_BANKING_CLIENT_SECRET,
 *   scope: 'accountinformation private',
 * });
 * const { value } = await tokens.get();
 * ```
 */
export function createTokenSource<const Words extends string>(
  config: OpenBankingAuthConfig<Words>,
  runtime: Runtime = {},
): TokenSource {
  const { clock = systemClock, random = Math.random } = runtime;
  const settings = parseConfig(config, clock);
  const context = { settings, clock, random, share: sharedTokens(settings, clock) };
  preloadTokenRequest();
  const resolveScope = scopeResolver(settings);
  const tokens = new Map<string, ScopedToken>();
  let cleanUpAt = 2 * REMEMBERED_IDLE_SCOPES;

  function tokenFor(scope: string): ScopedToken {
    let token = tokens.get(scope);
    if (token && tokens.size > REMEMBERED_IDLE_SCOPES) {
      // The last used are the last to be forgotten.
      tokens.delete(scope);
      tokens.set(scope, token);
    }
    if (!token) {
      if (tokens.size >= cleanUpAt) forgetUnused();
      token = new ScopedToken(context, scope);
      tokens.set(scope, token);
    }
    return token;
  }

  /** Forgets scopes that have no token, rejected or expired ones; and beyond HELD_SCOPES those with one. */
  function forgetUnused(): void {
    const idle = [...tokens].filter(([, token]) => token.isIdle);
    for (const [scope] of idle.slice(0, -REMEMBERED_IDLE_SCOPES)) tokens.delete(scope);
    for (const scope of [...tokens.keys()].slice(0, -HELD_SCOPES)) tokens.delete(scope);
    cleanUpAt = tokens.size + REMEMBERED_IDLE_SCOPES;
  }

  const source: TokenSource = {
    async get(options) {
      return (await tokenFor(resolveScope(options)).get(options?.signal)).token;
    },
    peek: (options) => tokens.get(resolveScope(options))?.peek()?.token,
    async renew(rejected, options) {
      const value = typeof rejected === 'string' ? rejected : rejected.value;
      return (await tokenFor(resolveScope(options)).renew(value, options?.signal))?.token;
    },
    clear() {
      tokens.clear();
      cleanUpAt = 2 * REMEMBERED_IDLE_SCOPES;
    },
  };
  const bearerAuth = new SourceBearerAuth({ settings, clock, tokenFor, resolveScope });
  Object.defineProperty(source, bearerAuthKey, { value: bearerAuth });
  return Object.freeze(source);
}

// Registered, since a source may come from another copy of this package.
const bearerAuthKey = Symbol.for('@open-banking-auth/core:bearer-auth');

/**
 * The bearer authentication of a token source, or of a new source made from a configuration.
 *
 * @throws OpenBankingAuthError `invalid_config` for a bad configuration, or a source that `createTokenSource` did not make.
 */
export function bearerAuthOf(source: TokenSource | OpenBankingAuthConfig): BearerAuth {
  const isSource = typeof source === 'object' && source !== null && 'get' in source && 'peek' in source;
  const owner: object = isSource ? source : createTokenSource(source);
  if (bearerAuthKey in owner) return owner[bearerAuthKey] as BearerAuth;
  throw invalidConfig(
    'The token source was not made by createTokenSource',
    'Pass the return value of createTokenSource as it is, not a copy or a stand-in',
  );
}
