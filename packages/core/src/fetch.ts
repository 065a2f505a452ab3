import type { BearerAuth } from './bearer/bearer-auth.js';
import type { ClientAdapter } from './bearer/client-adapter.js';
import { ownAuthorization } from './bearer/own-authorization.js';
import { assertOptions, parseFunction } from './config/option.js';
import type { RequestAuthOptions } from './config/request-options.js';
import type { OpenBankingAuthConfig } from './config/settings.js';
import { BearerHeaders, FetchCall, type OpenBankingRequestInit } from './fetch-call.js';
import { UNAUTHORIZED_BODY_LIMIT_BYTES, UNAUTHORIZED_BODY_WAIT_MS } from './policy.js';
import { bearerAuthOf, type TokenSource } from './token-source.js';
import { drain, readText, releaseBody } from './web/body.js';
import { readFetchArguments } from './web/fetch-arguments.js';
import { globalFetch, markAsWrapper } from './web/global-fetch.js';

/** A `fetch` that also takes `openBanking`. It fits wherever a `fetch` is expected. */
export type OpenBankingFetch = (input: string | URL | Request, init?: OpenBankingRequestInit) => Promise<Response>;

/** For {@link authorizedFetch}: facts about a request that only its client knows. */
export interface FetchSettings {
  /** Sends the requests. Default: the global `fetch`, at the time of the call. */
  readonly fetch?: typeof fetch | undefined;
  /** The options of this request, if it has no `openBanking` of its own. */
  readonly openBanking?: RequestAuthOptions | false | undefined;
  /** The base against which the caller's relative URL was resolved. */
  readonly base?: string | undefined;
  /**
   * The body as the caller gave it, if the client has put it into a `Request`. A stream is not copied, and so not sent a
   * second time; it is destroyed if the request is not sent at all.
   */
  readonly body?: unknown;
}

/**
 * `fetch`, with a valid token on every request to `apiOrigins`, and one replay after a 401 that a new token can cure. A
 * stream is never sent again as a body: its 401 is final. What it is called with is read at once, as `fetch` reads it.
 *
 * @param options `fetch`: sends the requests. Default: the global one, at the time of the call.
 * @throws OpenBankingAuthError `invalid_config` for a bad configuration, or a `fetch` that is not a function.
 *
 * @example
 * ```ts
 * const fetch = openBankingFetch(config);
 * const response = await fetch('https://api.openbankingplatform.com/psd2/aspspinformation/v1/aspsps');
 * ```
 */
export function openBankingFetch<const Words extends string>(
  source: TokenSource | OpenBankingAuthConfig<Words>,
  options: { readonly fetch?: typeof fetch | undefined } = {},
): OpenBankingFetch {
  assertOptions(options, ['fetch'], 'openBankingFetch');
  parseFunction(options.fetch, 'fetch');
  return authorizedFetch(bearerAuthOf(source), options);
}

/** {@link openBankingFetch} for authors of clients over `fetch`, who know more about a request than it shows. */
export function authorizedFetch(bearerAuth: BearerAuth, settings: FetchSettings): OpenBankingFetch {
  const globalThen = globalThis.fetch;
  const send = authorizedSender(bearerAuth);
  return markAsWrapper((input, init) => send(settings.fetch ?? globalFetch(globalThen), settings, input, init));
}

/**
 * Sends a request, given in the last two arguments as to `fetch`, with a valid token, by the first. `facts` has a `fetch` as
 * well if that is the caller's own and gets headers in the form in which they were given.
 */
export type AuthorizedSender = (
  fetch: typeof globalThis.fetch,
  facts: FetchSettings,
  input: string | URL | Request,
  init?: OpenBankingRequestInit,
) => Promise<Response>;

/** {@link authorizedFetch} for clients that know something else about each request: made once, and called for all. */
export function authorizedSender(bearerAuth: BearerAuth): AuthorizedSender {
  const bearerHeaders = new BearerHeaders();
  return (fetch, facts, input, init) => {
    // Not an object: `fetch` says best what is wrong with it.
    if (Object(init) !== init && init != null) return fetch(input, init);
    let call: FetchCall;
    try {
      call = new FetchCall(fetch, readFetchArguments(input, init), facts, bearerHeaders, bearerAuth);
    } catch (error) {
      return Promise.reject(error);
    }
    const response = bearerAuth.run(fetchAdapter, call);
    return call.hasStream ? response.finally(() => call.release()) : response;
  };
}

/** 401s whose body has been looked at. */
const peeked = new WeakSet<Response>();

const fetchAdapter: ClientAdapter<FetchCall, Response> = {
  url: (call) => call.url,
  isRelative: ({ base, url }) => base !== undefined && originOf(base) === originOf(url),
  options: (call) => call.openBanking,
  hasAuthorization: ({ headers }) =>
    headers?.has('authorization') === true && ownAuthorization(headers.get('authorization')),
  hasRequestId: ({ headers }) => headers?.has('x-request-id') === true,
  isRepeatable: (call) => call.isRepeatable,
  wait: (call, task) => call.wait(task),
  send: (call, added) => call.send(added),
  status: (response) => response.status,
  finalUrl: (response) => response.url || undefined,
  challenge: (response) => response.headers.get('www-authenticate') ?? undefined,
  async peekBody(response, signal) {
    const copy = response.body && !response.bodyUsed ? response.clone().body : null;
    if (!copy) return undefined;
    peeked.add(response);
    return (await readText(copy, UNAUTHORIZED_BODY_LIMIT_BYTES, signal)).text;
  },
  discard(response) {
    // What was worth waiting for has arrived.
    if (peeked.has(response)) releaseBody(response.body);
    else void drain(response.body, UNAUTHORIZED_BODY_LIMIT_BYTES, UNAUTHORIZED_BODY_WAIT_MS);
  },
};

function originOf(url: string): string | undefined {
  try {
    return new URL(url).origin;
  } catch {
    return undefined;
  }
}
