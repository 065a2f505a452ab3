import type { Settings } from './config.js';

/** Where a URL leads: to the API, or elsewhere; `origin` is missing where there is none to speak of. */
export type Place = 'api' | { readonly origin: string | undefined };

/** Tells which URLs may have the token. */
export function originGuard(settings: Settings): { place(url: string): Place } {
  const prefixes = [...settings.apiOrigins].map((origin) => `${origin}/`);
  const { origin: tokenOrigin, pathname: tokenPath } = settings.tokenUrl;
  const sharesTokenOrigin = settings.apiOrigins.has(tokenOrigin);

  return {
    place(url) {
      // A string that begins with a whole origin and a slash is of that origin, whatever follows: no need to parse it.
      if (!sharesTokenOrigin && prefixes.some((prefix) => url.startsWith(prefix))) return 'api';
      let parsed: URL;
      try {
        parsed = new URL(url);
      } catch {
        // Not a URL: the client's own error says so better.
        return { origin: undefined };
      }
      // Credentials in the URL are the caller's own.
      if (parsed.username !== '' || parsed.password !== '') return { origin: undefined };
      if (!settings.apiOrigins.has(parsed.origin)) return { origin: parsed.origin };
      // Behind a gateway both may have one origin; the token endpoint itself still never gets a token.
      return sharesTokenOrigin && parsed.origin === tokenOrigin && parsed.pathname === tokenPath
        ? { origin: parsed.origin }
        : 'api';
    },
  };
}
