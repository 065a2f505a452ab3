import type { Settings } from '../config/settings.js';

/** Where a URL leads: to the API, or elsewhere; `origin` is undefined if the URL has none that counts. */
export type Destination = 'api' | { readonly origin: string | undefined };

/** Decides which URLs may have the token. */
export class OriginGuard {
  readonly #settings: Settings;
  readonly #prefixes: readonly string[];
  readonly #sharesTokenOrigin: boolean;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#prefixes = [...settings.apiOrigins].map((origin) => `${origin}/`);
    this.#sharesTokenOrigin = settings.apiOrigins.has(settings.tokenUrl.origin);
  }

  destination(url: string): Destination {
    const { apiOrigins, tokenUrl } = this.#settings;
    // A string that begins with a whole origin and a slash is of that origin, whatever follows: no need to parse it.
    if (!this.#sharesTokenOrigin && this.#prefixes.some((prefix) => url.startsWith(prefix))) return 'api';
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
    return this.#sharesTokenOrigin && parsed.origin === tokenUrl.origin && parsed.pathname === tokenUrl.pathname
      ? { origin: parsed.origin }
      : 'api';
  }
}
