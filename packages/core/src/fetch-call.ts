import type { BearerAuth } from './bearer/bearer-auth.js';
import type { AddedHeaders } from './bearer/client-adapter.js';
import type { RequestAuthOptions } from './config/request-options.js';
import { abortReason, onAbort } from './web/abort.js';
import { copyBody, isOneShot, onFailure, releaseBody, surviveFailure } from './web/body.js';
import { copyRequest, type FetchArguments, neverText } from './web/fetch-arguments.js';
import { addHeader, copyHeaders, type GivenHeaders } from './web/headers.js';

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
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** One call of fetch: what it was called with, as it was then. Nothing else reaches a send, the replay included. */
export class FetchCall {
  readonly url: string;
  /** The caller's, to be read; `undefined` for none. */
  readonly headers: Headers | undefined;
  readonly openBanking: RequestAuthOptions | false | undefined;
  readonly base: string | undefined;
  readonly #fetch: typeof globalThis.fetch;
  readonly #bearerAuth: BearerAuth;
  readonly #bearerHeaders: BearerHeaders;
  readonly #givenHeaders: GivenHeaders | undefined;
  readonly #keepsReferrer: boolean;
  readonly #signal: AbortSignal | undefined;
  /** Whether the body is inside a `Request`, so that only a copy made before the send can be sent again. */
  readonly #hidesBody: boolean;
  /** The body as the caller gave it, if that is known. */
  readonly #givenBody: unknown;
  /** A Request's signal works for as long as somebody holds the Request. */
  readonly #input: string | Request;
  #init: RequestInit | undefined;
  #ownsBody: boolean;
  /** What is sent next in place of a Request. */
  #spare: Request | undefined;
  #isSent = false;

  constructor(
    fetch: typeof globalThis.fetch,
    { input, url, init, keepsReferrer }: FetchArguments<OpenBankingRequestInit>,
    { openBanking, base, body, fetch: ownFetch }: ClientKnowledge,
    bearerHeaders: BearerHeaders,
    bearerAuth: BearerAuth,
  ) {
    const request = typeof input === 'object' ? input : undefined;
    this.url = url;
    const headers = init?.headers === undefined ? headersOf(request) : init.headers;
    const given = headers === undefined || !ownFetch ? headers : copyHeaders(headers);
    this.headers = given === undefined ? undefined : new Headers(given);
    // The global fetch takes no notice of the form, and Headers are read fastest.
    this.#givenHeaders = ownFetch ? given : this.headers;
    this.openBanking = copyOptions(init?.openBanking ?? openBanking);
    this.base = base;
    this.#fetch = fetch;
    this.#bearerHeaders = bearerHeaders;
    this.#bearerAuth = bearerAuth;
    this.#keepsReferrer = keepsReferrer;
    const signal = init?.signal === undefined ? request?.signal : init.signal;
    // What is not a signal is for `fetch` to reject, which says so.
    this.#signal = typeof signal?.addEventListener === 'function' ? signal : undefined;
    this.#hidesBody = request?.body != null && init?.body == null;
    this.#givenBody = this.#hidesBody ? body : init?.body;
    surviveFailure(this.#givenBody);
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
    const streams = this.#isSent || !this.hasStream ? [] : this.#streams();
    // Signals of the abort-controller package lack what a token source calls.
    if (streams.length === 0 && (!signal || typeof signal.throwIfAborted === 'function')) return task(signal);

    const controller = new AbortController();
    // The error that fetch has for it.
    const fail = (cause: unknown) => controller.abort(new TypeError('fetch failed', { cause }));
    const stops = streams.map((stream) => onFailure(stream, fail));
    if (signal) stops.push(onAbort(signal, () => controller.abort(abortReason(signal))));
    if (signal?.aborted) controller.abort(abortReason(signal));
    const stop = () => {
      for (const one of stops) one();
    };
    const done = task(controller.signal);
    done.then(stop, stop);
    return done;
  }

  /** What may fail before it is sent: the body, or both the one in the Request and the one that it was made of. */
  #streams(): object[] {
    return [this.#givenBody, this.#spare?.body].filter(isOneShot) as object[];
  }

  send({ authorization, requestId }: AddedHeaders): Promise<Response> {
    const input = this.#inputToSend(authorization !== undefined);
    this.#isSent = true;
    // Not called as a method: workerd's fetch refuses any other `this`.
    const fetch = authorization === undefined ? this.#fetch : this.#bearerAuth.fence(this.#fetch);
    if (authorization === undefined && requestId === undefined) return fetch(input, this.#init);
    if (authorization !== undefined) this.#ownBody();
    const headers = this.#headersWith(authorization);
    if (requestId !== undefined) addHeader(headers, 'x-request-id', requestId);
    const init: RequestInit = { ...this.#init, headers };
    if (typeof input === 'object') {
      // A copy of a Request hears of an abort only until the next garbage collection.
      if (this.#signal) init.signal = this.#signal;
      if (this.#keepsReferrer) keepReferrer(input, init);
    }
    return fetch(input, init);
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
    // One that has been used already is for `fetch` to refuse.
    this.#spare = needsCopy && !input.body?.locked && !input.bodyUsed ? neverText(input.clone()) : undefined;
    return input;
  }

  /** As `fetch` does when it is called: from now on, nobody else can read or change the body. */
  #takeBody(): void {
    if (this.#hidesBody) this.#spare ??= copyRequest(this.#input as Request);
    else this.#ownBody();
  }

  #ownBody(): void {
    if (this.#ownsBody) return;
    this.#ownsBody = true;
    this.#init = { ...this.#init, body: copyBody(this.#init?.body) ?? null };
  }

  #headersWith(authorization: string | undefined): GivenHeaders {
    const given = this.#givenHeaders;
    if (given === undefined && authorization !== undefined) return this.#bearerHeaders.with(authorization);
    const headers = given === undefined ? new Headers() : copyHeaders(given);
    if (authorization !== undefined) addHeader(headers, 'authorization', authorization);
    return headers;
  }
}

/** Most Requests of clients have none, and finding that out is cheaper than a copy. */
function headersOf(request: Request | undefined): Headers | undefined {
  return request === undefined || request.headers.keys().next().done ? undefined : request.headers;
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
