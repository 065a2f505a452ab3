import type { AuthEvent, Occurrence } from '../events.js';
import type { TokenStore } from '../token-store.js';
import type { ClientAuthentication, ClientCredentials, ClientSecret, MaybeSealedStore } from './client.js';
import type { KnownTokenUrl } from './platform.js';
import type { Profile } from './profile.js';
import type { Scope, WithContext } from './scope.js';
import type { TokenFunction, TokenFunctionRequest } from './token-function.js';

/** The platform's hosts by the name of the environment; explicit values override them one by one. */
export interface EnvironmentHosts<Words extends string = string> {
  /**
   * Presets `tokenUrl` and `apiOrigins`. Any string compiles, so that `process.env.…` fits as it is: it is checked when the
   * source is created. One of `environment`, `tokenUrl` and `requestToken` is required.
   */
  readonly environment: 'production' | 'sandbox' | (string & {}) | undefined;
  /** The complete URL of the token endpoint, https (http only for loopback). Default: the environment's. */
  readonly tokenUrl?: string | URL | undefined;
  /**
   * The origins that may receive the token, such as `https://api.openbankingplatform.com`; https (http only for loopback).
   * Default: the environment's, or the one that belongs to a token URL of the platform; otherwise required.
   */
  readonly apiOrigins?: readonly (string | URL)[] | undefined;
  /**
   * One or more API scopes and one PSU context, `private` or `corporate`; order, spaces and repetitions do not matter.
   * Combine the API scopes that the application needs: the platform asks for one token per client and PSU context.
   * Required. A text in the code compiles only with a PSU context; `process.env.…` fits as it is, and is checked when the
   * source is created.
   */
  readonly scope: WithContext<Words> | readonly string[] | undefined;
  /** Not given: see {@link TokenFunction}. */
  readonly requestToken?: undefined;
}

/** A token URL of the platform, which has the origin of its API as default for `apiOrigins`. */
export interface PlatformTokenUrl<Words extends string = string> {
  /** Not given: see {@link EnvironmentHosts}. */
  readonly environment?: undefined;
  /** The complete URL of one of the platform's token endpoints. */
  readonly tokenUrl: KnownTokenUrl;
  /** Not given: see {@link OwnHosts}. */
  readonly apiOrigins?: undefined;
  /** As in {@link EnvironmentHosts}. */
  readonly scope: WithContext<Words> | readonly string[] | undefined;
  /** Not given: see {@link TokenFunction}. */
  readonly requestToken?: undefined;
}

/** Other hosts: another platform, a gateway, a local sandbox. */
export interface OwnHosts {
  /** Not given: see {@link EnvironmentHosts}. */
  readonly environment?: undefined;
  /** The complete URL of the token endpoint, https (http only for loopback). Required. */
  readonly tokenUrl: string | URL | undefined;
  /** The origins that may receive the token, https (http only for loopback). Required: they are not derived from `tokenUrl`. */
  readonly apiOrigins: readonly (string | URL)[];
  /**
   * The words that the platform documents, separated by spaces; a comma is a character like any other (RFC 6749 section
   * 3.3). Order and repetitions do not matter. Default: none, and the token endpoint chooses.
   */
  readonly scope?: string | readonly string[] | undefined;
  /** Not given: see {@link TokenFunction}. */
  readonly requestToken?: undefined;
}

/**
 * The library's configuration. Read once, when the source is created; never written to. A value of `undefined` counts as
 * not given, and an option that does not exist is invalid.
 *
 * @typeParam Words The scope, if it is written in the code. Inferred by the functions that take a configuration.
 * @see https://docs.openpayments.io/en/ the platform's documents: hosts, scopes, fair use
 */
export type OpenBankingAuthConfig<Words extends string = string> =
  | ClientSecretConfig<Words>
  | (CommonOptions & OwnHosts & ClientCredentials)
  | (CommonOptions & TokenFunction & MaybeSealedStore);

/** The configuration of a client with a secret, as on openpayments.io. */
export type ClientSecretConfig<Words extends string = string> = CommonOptions &
  ClientSecret &
  (EnvironmentHosts<Words> | PlatformTokenUrl<Words> | OwnHosts);

/** The options that depend neither on the hosts nor on how the client authenticates. */
export interface CommonOptions {
  /**
   * More form fields of the token request, such as `audience` or `resource` (RFC 8707); a list repeats the field. Tokens of
   * different parameters are different tokens, in a shared store too. Default: none.
   */
  readonly parameters?: Readonly<Record<string, string | readonly string[] | undefined>> | undefined;
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
   * Where all processes of an application share one token for each scope and PSU context. Values are sealed before they get
   * there, with a key derived from the client secret; without a client secret, from `storeSecret`. If the store fails, each process goes on alone. Default: none,
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
  readonly profile: Profile;
  /** Undefined with `requestToken`. */
  readonly tokenUrl: URL | undefined;
  readonly requestToken: ((request: TokenFunctionRequest) => unknown) | undefined;
  readonly apiOrigins: ReadonlySet<string>;
  readonly clientId: string;
  readonly clientAuthentication: ClientAuthentication | 'none';
  /** The secret or key, or the function that returns it; undefined where the method has none. */
  readonly credential: unknown;
  readonly scope: Scope;
  /** Name and value, in the order of the names. */
  readonly parameters: readonly (readonly [string, string])[];
  readonly fetch: typeof fetch | undefined;
  readonly timeoutMs: number;
  /** A whole token request with its retries: the longest that a caller waits. */
  readonly budgetMs: number;
  readonly refreshAhead: boolean;
  readonly requestId: boolean;
  readonly store: TokenStore | undefined;
  /** In place of the client secret, where there is none. */
  readonly storeSecret: string | undefined;
  readonly tokenHint: string;
  readonly emit: (event: Occurrence) => void;
  /**
   * The first 8 hex digits of a token's SHA-256, for events; empty if nobody listens to them, since the first hash of a process takes
   * 2 ms.
   */
  readonly fingerprintOf: (token: string) => Promise<string>;
  /** Counts a response that accepted its token, for the next event. */
  readonly countAccepted: () => void;
}
