import type { BearerAuth } from '@open-banking-auth/core/client';
import type { InternalAxiosRequestConfig } from 'axios';

type BeforeRedirect = NonNullable<InternalAxiosRequestConfig['beforeRedirect']>;

/** What decides where the http adapter's transport sends a redirected request, a proxy included. */
interface Target {
  readonly protocol?: unknown;
  readonly hostname?: unknown;
  readonly host?: unknown;
  readonly port?: unknown;
  readonly path?: unknown;
}

/**
 * The http adapter's transport keeps `Authorization` on a redirect to a subdomain; a token is for whole origins. The
 * caller's own `beforeRedirect` may send the request elsewhere, so that what it made of it is judged too.
 */
export function redirectFence(bearerAuth: BearerAuth, own: BeforeRedirect | undefined): BeforeRedirect {
  return (options, ...details) => {
    if (!bearerAuth.mayHaveToken(String(options.href))) dropAuthorization(options.headers);
    if (!own) return;
    const before: Target = { ...options };
    own(options, ...details);
    if (!bearerAuth.mayHaveToken(targetOf(options, before))) dropAuthorization(options.headers);
  };
}

/**
 * The same for the fetch adapter, which takes a `fetch` from its config: axios 1.12 and later. Each config gets the same
 * function, since axios keeps an adapter for each.
 */
export function fetchFence(bearerAuth: BearerAuth): (config: InternalAxiosRequestConfig) => void {
  const globalFetch: typeof fetch = (input, init) => globalThis.fetch(input, init);
  const fenced = new WeakMap<object, typeof fetch>();
  return (config) => {
    const own = config.env?.fetch ?? globalFetch;
    let fence = fenced.get(own);
    if (!fence) {
      fence = bearerAuth.fence(own);
      fenced.set(own, fence);
    }
    if (fence !== own) config.env = { ...config.env, fetch: fence };
  };
}

function dropAuthorization(headers: Record<string, string>): void {
  for (const name of Object.keys(headers)) {
    if (name.toLowerCase() === 'authorization') delete headers[name];
  }
}

/** The URL that is really requested. Empty, which may not have the token, if it is not certain. */
function targetOf(options: Target, before: Target): string {
  const { protocol, hostname, host, port, path } = options;
  // A proxy gets the whole URL in place of a path. Which one it is, is axios' business.
  if (typeof path === 'string' && !path.startsWith('/')) {
    const isSameProxy = (['protocol', 'hostname', 'host', 'port'] as const).every(
      (part) => options[part] === before[part],
    );
    return isSameProxy ? path : '';
  }
  const name = String(hostname || host);
  return `${protocol}//${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}${port ? `:${port}` : ''}/`;
}
