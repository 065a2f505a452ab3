import { isOneShot, releaseBody } from './body.js';
import { copyInit } from './fetch-arguments.js';

// As many as the fetch standard follows.
const MOST_REDIRECTS = 20;

// What the fetch standard does not take along to another origin.
const OF_ONE_ORIGIN = ['authorization', 'proxy-authorization', 'cookie', 'host'];

// What describes a body, and goes with it.
const OF_THE_BODY = ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length'];

/**
 * Sends a request with a token, and follows redirects itself as long as it has the token. The platform's own `fetch` keeps
 * `Authorization` on every redirect within an origin, and would take the token to a token endpoint that shares it.
 */
export async function fencedFetch(
  fetch: typeof globalThis.fetch,
  mayHaveToken: (url: string) => boolean,
  ...[input, init]: Parameters<typeof globalThis.fetch>
): Promise<Response> {
  const request = typeof input === 'object' && 'redirect' in input ? input : undefined;
  if ((init?.redirect ?? request?.redirect ?? 'follow') !== 'follow') return fetch(input, init);
  // Inside a Request a body can be read only once.
  const copy = request?.body && init?.body == null ? request.clone() : undefined;
  let url = request?.url ?? String(input);
  const { origin } = new URL(url);
  let response = await fetch(input, { ...init, redirect: 'manual' });
  let target = targetOf(response, url);
  if (!target) {
    releaseBody(copy?.body);
    return response;
  }
  const body = init?.body ?? (await copy?.blob()) ?? null;
  let next: RequestInit = { ...copyInit<RequestInit>(request), ...init, body };
  for (let followed = 0; target; followed++) {
    releaseBody(response.body);
    if (followed === MOST_REDIRECTS) throw failed(new Error('redirect count exceeded'));
    const isWithinOrigin: boolean = target.origin === new URL(url).origin;
    const hasToken: boolean = isWithinOrigin && mayHaveToken(target.href);
    next = redirected(next, response.status);
    if (!hasToken) next.headers = without(isWithinOrigin ? ['authorization'] : OF_ONE_ORIGIN, next.headers);
    url = target.href;
    response = await fetch(url, { ...next, redirect: hasToken ? 'manual' : 'follow' });
    target = hasToken ? targetOf(response, url) : undefined;
  }
  return asRedirected(response, new URL(url).origin === origin ? response.type : 'cors');
}

/** Where a response redirects to, if it does. */
function targetOf({ status, headers }: Response, url: string): URL | undefined {
  const location = [301, 302, 303, 307, 308].includes(status) ? headers.get('location') : null;
  if (location === null) return undefined;
  let target: URL;
  try {
    // Header values have a character for each byte.
    const bytes = Uint8Array.from(location, (character) => character.charCodeAt(0));
    target = new URL(new TextDecoder().decode(bytes), url);
  } catch (error) {
    throw failed(error);
  }
  if (!/^https?:$/.test(target.protocol)) throw failed(new Error('URL scheme must be a HTTP(S) scheme'));
  if (target.username || target.password) throw failed(new Error('redirected to a URL with credentials'));
  return target;
}

/** The request after a redirect with this status (https://fetch.spec.whatwg.org/#http-redirect-fetch). */
function redirected(init: RequestInit, status: number): RequestInit {
  if (status !== 303 && isOneShot(init.body)) throw failed(new Error('the body is a stream, and was sent'));
  const method = (init.method ?? 'GET').toUpperCase();
  const isSafe = method === 'GET' || method === 'HEAD';
  const becomesGet = status === 303 ? !isSafe : status < 303 && method === 'POST';
  return becomesGet ? { ...init, method: 'GET', body: null, headers: without(OF_THE_BODY, init.headers) } : { ...init };
}

function without(names: readonly string[], given: RequestInit['headers']): Headers {
  const headers = new Headers(given);
  for (const name of names) headers.delete(name);
  return headers;
}

/** As the platform's `fetch` fails. */
function failed(cause: unknown): TypeError {
  return new TypeError('fetch failed', { cause });
}

/** A response to a `fetch` that was called for the last URL alone does not know of the others. */
function asRedirected(response: Response, type: Response['type']): Response {
  const { clone } = response;
  return Object.defineProperties(response, {
    redirected: { value: true },
    type: { value: type },
    clone: { value: () => asRedirected(clone.call(response), type) },
  });
}
