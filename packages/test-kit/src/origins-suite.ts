import { createTokenSource, type TokenSource } from '@open-banking-auth/core';
import { CONFIG, granted } from './token-endpoint.js';

/** Where a request arrived, by the scheme, name and port that were asked for. */
export interface Arrival {
  readonly origin: string;
  readonly authorization: string | undefined;
}

/** A client whose requests all arrive here, wherever they were sent to. */
export interface PlacedClient {
  readonly name: string;
  /** Ports at which the API and a foreign host are. Default: any, since nothing is really sent. */
  readonly ports?: () => { readonly api: number; readonly foreign: number };
  /** Whether it has a base, which makes some of the URLs paths of the API. */
  readonly based?: boolean;
  /** Whether URLs that are absolute, and made paths of the API, go there without a token. */
  readonly cautious?: boolean;
  /** Names of URLs that some versions of this client reject as invalid. */
  readonly rejects?: readonly string[];
  over(source: TokenSource, arrived: (arrival: Arrival) => void): (url: string) => Promise<unknown>;
}

/** A `fetch` that goes nowhere and notes where it would have gone. */
export function arrivingFetch(arrived: (arrival: Arrival) => void): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const { origin } = new URL(request.url);
    arrived({ origin, authorization: request.headers.get('authorization') ?? undefined });
    return new Response('{}', { headers: { 'content-type': 'application/json' } });
  };
}

interface Names {
  /** `api.localhost:8080`, which is allowed, and its parts. */
  readonly api: string;
  readonly port: number;
  /** `evil.localhost:9090`, which is not. */
  readonly evil: string;
  readonly evilPort: number;
}

// Each is one request. Only one that arrives at the API's own origin has the token.
const ROWS: readonly [name: string, url: (names: Names) => string, token: boolean][] = [
  ['the origin', ({ api }) => `http://${api}`, true],
  ['a path', ({ api }) => `http://${api}/psd2/x?a=b`, true],
  ['capitals', ({ api }) => `HTTP://${api.toUpperCase()}/x`, true],
  ['a name that is encoded', ({ api }) => `http://${api.replace('a', '%61')}/x`, true],
  ['full-width letters, which mean the same', ({ api }) => `http://${api.replace('api', 'ａｐｉ')}/x`, true],
  ['backslashes for slashes', ({ api }) => `http:\\\\${api}\\x`, true],
  ['a foreign host in the query', ({ api, evil }) => `http://${api}?@${evil}/x`, true],
  ['a foreign host in the fragment', ({ api, evil }) => `http://${api}#@${evil}/x`, true],
  ['a foreign host in the path', ({ api, evil }) => `http://${api}//${evil}/x`, true],
  ['another port', ({ evilPort }) => `http://api.localhost:${evilPort}/x`, false],
  ['a foreign host', ({ evil }) => `http://${evil}/x`, false],
  ['a longer name', ({ evilPort }) => `http://api.localhost.evil.localhost:${evilPort}/x`, false],
  ['a subdomain', ({ evilPort }) => `http://sub.api.localhost:${evilPort}/x`, false],
  ['the domain above', ({ port }) => `http://localhost:${port}/x`, false],
  ['a trailing dot', ({ port }) => `http://api.localhost.:${port}/x`, false],
  ['a letter of another alphabet', ({ evilPort }) => `http://аpi.localhost:${evilPort}/x`, false],
  ['an umlaut', ({ evilPort }) => `http://äpi.localhost:${evilPort}/x`, false],
  ['the API as user info', ({ api, evil }) => `http://${api.replace(':', '%3A')}@${evil}/x`, false],
  ['the API as user name and password', ({ api, evil }) => `http://${api}@${evil}/x`, false],
  ['the API as user info, before a backslash', ({ api, evil }) => `http://${evil}\\@${api}/x`, false],
  ['credentials of the caller', ({ api }) => `http://me:pw@${api}/x`, false],
  ['the API in the path', ({ api, evil }) => `http://${evil}/http://${api}/x`, false],
  ['the API in the fragment', ({ api, evil }) => `http://${evil}#http://${api}/`, false],
  ['no scheme', ({ evil }) => `//${evil}/x`, false],
  ['no scheme, and backslashes', ({ evil }) => `\\\\${evil}\\x`, false],
  ['a space before a foreign host', ({ evil }) => ` http://${evil}/x`, false],
  ['a tab in the scheme of a foreign host', ({ evil }) => `ht\ttp://${evil}/x`, false],
  ['a line break after the name', ({ evil }) => `http://api.localhost\n.${evil}/x`, false],
];

/** Checks for one client where the token goes, for every way of writing a URL. */
export function describeOrigins(client: PlacedClient): void {
  describe(`${client.name}: the token reaches apiOrigins alone`, () => {
    const reach = async (write: (names: Names) => string, scheme: 'http' | 'https' = 'http') => {
      const { api: port, foreign: evilPort } = client.ports?.() ?? { api: 8080, foreign: 9090 };
      const api = `api.localhost:${port}`;
      const arrivals: Arrival[] = [];
      const apiOrigins = [`${scheme}://${api}`];
      const tokens = createTokenSource({ ...CONFIG, apiOrigins, fetch: async () => granted(1) });
      const send = client.over(tokens, (arrival) => arrivals.push(arrival));
      // Some clients reject some of these as invalid. Then nothing is sent, which is as good.
      const url = write({ api, port, evil: `evil.localhost:${evilPort}`, evilPort });
      await Promise.resolve()
        .then(() => send(url))
        .catch(() => {});
      return { arrivals, api };
    };

    test.each(ROWS)('%s', async (name, write, token) => {
      const { arrivals, api } = await reach(write);
      const seen = arrivals.map(({ origin, authorization }) => {
        const place = origin === `http://${api}` ? 'at the API' : 'elsewhere';
        return `${place} ${authorization === 'Bearer token-1' ? 'with' : 'without'} the token`;
      });
      // Credentials in the URL are the caller's own, and win.
      const own = name === 'credentials of the caller';
      if (client.based) {
        const right = ['elsewhere without the token', 'at the API with the token'];
        if (own || client.cautious) right.push('at the API without the token');
        expect(seen.filter((one) => !right.includes(one))).toEqual([]);
      } else if (token) {
        const sent = ['at the API with the token'];
        expect(client.rejects?.includes(name) ? [[], sent] : [sent]).toContainEqual(seen);
      } else {
        expect([[], [`${own ? 'at the API' : 'elsewhere'} without the token`]]).toContainEqual(seen);
      }
    });

    test('plain http to an API that is https', async () => {
      const { arrivals } = await reach(({ api }) => `http://${api}/x`, 'https');
      expect(arrivals.map(({ authorization }) => authorization)).toEqual(client.based ? [] : [undefined]);
    });
  });
}
