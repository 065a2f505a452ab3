import type { BearerAuth } from './bearer/bearer-auth.js';
import type { AddedHeaders, ClientAdapter } from './bearer/client-adapter.js';
import type { RequestAuthOptions } from './config/request-options.js';
import type { OpenBankingAuthConfig } from './config/settings.js';
import { UNAUTHORIZED_BODY_LIMIT_BYTES } from './policy.js';
import { bearerAuthOf, type TokenSource } from './token-source.js';
import { readText } from './web/body.js';
import { globalFetch, markAsWrapper } from './web/global-fetch.js';

declare global {
  interface RequestInit {
    /** For `openBankingFetch`: this request's own scope or context, or `false` to send it without a token. */
    openBanking?: RequestAuthOptions | false | undefined;
  }
}

/** For {@link authorizedFetch}: facts about a request that only its client knows. */
export interface FetchSettings {
  /** Sends the requests. Default: the global `fetch`, at the time of the call. */
  readonly fetch?: typeof fetch | undefined;
  /** The options of this request, if it has no `openBanking` of its own. */
  readonly openBanking?: RequestAuthOptions | false | undefined;
  /** The base against which the caller's relative URL was resolved. */
  readonly base?: string | undefined;
  /** The body is the caller's stream: it is not copied, and so not sent a second time. */
  readonly streamBody?: boolean | undefined;
}

/**
 * `fetch`, with a valid token on every request to `apiOrigins`, and one replay after a 401 that a new token can cure. A
 * stream is never sent again as a body: its 401 is final.
 *
 * @param options `fetch`: sends the requests. Default: the global one, at the time of the call.
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
  return authorizedFetch(bearerAuthOf(source), options);
}

/** {@link openBankingFetch} for authors of clients over `fetch`, who know more about a request than it shows. */
export function authorizedFetch(bearerAuth: BearerAuth, settings: FetchSettings): typeof fetch {
  const globalThen = globalThis.fetch;
  const bearerHeaders = new BearerHeaders();

  const wrapped = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const send = settings.fetch ?? globalFetch(globalThen);
    const call = new FetchCall(send, input, init, settings, bearerHeaders);
    const response = bearerAuth.run(fetchAdapter, call);
    return call.hidesBody ? response.finally(() => call.drop()) : response;
  };
  return markAsWrapper(wrapped);
}

/** One call of fetch, with everything that a second send needs. */
class FetchCall {
  readonly request: Request | undefined;
  readonly url: string;
  /** Whether the body is inside a `Request`, so that only a copy made before the send can be sent again. */
  readonly hidesBody: boolean;
  #headers: Headers | undefined;
  #spare: Request | undefined;

  constructor(
    readonly fetch: typeof globalThis.fetch,
    readonly input: string | URL | Request,
    readonly init: RequestInit | undefined,
    readonly settings: FetchSettings,
    readonly bearerHeaders: BearerHeaders,
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
    if (authorization !== undefined && this.request && this.hidesBody && !this.settings.streamBody) {
      const request = this.#spare ?? this.request;
      this.#spare = request.clone();
      input = request;
    }
    if (authorization === undefined && requestId === undefined) return fetch(input, init);
    const headers = this.#headersWith(authorization);
    if (requestId !== undefined) headers.set('x-request-id', requestId);
    return fetch(input, { ...init, headers });
  }

  #headersWith(authorization: string | undefined): Headers {
    const { headers } = this;
    if (headers === undefined && authorization !== undefined) return this.bearerHeaders.with(authorization);
    const copy = new Headers(headers);
    if (authorization !== undefined) copy.set('authorization', authorization);
    return copy;
  }

  /** Releases the copy of the body once it is not needed any more. */
  drop(): void {
    void this.#spare?.body?.cancel().catch(() => {});
    this.#spare = undefined;
  }
}

/** Caches Headers that hold only Authorization. Copying them is far cheaper than `set`, which validates the token character by character. */
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

const fetchAdapter: ClientAdapter<FetchCall, Response> = {
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
  async peekBody(response, signal) {
    const copy = response.body && !response.bodyUsed ? response.clone().body : null;
    if (!copy) return undefined;
    return (await readText(copy, UNAUTHORIZED_BODY_LIMIT_BYTES, signal)).text;
  },
  discard: (response) => void response.body?.cancel().catch(() => {}),
};

/** Whether a body can be read only once: a web or Node stream, one of the form-data package, an async iterable. */
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
