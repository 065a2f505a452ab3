import type { OpenBankingAuthErrorCode } from './errors.js';
import type { VerdictReason } from './unauthorized.js';

/** Why a token was needed. */
export type TokenRequestReason =
  /** None was held for this scope. */
  | 'missing'
  /** The one held has run out, or is about to: callers wait. */
  | 'expiring'
  /** The one held runs out soon: nobody waits, it stays in use meanwhile. */
  | 'ahead'
  /** The API refused the one held with a 401. */
  | 'rejected';

/** What the store was asked to do. `unlock` is the release of a lock. */
export type StoreOperation = 'get' | 'set' | 'delete' | 'lock' | 'unlock';

/**
 * What happened, for logs and metrics. No event holds a token or a secret: `token` is the first 8 hex digits of the
 * token's SHA-256, which tells two tokens apart and nothing else.
 */
export type AuthEvent =
  /** A token request starts. With a `store` that is not each time that a token is needed. */
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
  /** The token of another process was taken from the store, and no token request made. It is good for `remainingMs`. */
  | {
      readonly type: 'token.adopted';
      readonly scope: string;
      readonly reason: TokenRequestReason;
      readonly token: string;
      readonly remainingMs: number;
      readonly durationMs: number;
    }
  /** A token request failed, after all its attempts. `retryAt`: until then it is not repeated. */
  | {
      readonly type: 'token.failed';
      readonly scope: string;
      readonly reason: TokenRequestReason;
      readonly code: OpenBankingAuthErrorCode;
      readonly message: string;
      readonly status?: number;
      readonly oauthError?: string;
      readonly retryAt?: Date;
      readonly durationMs: number;
    }
  /**
   * A renewal after a 401 did not help: the new token was refused as well. For `pauseMs` a 401 is passed on; `unhelpful`
   * counts such renewals in a row.
   */
  | {
      readonly type: 'token.renewal_paused';
      readonly scope: string;
      readonly pauseMs: number;
      readonly unhelpful: number;
    }
  /** The API answered 401: `renew` asks for a new token and sends the request again, `pass` hands the 401 on. */
  | {
      readonly type: 'request.unauthorized';
      readonly scope: string;
      readonly token: string;
      readonly verdict: 'renew' | 'pass';
      readonly reason: VerdictReason;
      /** The platform's code that decided, such as `CONSENT_EXPIRED`, if the body had one. */
      readonly code?: string;
      /** What the reason means, and what to do if a new token is no help. */
      readonly hint: string;
      readonly requestId?: string;
    }
  /** A request is sent again with another token. */
  | { readonly type: 'request.replayed'; readonly scope: string; readonly token: string; readonly requestId?: string }
  /**
   * The store failed, or did not answer in time, and is not asked for 10 s: this process goes on alone. Once for an outage.
   * `error` is the code or name of the error, never its message.
   */
  | { readonly type: 'store.failed'; readonly operation: StoreOperation; readonly error: string }
  /** A request went out without a token, because its origin is not among `apiOrigins`. */
  | { readonly type: 'origin.skipped'; readonly origin: string }
  /** A scope has a word that the platform's documents do not list: a typing mistake, or newer than this library. */
  | { readonly type: 'scope.unrecognised'; readonly scope: string; readonly word: string };
