import type { AddedHeaders } from './bearer/client-adapter.js';
import type { RequestAuthOptions } from './config/request-options.js';
import { abortReason, onAbort } from './web/abort.js';
import { copyBody, isOneShot, onFailure, releaseBody } from './web/body.js';
import type { FetchArguments } from './web/fetch-arguments.js';

/** What `fetch` takes, and a request's own `openBanking` options. */
export interface OpenBankingRequestInit extends RequestInit {
  /** This request's own scope or context, or `false` to send it without a token. */
  readonly openBanking?: RequestAuthOptions | false | undefined;
}

/** Facts about a request that only its client knows. */
interface ClientKnowledge {
  readonly openBanking?: RequestAuthOptions | false | undefined;
  readonly base?: string | undefined;
  readonly body?: unknown;
}

/** One call of fetch: what it was called with, as it was then. Nothing else reaches a send, the replay included. */
export class FetchCall {
  readonly url: string;
  /** The caller's, which are not written to; `undefined` for none. */
  readonly headers: Headers | undefined;
  readonly openBanking: RequestAuthOptions | false | undefined;
  readonly base: string | undefined;
  readonly #fetch: typeof globalThis.fetch;
  readonly #bearerHeaders: BearerHeaders;
  readonly #keepsReferrer: boolean;
  readonly #signal: AbortSignal | undefined;
  /** Whether the body is inside a `Request`, so that only a copy made before the send can be sent again. */
  readonly #hidesBody: boolean;
  /** The body as the caller gave it, if that is known. */
  readonly #givenBody: unknown;
  #input: string | Request;
  #init: RequestInit | undefined;
  #ownsBody: boolean;
  #spare: Request | undefined;
  #isSent = false;

  constructor(
    fetch: typeof globalThis.fetch,
    { input, url, init, keepsReferrer }: FetchArguments<OpenBankingRequestInit>,
    { openBanking, base, body }: ClientKnowledge,
    bearerHeaders: BearerHeaders,
  ) {
    const request = typeof input === 'object' ? input : undefined;
    this.url = url;
    this.headers = copyHeaders(init?.headers, request);
    this.openBanking = copyOptions(init?.openBanking ?? openBanking);
    this.base = base;
    this.#fetch = fetch;
    this.#bearerHeaders = bearerHeaders;
    this.#keepsReferrer = keepsReferrer;
    const signal = init?.signal === undefined ? request?.signal : init.signal;
    // What is not a signal is for `fetch` to reject, which says so.
    this.#signal = typeof signal?.addEventListener === 'function' ? signal : undefined;
    this.#hidesBody = request?.body != null && init?.body == null;
    this.#givenBody = this.#hidesBody ? body : init?.body;
    this.#input = input;
    this.#init = init;
    this.#ownsBody = init?.body == null || typeof init.body === 'string';
  }

  get isRepeatable(): boolean {
    return !isOneShot(this.#givenBody);
  }

  /** Whether there is a body that has to be released in the end. */
  get hasStream(): boolean {
    return this.#hidesBody || isOneShot(this.#givenBody);
  }

  /** Waits until the task is done, the caller aborts, or the body fails. */
  wait<T>(task: (signal: AbortSignal | undefined) => Promise<T>): Promise<T> {
    if (!this.#isSent) this.#takeBody();
    const signal = this.#signal;
    const stream = !this.#isSent && isOneShot(this.#givenBody) ? Object(this.#givenBody) : undefined;
    // Signals of the abort-controller package lack what a token source calls.
    if (!stream && (!signal || typeof signal.throwIfAborted === 'function')) return task(signal);

    const controller = new AbortController();
    const stop = signal && onAbort(signal, () => controller.abort(abortReason(signal)));
    if (signal?.aborted) controller.abort(abortReason(signal));
    // The error that fetch has for it.
    if (stream) onFailure(stream, (cause) => controller.abort(new TypeError('fetch failed', { cause })));
    const done = task(controller.signal);
    if (stop) done.then(stop, stop);
    return done;
  }

  send({ authorization, requestId }: AddedHeaders): Promise<Response> {
    const input = this.#inputToSend(authorization !== undefined);
    this.#isSent = true;
    if (authorization === undefined && requestId === undefined) return this.#fetch(input, this.#init);
    if (authorization !== undefined) this.#ownBody();
    const headers = this.#headersWith(authorization);
    if (requestId !== undefined) headers.set('x-request-id', requestId);
    const init = { ...this.#init, headers };
    if (this.#keepsReferrer && typeof input === 'object') keepReferrer(input, init);
    return this.#fetch(input, init);
  }

  /** Lets go of what nobody will read: a copy that was not needed, and the body of a request that was not sent. */
  release(): void {
    if (this.#spare) releaseBody(this.#spare.body);
    this.#spare = undefined;
    if (this.#isSent) return;
    if (typeof this.#input === 'object') releaseBody(this.#input.body);
    releaseBody(this.#givenBody);
  }

  #inputToSend(mayBeReplayed: boolean): string | Request {
    const input = this.#spare ?? this.#input;
    const needsCopy = mayBeReplayed && this.#hidesBody && this.isRepeatable && typeof input === 'object';
    this.#spare = needsCopy ? input.clone() : undefined;
    return input;
  }

  /** As `fetch` does when it is called: from now on, nobody else can read or change the body. */
  #takeBody(): void {
    if (this.#hidesBody) this.#input = new Request(this.#input);
    else this.#ownBody();
  }

  #ownBody(): void {
    if (this.#ownsBody) return;
    this.#ownsBody = true;
    this.#init = { ...this.#init, body: copyBody(this.#init?.body) ?? null };
  }

  #headersWith(authorization: string | undefined): Headers {
    const { headers } = this;
    if (headers === undefined && authorization !== undefined) return this.#bearerHeaders.with(authorization);
    const copy = new Headers(headers);
    if (authorization !== undefined) copy.set('authorization', authorization);
    return copy;
  }
}

/** The headers that are sent: those of `init` if it has any at all. */
function copyHeaders(own: RequestInit['headers'], request: Request | undefined): Headers | undefined {
  if (own !== undefined) return new Headers(own);
  // Most Requests of clients have none, and finding that out is cheaper than a copy.
  return request === undefined || request.headers.keys().next().done ? undefined : new Headers(request.headers);
}

/** Caches Headers that hold only Authorization. Copying them is far cheaper than `set`, which validates the token character by character. */
export class BearerHeaders {
  #authorization: string | undefined;
  #headers: Headers | undefined;

  with(authorization: string): Headers {
    if (authorization !== this.#authorization) {
      this.#headers = new Headers({ authorization });
      this.#authorization = authorization;
    }
    return new Headers(this.#headers);
  }
}

/** `fetch` resets a Request's referrer as soon as `init` has any member, such as our headers. */
function keepReferrer({ referrer, referrerPolicy }: Request, init: RequestInit): void {
  if (referrer !== 'about:client') init.referrer = referrer;
  if (referrerPolicy !== '') init.referrerPolicy = referrerPolicy;
}

function copyOptions(options: RequestAuthOptions | false | undefined): RequestAuthOptions | false | undefined {
  if (typeof options !== 'object' || options === null) return options;
  const { scope, context } = options;
  return { ...options, scope: Array.isArray(scope) ? [...scope] : scope, context };
}
