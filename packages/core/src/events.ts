import type { OpenBankingAuthErrorCode } from './errors.js';

/** Why a token was needed. */
export type TokenRequestReason =
  /** None was held for this scope. */
  | 'missing'
  /** The one held has expired, or is about to: callers wait. */
  | 'expiring'
  /** The one held expires soon: nobody waits, it stays in use meanwhile. */
  | 'ahead'
  /** The API answered the one held with a 401. */
  | 'rejected';

/** Why a 401 leads to a new token, or does not. */
export type VerdictReason =
  /** The request has been sent again once already. */
  | 'already_replayed'
  /** A redirect led to an origin that is not among `apiOrigins`; the 401 came from there. */
  | 'other_origin'
  /** Recent renewals did not help, so renewal is cooling down. */
  | 'renewal_paused'
  /** The body was a stream, which cannot be sent a second time. */
  | 'body_not_repeatable'
  /** The challenge names an error other than `invalid_token`. */
  | 'challenge_other_error'
  /** The server asks for another authentication scheme than Bearer. */
  | 'challenge_other_scheme'
  /** The issuer or audience is blamed: a wrong path or the wrong environment. */
  | 'wrong_path_or_environment'
  /** The body names a cause other than the token: consent, certificate, signature, PSU. */
  | 'names_other_cause'
  /** The body says that the token is expired, unknown or invalid. */
  | 'names_token'
  /** The challenge says `invalid_token`. */
  | 'challenge_invalid_token'
  /** Nothing in the response says why. */
  | 'unexplained';

/** What a 401 leads to: `renew` gets a new token and sends the request again, `pass` hands the 401 to the caller. */
export interface Verdict {
  readonly verdict: 'renew' | 'pass';
  readonly reason: VerdictReason;
  /** The platform's code that decided, such as `CONSENT_EXPIRED`, if the body had one. */
  readonly code?: string;
}

/** An operation of the store. `unlock` is the release of a lock. */
export type StoreOperation = 'get' | 'set' | 'delete' | 'lock' | 'unlock';

/** What every event has. */
export interface EventStamp {
  /** When it happened, by the wall clock. */
  readonly at: Date;
  /**
   * How many requests of this source, since its previous event, got a response that accepted the token at once: any but a
   * 401 or a 5xx. They have no events of their own.
   */
  readonly accepted: number;
}

/**
 * Something that happened, for logs and metrics. No event holds a token or a secret: `token` is the first 8 hex digits of
 * the token's SHA-256, which tells two tokens apart and nothing else.
 */
export type AuthEvent = EventStamp &
  /** A token request starts. With a `store`, not every need of a token leads to one. */
  (
    | { readonly type: 'token.requested'; readonly scope: string; readonly reason: TokenRequestReason }
    /** A token was received. `lifetimeMs` counts from the start of the request. */
    | {
        readonly type: 'token.received';
        readonly scope: string;
        readonly reason: TokenRequestReason;
        readonly token: string;
        readonly lifetimeMs: number;
        readonly durationMs: number;
      }
    /** Another process's token was taken from the store, without a token request. It is good for `remainingMs`. */
    | {
        readonly type: 'token.adopted';
        readonly scope: string;
        readonly reason: TokenRequestReason;
        readonly token: string;
        readonly remainingMs: number;
        readonly durationMs: number;
      }
    /**
     * A token request failed, after all its attempts. The next one is made no earlier than `retryAt`. `shared`: the failure is
     * another process's, found in the store, and this process made no token request.
     */
    | {
        readonly type: 'token.failed';
        readonly scope: string;
        readonly reason: TokenRequestReason;
        readonly code: OpenBankingAuthErrorCode;
        readonly message: string;
        readonly status?: number;
        readonly oauthError?: string;
        readonly retryAt?: Date;
        readonly shared?: true;
        readonly durationMs: number;
      }
    /**
     * A renewal after a 401 did not help: the new token was answered with a 401 as well, and nothing has accepted it. Until it
     * is accepted, and for `pauseMs` at most, 401s are passed on; `unhelpful` counts such renewals in a row.
     */
    | {
        readonly type: 'token.renewal_paused';
        readonly scope: string;
        readonly pauseMs: number;
        readonly unhelpful: number;
      }
    /** The API answered 401: `renew` gets a new token and sends the request again, `pass` hands the 401 to the caller. */
    | ({
        readonly type: 'request.unauthorized';
        readonly scope: string;
        readonly token: string;
        /** What the reason means, and what to do if a new token does not help. */
        readonly hint: string;
        /** Counts this process's requests that got a 401. The `request.replayed` that follows has the same number. */
        readonly request: number;
        readonly requestId?: string;
      } & Verdict)
    /** A request was sent again with another token, and has its response. */
    | {
        readonly type: 'request.replayed';
        readonly scope: string;
        readonly token: string;
        /** The number in the `request.unauthorized` that led to this. */
        readonly request: number;
        /** The status of the response; absent if there was none. */
        readonly status?: number;
        readonly requestId?: string;
      }
    /**
     * The store failed or did not respond in time. This process goes on alone, and tries the store again after 1 s, doubling
     * to 10 s. Once per outage. `error` is the code or name of the error, never its message.
     */
    | { readonly type: 'store.failed'; readonly operation: StoreOperation; readonly error: string }
    /** A request was sent without a token, because its origin is not among `apiOrigins`. */
    | { readonly type: 'origin.skipped'; readonly origin: string }
    /** The scope contains a word that the platform's documents do not list: a typo, or newer than this library. */
    | { readonly type: 'scope.unrecognised'; readonly scope: string; readonly word: string }
  );

/** An event before it gets its stamp. */
export type Occurrence = AuthEvent extends infer Event
  ? Event extends AuthEvent
    ? Omit<Event, keyof EventStamp>
    : never
  : never;
