import type { RequestAuthOptions } from '../config/request-options.js';

/** The headers added to one send of a request. Where one is `undefined`, the caller's own stays. */
export interface AddedHeaders {
  /** For `Authorization`. */
  readonly authorization: string | undefined;
  /** For `X-Request-ID`: a fresh UUID for every send. */
  readonly requestId: string | undefined;
}

/**
 * Describes how one HTTP client's requests are read and sent, and its responses read. It decides nothing about tokens. One
 * object serves all requests.
 *
 * A `Request` is what the client was called with, as it was then: it is read before the token is there, and sent after.
 * What its caller may still change has to be copied into it.
 */
export interface ClientAdapter<Request, Response> {
  /** The URL as the client will resolve it. */
  url(request: Request): string;
  /** Whether the caller gave a relative URL, which the client resolved against a configured base. */
  isRelative(request: Request): boolean;
  /** The request's own `openBanking` options. */
  options(request: Request): RequestAuthOptions | false | undefined;
  /** Whether the caller brought credentials of any kind, which then win. `ownAuthorization` finds those without a token. */
  hasAuthorization(request: Request): boolean;
  /** Whether the caller gave an `X-Request-ID`. */
  hasRequestId(request: Request): boolean;
  /** Whether the body can be sent a second time: true if there is none at all. */
  isRepeatable(request: Request): boolean;
  /** Waits for a token as long as this request may wait, and rejects with the client's own errors on abort or timeout. */
  wait<T>(request: Request, task: (signal: AbortSignal | undefined) => Promise<T>): Promise<T>;
  /** Sends the request with these headers added. Called once, or twice if the first response is a 401. */
  send(request: Request, added: AddedHeaders): Promise<Response>;
  /** The HTTP status of a response. */
  status(response: Response): number;
  /** The URL that the response came from, after redirects; `undefined` if the client does not say. */
  finalUrl(response: Response): string | undefined;
  /** The value of `WWW-Authenticate`, several joined by commas. */
  challenge(response: Response): string | undefined;
  /** Peeks at the start of the response body as text; the caller can still read all of it. */
  peekBody(response: Response, signal: AbortSignal): Promise<string | undefined>;
  /** Frees the connection of a response that nobody will get. Its body may not have been looked at. */
  discard(response: Response): void;
}
