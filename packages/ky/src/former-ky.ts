import { isOpenBankingAuthError, type RequestAuthOptions } from '@open-banking-auth/core';
import { type AuthorizedSender, type BearerAuth, invalidConfig } from '@open-banking-auth/core/client';

type BeforeRequestHook = NonNullable<
  import('./ky-options.mjs', { with: { 'resolution-mode': 'import' }}).Hooks['beforeRequest']
>[number];

/** The normalized options that ky 1.14 passes to its hooks, as far as they are read here. */
interface FormerOptions {
  readonly fetch: typeof fetch;
  readonly timeout: number | false;
  readonly prefixUrl: string;
  readonly retry: { limit: number };
  readonly body?: unknown;
  readonly context?: { readonly openBanking?: RequestAuthOptions | false | undefined };
}

// Options of ky itself, and `window`, which it has put into the Request. All others are for its `fetch`.
const NOT_FOR_FETCH: ReadonlySet<string> = new Set([
  'json',
  'onDownloadProgress',
  'onUploadProgress',
  'parseJson',
  'retry',
  'searchParams',
  'stringifyJson',
  'throwHttpErrors',
  'window',
]);

/**
 * For ky 1, which has no `init` hook: its `beforeRequest` hook sends the request and returns the response, for each of ky's
 * attempts, within its `timeout`. ky then sends nothing itself, and goes on with the response as with one of its own.
 */
export function formerKyHook(bearerAuth: BearerAuth, send: AuthorizedSender): BeforeRequestHook {
  return async (...hookArguments: unknown[]) => {
    const [request, options] = hookArguments as [Request, FormerOptions | undefined];
    // ky 2 gives its hooks one argument. There, the `fetch` of the options has been wrapped.
    if (options === undefined) return undefined;
    try {
      return await sendWith(bearerAuth, send, request, options);
    } catch (error) {
      // ky 1 would retry any error. The token request has had its attempts; this object is of this one call of ky.
      if (isOpenBankingAuthError(error)) options.retry.limit = 0;
      throw error;
    }
  };
}

async function sendWith(
  bearerAuth: BearerAuth,
  authorized: AuthorizedSender,
  request: Request,
  { fetch, timeout, prefixUrl, body, context, ...others }: FormerOptions,
): Promise<Response | undefined> {
  if (context === undefined) throw tooOld();
  const facts = { openBanking: context.openBanking, base: prefixUrl || undefined, body };
  if (!bearerAuth.mayHaveToken(request.url)) {
    // Only judged here: ky itself sends it, after the hooks that follow.
    await authorized(async () => new Response(null), facts, request.url);
    return undefined;
  }
  const send: typeof fetch = (input, init) => authorized(fetch, facts, input, init);
  const { referrer, referrerPolicy, signal } = request;
  const init = { ...optionsForFetch(request, others), referrer, referrerPolicy, signal };
  // A copy, as ky makes it: the request itself is for hooks and for the next attempt.
  const copy = request.clone();
  const response = await (timeout === false
    ? send(copy, init)
    : withTimeout(request, timeout, (signal) => send(copy, { ...init, signal })));
  return response instanceof Response ? response : adopt(response);
}

function optionsForFetch(request: Request, options: object): RequestInit {
  const isForFetch = (name: string) => !NOT_FOR_FETCH.has(name) && (!(name in request) || name === 'next');
  return Object.fromEntries(Object.entries(options).filter(([name]) => isForFetch(name)));
}

/** ky's own time limit begins after its hooks. */
async function withTimeout(
  request: Request,
  limitMs: number,
  send: (signal: AbortSignal) => Promise<Response>,
): Promise<Response> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(async () => {
      reject(await timeoutError(request));
      controller.abort();
    }, limitMs);
  });
  try {
    return await Promise.race([send(AbortSignal.any([request.signal, controller.signal])), limit]);
  } finally {
    clearTimeout(timer);
  }
}

async function timeoutError(request: Request): Promise<Error> {
  try {
    const { TimeoutError } = await import('ky');
    return new TimeoutError(request);
  } catch {
    // Not to be found from here: recognised by its name, as ky's isTimeoutError does.
    const error = new Error(`Request timed out: ${request.method} ${request.url}`);
    return Object.assign(error, { name: 'TimeoutError', request });
  }
}

/** A Response of the undici package, which ky 1 would not take for one: it would send the request again, without a token. */
function adopt(response: Response): Response {
  const { body, status, statusText, headers, url, redirected } = response;
  const adopted = new Response(body, { status, statusText, headers: [...headers] });
  return Object.defineProperties(adopted, { url: { value: url }, redirected: { value: redirected } });
}

function tooOld() {
  return invalidConfig(
    'openBankingAuth from "@open-banking-auth/ky" needs ky 1.14 or later, and this request came through an older one',
    'Update ky: npm install ky@1.14 (on Node.js 20), or ky@2',
  );
}
