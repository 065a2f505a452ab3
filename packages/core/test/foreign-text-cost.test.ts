import { type ClientSecretConfig, createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { cpuMs, HOSTILE_PIECES, MOST_MS } from '@open-banking-auth/test-kit/hostile-text';
import { IN_FULL } from '@open-banking-auth/test-kit/in-full';
import { CONFIG, granted, json, QUICK_CLOCK } from '@open-banking-auth/test-kit/token-endpoint';

// One piece of foreign text must not hold up the process, whatever it is and however long. Each place where the library
// looks at text of others gets all that is hostile, small and large, and processor time is measured.

type Run = () => Promise<unknown>;

function get(answer: () => Promise<Response>, over: Partial<ClientSecretConfig> = {}): Run {
  return () =>
    createTokenSource({ ...CONFIG, ...over, fetch: answer }, { clock: QUICK_CLOCK })
      .get()
      .catch((error: unknown) => error);
}

function getWith(body: object | string, status = 200): Run {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return get(async () => new Response(bytes, { status }));
}

function unauthorized(body: string, header?: string): Run {
  const bytes = Buffer.from(body);
  const rejection = () => {
    const response = new Response(bytes, { status: 401 });
    return header === undefined ? response : withHeader(response, 'www-authenticate', header);
  };
  return async () => {
    let sent = 0;
    const api = async () => (++sent === 1 ? rejection() : new Response('{}'));
    let n = 0;
    return openBankingFetch(
      { ...CONFIG, fetch: async () => granted(++n) },
      { fetch: api },
    )('https://api.test.invalid/');
  };
}

/** Headers of any length, as a fetch of the caller's can have them. */
function withHeader(response: Response, name: string, value: string): Response {
  const get = (wanted: string) => (wanted === name ? value : null);
  return Object.defineProperty(response, 'headers', { value: { get, has: () => false } });
}

function invalid(...configurations: object[]): Run {
  return async () => {
    for (const over of configurations) expect(() => createTokenSource({ ...CONFIG, ...over })).toThrow();
  };
}

const failingWith = (text: string) => () =>
  Promise.reject(Object.assign(new Error(text), { code: text, name: text, cause: { message: text, code: text } }));

/** A text as each foreign party gives it. */
const FOREIGN: Readonly<Record<string, (text: string) => Run>> = {
  'the body of a token response': getWith,
  'the body of a token response, cut off at its limit': (text) => getWith(text.slice(0, 65_000)),
  'the body of a rejection': (text) => getWith(text.slice(0, 65_000), 400),
  'a token': (text) => getWith({ access_token: text.slice(0, 8_192), token_type: 'Bearer', scope: 'x' }),
  'a granted scope': (text) => getWith({ access_token: 'x', token_type: 'Bearer', scope: text.slice(0, 20_000) }),
  'token_type and expires_in': (text) =>
    getWith({ access_token: 'x', token_type: text.slice(0, 10_000), expires_in: text.slice(0, 10_000) }),
  'error and description': (text) =>
    getWith({ error: text.slice(0, 5_000), error_description: text.slice(0, 30_000) }, 400),
  'X-Request-ID of a rejection': (text) => get(async () => withHeader(json({ error: 'x' }, 400), 'x-request-id', text)),
  'Retry-After': (text) => get(async () => withHeader(json({}, 503), 'retry-after', text)),
  'a network error': (text) => get(failingWith(text)),
  'an error of the clientSecret function': (text) => get(async () => granted(1), { clientSecret: failingWith(text) }),
  'WWW-Authenticate': (text) => unauthorized('', text),
  'the body of a 401': (text) => unauthorized(text),
  'the texts in the body of a 401': (text) => unauthorized(JSON.stringify([{ code: text, text, detail: text }])),
  'a value in the store': (value) =>
    get(async () => granted(1), { store: { get: async () => value, set: async () => {}, delete: async () => {} } }),
  'an error of the store': (text) => {
    const fail = failingWith(text);
    return get(async () => granted(1), { store: { get: fail, set: fail, delete: fail } });
  },
};

/** What an application may have from its own callers, or from a link in a response. */
const HANDED_ON: typeof FOREIGN = {
  'the scope of a request': (scope) => withOptions({ scope: `${scope} private` }),
  'the context of a request': (context) => withOptions({ context: context as 'private' }),
  'the name of an option of a request': (text) => withOptions({ [`scope${text}`]: 1 }),
  'the URL of a request, where API and token endpoint share an origin': (text) => async () => {
    const source = { ...CONFIG, tokenUrl: 'https://api.test.invalid/connect/token', fetch: async () => granted(1) };
    return openBankingFetch(source, { fetch: async () => new Response('{}') })(`https://api.test.invalid/${text}`);
  },
};

function withOptions(options: object): Run {
  return () =>
    createTokenSource({ ...CONFIG, fetch: async () => granted(1) })
      .get(options)
      .catch((error: unknown) => error);
}

const OWN: typeof FOREIGN = {
  'tokenUrl, apiOrigins and environment': (text) =>
    invalid({ tokenUrl: text }, { apiOrigins: [text] }, { environment: text }),
  'scope, clientId and clientSecret': (text) =>
    invalid({ scope: `${text} private corporate` }, { clientId: `${text} ` }, { clientSecret: `\0${text}` }),
};

const SMALL = 2 ** 13;
const LARGE = IN_FULL ? 2 ** 19 : 2 ** 17;

/** Pieces of which the large text takes more than `mostMs`, or more than in proportion to its length. */
async function slowPieces(give: (text: string) => Run, mostMs: number, length = LARGE): Promise<object[]> {
  const slow: object[] = [];
  for (const piece of HOSTILE_PIECES) {
    const large = give(piece.repeat(length / piece.length));
    // Nearly all take a few milliseconds at the first attempt, and need no closer look.
    if ((await cpuMs(large, 1)) < 10) continue;
    const small = give(piece.repeat(SMALL / piece.length));
    const largeMs = await cpuMs(large, 5);
    const smallMs = Math.max(0.5, await cpuMs(small, 5));
    if (largeMs > mostMs || largeMs / smallMs > 2 * (length / SMALL)) slow.push({ piece, largeMs, smallMs });
  }
  return slow;
}

test.each(Object.entries({ ...FOREIGN, ...HANDED_ON }))(
  `${MOST_MS} ms are enough for %s, whatever it is and however long`,
  async (_, give) => {
    expect(await slowPieces(give, MOST_MS)).toEqual([]);
  },
);

test.each(Object.entries(OWN))('%s take time in proportion to their length', async (_, give) => {
  expect(await slowPieces(give, Number.POSITIVE_INFINITY, 2 ** 16)).toEqual([]);
});
