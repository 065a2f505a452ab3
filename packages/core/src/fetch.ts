import { readText } from './body.js';
import type { OpenBankingAuthConfig } from './config.js';
import type { AddedHeaders, Exchange, HttpClient } from './exchange.js';
import { exchangeOf } from './exchange-of.js';
import { UNAUTHORIZED_BODY_LIMIT_BYTES } from './policy.js';
import type { RequestAuthOptions } from './request-options.js';
import type { TokenSource } from './token-source.js';

declare global {
  interface RequestInit {
    /** For `openBankingFetch`: what this request asks for, or `false` to send it without a token. */
    openBanking?: RequestAuthOptions | false | undefined;
  }
}

/** What a client that has read its own options hands to {@link authorizedFetch}. */
export interface FetchSettings {
  /** What sends the requests. Default: the global `fetch`, at the time of the call. */
  readonly fetch?: typeof fetch | undefined;
  /** The options of this request, if it has no `openBanking` of its own. */
  readonly openBanking?: RequestAuthOptions | false | undefined;
  /** The base against which the caller's relative URL was resolved. */
  readonly base?: string | undefined;
  /** The body is a stream of the caller's: it is not copied, and so not sent a second time. */
  readonly streamBody?: boolean | undefined;
}

/**
 * `fetch`, with a valid token on every request to `apiOrigins`, and one replay after a 401 that a new token can cure. A
 * body that is a stream is never sent again: its 401 stands.
 *
 * @param options `fetch`: what sends the requests. Default: the global one, at the time of the call.
 * @throws OpenBankingAuthError `invalid_config` for a bad configuration.
 *
 * @example
 * ```ts
 * const fetch = openBankingFetch(config);
 * const response = await fetch('https://api.openbankingplatform.com/psd2/aspspinformation/v1/aspsps');
 * ```
 */
export function openBankingFetch(
  source: TokenSource | OpenBankingAuthConfig,
  options: { readonly fetch?: typeof fetch | undefined } = {},
): typeof fetch {
  return authorizedFetch(exchangeOf(source), options);
}

/** {@link openBankingFetch} for authors of clients over `fetch`, who know more about a request than it shows. */
export function authorizedFetch(exchange: Exchange, settings: FetchSettings): typeof fetch {
  const globalThen = globalThis.fetch;
  const bearer = new BearerHeaders();

  const wrapped = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const send = settings.fetch ?? globalFetch(globalThen);
    const call = new FetchCall(send, input, init, settings, bearer);
    const answer = exchange.run(fetchClient, call);
    return call.hidesBody ? answer.finally(() => call.drop()) : answer;
  };
  wrappers.add(wrapped);
  return wrapped;
}

const wrappers = new WeakSet<typeof fetch>();

/**
 * The global `fetch` of the moment. Somebody may have made one of our own wrappers the global one, and calling it from
 * below itself would never end: then it is the one of `before`.
 */
export function globalFetch(before: typeof fetch): typeof fetch {
  return wrappers.has(globalThis.fetch) ? before : globalThis.fetch;
}

/** One call of fetch, and what its second send needs. */
class FetchCall {
  readonly request: Request | undefined;
  readonly url: string;
  /** Whether the body hides in a `Request`, so that only a copy made before the send can be sent again. */
  readonly hidesBody: boolean;
  #headers: Headers | undefined;
  #spare: Request | undefined;

  constructor(
    readonly fetch: typeof globalThis.fetch,
    readonly input: string | URL | Request,
    readonly init: RequestInit | undefined,
    readonly settings: FetchSettings,
    readonly bearer: BearerHeaders,
  ) {
    this.request = typeof input === 'object' && 'url' in input ? input : undefined;
    this.url = this.request?.url ?? String(input);
    this.hidesBody = this.request?.body != null && init?.body == null;
  }

  /** The caller's, which are not written to; `undefined` for none. */
  get headers(): Headers | undefined {
    const { init, request } = this;
    if (init?.headers == null) return request?.headers;
    this.#headers ??= new Headers(init.headers);
    return this.#headers;
  }

  send({ authorization, requestId }: AddedHeaders): Promise<Response> {
    const { fetch, init } = this;
    let input = this.input;
    if (this.#spare) {
      input = this.#spare;
      this.#spare = undefined;
    } else if (authorization !== undefined && this.request && this.hidesBody && !this.settings.streamBody) {
      this.#spare = this.request.clone();
    }
    if (authorization === undefined && requestId === undefined) return fetch(input, init);
    const headers = this.#headersWith(authorization);
    if (requestId !== undefined) headers.set('x-request-id', requestId);
    return fetch(input, { ...init, headers });
  }

  #headersWith(authorization: string | undefined): Headers {
    const { headers } = this;
    if (headers === undefined && authorization !== undefined) return this.bearer.with(authorization);
    const copy = new Headers(headers);
    if (authorization !== undefined) copy.set('authorization', authorization);
    return copy;
  }

  /** Lets go of the copy of a body that is not needed any more. */
  drop(): void {
    void this.#spare?.body?.cancel().catch(() => {});
    this.#spare = undefined;
  }
}

/** Headers with a token and nothing else. To copy them is a fraction of setting one, for which the token is read through. */
class BearerHeaders {
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

const fetchClient: HttpClient<FetchCall, Response> = {
  url: (call) => call.url,
  isRelative: ({ settings: { base }, url }) => base !== undefined && originOf(base) === originOf(url),
  options: ({ init, settings }) => init?.openBanking ?? settings.openBanking,
  hasAuthorization: ({ headers }) => headers?.has('authorization') === true,
  hasRequestId: ({ headers }) => headers?.has('x-request-id') === true,
  isRepeatable: (call) => (call.hidesBody ? !call.settings.streamBody : !isOneShot(call.init?.body)),
  wait: (call, task) => task(call.init?.signal ?? call.request?.signal),
  send: (call, added) => call.send(added),
  status: (response) => response.status,
  finalUrl: (response) => response.url || undefined,
  challenge: (response) => response.headers.get('www-authenticate') ?? undefined,
  async look(response, signal) {
    const copy = response.body && !response.bodyUsed ? response.clone().body : null;
    if (!copy) return undefined;
    return (await readText(copy, UNAUTHORIZED_BODY_LIMIT_BYTES, signal)).text;
  },
  discard: (response) => void response.body?.cancel().catch(() => {}),
};

/** Whether a body can be read once only: a stream of the web's, of Node's, of the form-data package, an async iterable. */
export function isOneShot(body: unknown): boolean {
  return (
    typeof body === 'object' && body !== null && ('getReader' in body || 'pipe' in body || Symbol.asyncIterator in body)
  );
}

function originOf(url: string): string | undefined {
  try {
    return new URL(url).origin;
  } catch {
    return undefined;
  }
}
