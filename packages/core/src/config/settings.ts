import type { AuthEvent, Occurrence } from '../events.js';
import type { TokenStore } from '../token-store.js';
import type { KnownTokenUrl } from './platform.js';
import type { Scope } from './scope.js';

/** The platform's hosts by the name of the environment; explicit values override them one by one. */
export interface EnvironmentHosts {
  /**
   * Presets `tokenUrl` and `apiOrigins`. Any string compiles, so that `process.env.…` fits as it is: it is checked when the
   * source is created. One of `environment` and `tokenUrl` is required.
   */
  readonly environment: 'production' | 'sandbox' | (string & {}) | undefined;
  /** The complete URL of the token endpoint, https (http only for loopback). Default: the environment's. */
  readonly tokenUrl?: string | URL | undefined;
  /**
   * The origins that may receive the token, such as `https://api.openbankingplatform.com`; https (http only for loopback).
   * Default: the environment's, or the one that belongs to a token URL of the platform; otherwise required.
   */
  readonly apiOrigins?: readonly (string | URL)[] | undefined;
}

/** A token URL of the platform, which has the origin of its API as default for `apiOrigins`. */
export interface PlatformTokenUrl {
  /** Not given: see {@link EnvironmentHosts}. */
  readonly environment?: undefined;
  /** The complete URL of one of the platform's token endpoints. */
  readonly tokenUrl: KnownTokenUrl;
  /** Not given: see {@link OwnHosts}. */
  readonly apiOrigins?: undefined;
}

/** Hosts of your own, such as a gateway or a local sandbox. */
export interface OwnHosts {
  /** Not given: see {@link EnvironmentHosts}. */
  readonly environment?: undefined;
  /** The complete URL of the token endpoint, https (http only for loopback). Required. */
  readonly tokenUrl: string | URL | undefined;
  /** The origins that may receive the token, https (http only for loopback). Required: they are not derived from `tokenUrl`. */
  readonly apiOrigins: readonly (string | URL)[];
}

/**
 * The library's configuration. Read once, when the source is created; never written to. A value of `undefined` counts as
 * not given, and an option that does not exist is invalid.
 *
 * @see https://docs.openpayments.io/en/ the platform's documents: hosts, scopes, fair use
 */
export type OpenBankingAuthConfig = CommonOptions & (EnvironmentHosts | PlatformTokenUrl | OwnHosts);

/** The options that do not depend on how the hosts are given. */
export interface CommonOptions {
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
   * Required; typed with `undefined` so that `process.env.…` fits as it is.
   */
  readonly scope: string | readonly string[] | undefined;
  /** How the client authenticates (RFC 6749 section 2.3.1). Default: `client_secret_post`, which the platform documents. */
  readonly clientAuthentication?: 'client_secret_post' | 'client_secret_basic' | undefined;
  /** `fetch` for the token request only: for a proxy, TLS settings, tests. Default: the global one, at the time of the call. */
  readonly fetch?: typeof fetch | undefined;
  /** One attempt of the token request, in milliseconds, 100 to 600,000. Default: 5,000. */
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
  readonly emit: (event: Occurrence) => void;
  /** Counts a response that accepted its token, for the next event. */
  readonly countAccepted: () => void;
}
