/** Tokens that another kind of request brings: with JSON, a signature, or a token that the client makes itself. */
export interface TokenFunction {
  /** Not given: `requestToken` is in their place. */
  readonly environment?: undefined;
  readonly tokenUrl?: undefined;
  readonly clientId?: undefined;
  readonly clientSecret?: undefined;
  readonly clientKey?: undefined;
  readonly clientAuthentication?: undefined;
  readonly parameters?: undefined;
  readonly fetch?: undefined;
  /** The origins that may receive the token, https (http only for loopback). Required. */
  readonly apiOrigins: readonly (string | URL)[];
  /** As in {@link OwnHosts}. Handed to `requestToken`. */
  readonly scope?: string | readonly string[] | undefined;
  /**
   * Gets a new token. Called once for all who need one, and again after a transient failure. It fails by throwing: an
   * {@link OpenBankingAuthError} is passed on, and judged by its `code`; anything else counts as transient, and its message
   * is not repeated, since it could hold a secret.
   */
  readonly requestToken: (request: TokenFunctionRequest) => Promise<RequestedToken>;
}

/** What {@link TokenFunction} is called with. */
export interface TokenFunctionRequest {
  /** Words separated by spaces; empty for none. */
  readonly scope: string;
  /** Ends an attempt that takes longer than `timeoutMs`. */
  readonly signal: AbortSignal;
}

/** What {@link TokenFunction} returns. */
export interface RequestedToken {
  readonly accessToken: string;
  /** How long the token is good for, in seconds from when the function was called. */
  readonly expiresInSeconds: number;
  /** What was granted. Default: the scope asked for. */
  readonly scope?: string | undefined;
}
