import type { HeldToken } from '../access-token.js';
import type { ClientAdapter } from './client-adapter.js';

/** A request that the API answered with a 401 which a new token can cure. */
export interface Unauthorized<Response> {
  /** The 401. */
  readonly response: Response;
  readonly scope: string;
  /** The token it was sent with; prints without its value. */
  readonly held: HeldToken;
  /** How many token requests had been started for this scope when the 401 came. */
  readonly requestsBefore: number;
  /** The number that joins its events. */
  readonly request: number;
}

/**
 * Bearer authentication (RFC 6750) around one request: decides whether this URL may have the token, attaches it, and after
 * a 401 that a new token can cure sends the request once more; a third time only if the token found for that, which somebody
 * else had fetched before, was dead too.
 */
export interface BearerAuth {
  /**
   * Sends a request through its client, with the token, and resolves with the last response.
   *
   * @param resend For clients that resend an unauthorized request themselves: called instead of the replay. It returns the
   * response; when the client does send the request again, it calls `replay`.
   * @throws OpenBankingAuthError when a token was needed and the token request failed, or an option of the request is wrong.
   */
  run<Request, Response>(
    client: ClientAdapter<Request, Response>,
    request: Request,
    resend?: (unauthorized: Unauthorized<Response>) => Response | Promise<Response>,
  ): Promise<Response>;
  /**
   * Sends an unauthorized request once more, with another token. Resolves to the first response if there is no other
   * token. A request that has changed meanwhile (another URL, another scope, own credentials) is run anew.
   */
  replay<Request, Response>(
    client: ClientAdapter<Request, Response>,
    request: Request,
    unauthorized: Unauthorized<Response>,
  ): Promise<Response>;
  /** Whether a URL may have the token: for clients that follow redirects with the headers they were given. */
  mayHaveToken(url: string): boolean;
  /**
   * For clients over `fetch`: one that does not take the token along a redirect to the token endpoint. It is the same
   * function, unless the token endpoint has an origin of the API.
   */
  fence(fetch: typeof globalThis.fetch): typeof globalThis.fetch;
}
