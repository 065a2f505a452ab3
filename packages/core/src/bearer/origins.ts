import type { Settings } from '../config/settings.js';
import { invalidConfig } from '../errors.js';
import { LONGEST_HEADER_CHARACTERS } from '../policy.js';

/** Where a URL leads: to the API, or elsewhere; `origin` is undefined if the URL has none that counts. */
export type Destination = 'api' | { readonly origin: string | undefined };

/** Decides which URLs may have the token. */
export class OriginGuard {
  readonly #settings: Settings;
  readonly #prefixes: readonly string[];
  /** As servers read it; `undefined` if the token endpoint has an origin of its own. */
  readonly #tokenPath: string | undefined;
  /** Loaded at once, but only where it is needed: few platforms have both on one origin. */
  readonly #fencedFetch: Promise<typeof import('../web/fenced-fetch.js')> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#prefixes = [...settings.apiOrigins].map((origin) => `${origin}/`);
    const { apiOrigins, tokenUrl } = settings;
    this.#tokenPath = tokenUrl && apiOrigins.has(tokenUrl.origin) ? pathAsRead(tokenUrl) : undefined;
    if (this.#tokenPath !== undefined) this.#fencedFetch = import('../web/fenced-fetch.js');
    this.#fencedFetch?.catch(() => {}); // Each request says so.
  }

  /** See `BearerAuth`. */
  fence(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    const loading = this.#fencedFetch;
    if (!loading) return fetch;
    return async (input, init) => {
      const { fencedFetch } = await loading;
      return fencedFetch(fetch, (url) => this.destination(url) === 'api', input, init);
    };
  }

  destination(url: string): Destination {
    const { apiOrigins, tokenUrl } = this.#settings;
    // A string that begins with a whole origin and a slash is of that origin, whatever follows: no need to parse it.
    if (this.#tokenPath === undefined && this.#prefixes.some((prefix) => url.startsWith(prefix))) return 'api';
    let parsed: URL;
    try {
      parsed = new URL(url);
    } catch {
      // Not a URL: the client's own error explains that better.
      return { origin: undefined };
    }
    // Credentials in the URL are the caller's own.
    if (parsed.username !== '' || parsed.password !== '') return { origin: undefined };
    if (!apiOrigins.has(parsed.origin)) return { origin: parsed.origin };
    // Behind a gateway both may have one origin; the token endpoint itself still never gets a token.
    if (parsed.origin !== tokenUrl?.origin) return 'api';
    // No server reads a longer one; padded far enough it could still name the token endpoint.
    const isReadable = url.length <= LONGEST_HEADER_CHARACTERS;
    return isReadable && pathAsRead(parsed) !== this.#tokenPath ? 'api' : { origin: parsed.origin };
  }
}

export function originNotAllowed(origin: string) {
  return invalidConfig(
    `"apiOrigins" does not contain ${JSON.stringify(origin)}, the base of a request with a relative URL`,
    'Add it if the token may go there; if not, give that client no token, or send the request with { openBanking: false }',
  );
}

/**
 * A path in the one spelling that a tolerant server makes of all: decoded, without a query, empty segments, dots and matrix
 * parameters, in lower case; Windows drops dots and spaces at the end of names too. Decoded twice, since a proxy before the
 * server may do it as well.
 */
function pathAsRead({ pathname }: URL): string {
  const segments: string[] = [];
  const [path = ''] = decoded(decoded(pathname)).split(/[?#\0]/, 1);
  for (const segment of path.split(/[/\\]/)) {
    const [name = ''] = segment.toLowerCase().split(';', 1);
    const trimmed = name.replace(/(?<![. ])[. ]+$/, '');
    if (name === '..') segments.pop();
    else if (trimmed !== '') segments.push(trimmed);
  }
  return segments.join('/');
}

/** Only ASCII, so that a path that is not UTF-8 does not fail. */
function decoded(path: string): string {
  return path.replaceAll(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
