import { invalidConfig } from '../errors.js';
import type { AuthEvent } from '../events.js';
import { DEFAULT_TIMEOUT_MS, TOKEN_REQUEST_BUDGET_MS } from '../policy.js';
import { parseStore, type TokenStore } from '../token-store.js';
import { assertNotBrowser } from './browser.js';
import { parseOrigins, parseTokenUrl } from './endpoint.js';
import { parseBoolean, parseChoice, parseCredential, parseFunction, parseTimeout } from './option.js';
import { ENVIRONMENTS, environmentOf } from './platform.js';
import { formatScope, parseScope, type Scope, unrecognisedWords } from './scope.js';

/**
 * The library's configuration. Read once, when the source is created; never written to. A value of `undefined` counts as
 * not given.
 *
 * @see https://docs.openpayments.io/en/ the platform's documents: hosts, scopes, fair use
 */
export interface OpenBankingAuthConfig {
  /**
   * Presets `tokenUrl` and `apiOrigins`; explicit values override the preset one by one. One of `environment` and
   * `tokenUrl` is required.
   */
  readonly environment?: 'production' | 'sandbox' | undefined;
  /** The complete URL of the token endpoint, https (http only for loopback). Default: the environment's. */
  readonly tokenUrl?: string | URL | undefined;
  /**
   * The origins that may receive the token, such as `https://api.openbankingplatform.com`; https (http only for loopback).
   * Default: the environment's, or the one that belongs to a token URL of the platform; otherwise required.
   */
  readonly apiOrigins?: readonly (string | URL)[] | undefined;
  /** Client id, from the platform's portal. Required; typed with `undefined` so that `process.env.…` fits as it is. */
  readonly clientId: string | undefined;
  /**
   * Client secret, from the platform's portal. Required. A function is called for every token request, so that a rotated
   * secret takes effect without a restart.
   */
  readonly clientSecret: string | (() => string | Promise<string>) | undefined;
  /**
   * One or more API scopes and one PSU context, `private` or `corporate`; order, spaces and repetitions do not matter.
   * Combine the API scopes that the application needs: the platform asks for one token per client and PSU context.
   */
  readonly scope: string | readonly string[];
  /** How the client authenticates (RFC 6749 section 2.3.1). Default: `client_secret_post`, which the platform documents. */
  readonly clientAuthentication?: 'client_secret_post' | 'client_secret_basic' | undefined;
  /** `fetch` for the token request only: for a proxy, TLS settings, tests. Default: the global one, at the time of the call. */
  readonly fetch?: typeof fetch | undefined;
  /** One attempt of the token request, in milliseconds, 1 to 600,000. Default: 5,000. */
  readonly timeoutMs?: number | undefined;
  /**
   * Whether to request the next token in the background while the one in use is still good, so that no caller waits.
   * Started by requests, without timers. Default: `true`.
   */
  readonly refreshAhead?: boolean | undefined;
  /** Whether to add an `X-Request-ID`, a fresh UUID, to API requests that have none. Default: `true`. */
  readonly requestId?: boolean | undefined;
  /**
   * Where all processes of an application share one token for each scope and PSU context. Values are sealed with a key
   * derived from the client secret before they get there. If the store fails, each process goes on alone. Default: none,
   * tokens stay in the memory of this source.
   */
  readonly store?: TokenStore | undefined;
  /** Called for every event, synchronously; anything it throws is ignored. */
  readonly onEvent?: ((event: AuthEvent) => void) | undefined;
  /**
   * A client secret does not belong in a browser, so the library refuses to start in one. Default: `false`. For test
   * environments that look like a browser, such as Jest's jsdom.
   */
  readonly dangerouslyAllowBrowser?: boolean | undefined;
}

/** A validated configuration. Held only where nothing prints it: in closures and private fields. */
export interface Settings {
  readonly tokenUrl: URL;
  readonly apiOrigins: ReadonlySet<string>;
  readonly clientId: string;
  readonly clientSecret: string | (() => unknown);
  readonly scope: Scope;
  readonly clientAuthentication: 'client_secret_post' | 'client_secret_basic';
  readonly fetch: typeof fetch | undefined;
  readonly timeoutMs: number;
  /** A whole token request with its retries: the longest that a caller waits. */
  readonly budgetMs: number;
  readonly refreshAhead: boolean;
  readonly requestId: boolean;
  readonly store: TokenStore | undefined;
  readonly tokenHint: string;
  readonly emit: (event: AuthEvent) => void;
}

/** @throws OpenBankingAuthError `invalid_config` for each option that is missing or wrong. */
export function parseConfig(config: OpenBankingAuthConfig): Settings {
  if (typeof config !== 'object' || config === null) {
    throw invalidConfig(
      `The configuration must be an object, got ${config === null ? 'null' : typeof config}`,
      'Give { environment, clientId, clientSecret, scope }',
    );
  }
  assertNotBrowser(config.dangerouslyAllowBrowser);
  const environment = parseEnvironment(config.environment);
  const tokenUrl = parseTokenUrl(config.tokenUrl ?? environment?.tokenUrl, environment ?? ENVIRONMENTS.production);
  const platform = environment ?? environmentOf(tokenUrl);
  const scope = parseScope(config.scope, 'scope');
  const wholeScope = formatScope(scope, 'scope');
  const emit = emitterFor(config.onEvent);
  for (const word of unrecognisedWords(scope)) emit({ type: 'scope.unrecognised', scope: wholeScope, word });
  const timeoutMs = parseTimeout(config.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  return Object.freeze({
    tokenUrl,
    apiOrigins: parseOrigins(config.apiOrigins ?? (platform ? [platform.apiOrigin] : undefined)),
    clientId: parseCredential(config.clientId, 'clientId'),
    clientSecret:
      typeof config.clientSecret === 'function'
        ? config.clientSecret
        : parseCredential(config.clientSecret, 'clientSecret'),
    scope,
    clientAuthentication: parseChoice(
      config.clientAuthentication ?? 'client_secret_post',
      ['client_secret_post', 'client_secret_basic'],
      'clientAuthentication',
    ),
    fetch: parseFunction(config.fetch, 'fetch'),
    timeoutMs,
    budgetMs: Math.max(TOKEN_REQUEST_BUDGET_MS, timeoutMs),
    refreshAhead: parseBoolean(config.refreshAhead ?? true, 'refreshAhead'),
    requestId: parseBoolean(config.requestId ?? true, 'requestId'),
    store: parseStore(config.store),
    tokenHint: platform?.tokenHint ?? '',
    emit,
  });
}

function parseEnvironment(value: unknown) {
  if (value === undefined) return undefined;
  return ENVIRONMENTS[parseChoice(value, ['production', 'sandbox'], 'environment')];
}

function emitterFor(onEvent: ((event: AuthEvent) => void) | undefined): (event: AuthEvent) => void {
  parseFunction(onEvent, 'onEvent');
  if (!onEvent) return () => {};
  return (event) => {
    try {
      // An async listener's failure must not become an unhandled rejection of the application's.
      Promise.resolve(onEvent(event)).catch(() => {});
    } catch {}
  };
}
