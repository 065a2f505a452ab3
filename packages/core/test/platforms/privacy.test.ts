import { memoryTokenStore, openBankingFetch } from '@open-banking-auth/core';
import { expectNothingDisclosed } from '@open-banking-auth/test-kit/disclosures';
import { ENCODINGS } from '@open-banking-auth/test-kit/encodings';
import { SINKS } from '@open-banking-auth/test-kit/sinks';
import type { TokenCall } from '@open-banking-auth/test-kit/token-endpoint';
import { generateKey, type KeyPair } from './keys.js';
import { HOSTS, plainSource, STORE_SECRET } from './plain-source.js';

let pair: KeyPair;
beforeAll(async () => {
  pair = await generateKey('RS256');
});

const assertionOf = ({ form }: TokenCall) => form.get('client_assertion') ?? '';
const rejected = (over: object, headers = {}) =>
  Response.json({ error: 'invalid_client', ...over }, { status: 401, headers });

/** What a server, or a proxy, may do with what it was sent. */
const ANSWERS: Readonly<Record<string, (call: TokenCall) => Response>> = {
  'repeats the assertion': (call) => rejected({ error_description: `bad assertion: ${assertionOf(call)}` }),
  'repeats it as an error': (call) => rejected({ error: assertionOf(call) }),
  'repeats it as the id of the request': (call) => rejected({}, { 'x-request-id': assertionOf(call) }),
  'repeats the form': ({ form }) => rejected({ error_description: String(form) }),
  'repeats it as HTML': (call) => new Response(`<p>${assertionOf(call)}</p>`, { status: 400 }),
  'repeats it as the scope': (call) =>
    Response.json({ access_token: 'canary-token', token_type: 'Bearer', scope: assertionOf(call) }),
  'repeats it as an unusable token': (call) => Response.json({ access_token: assertionOf(call), token_type: 'mac' }),
  'is a proxy that throws it': (call) => {
    throw new Error(`could not send ${call.init.body}`);
  },
  'is a proxy that throws the request': (call) => {
    throw Object.assign(new Error('no'), { cause: Object.assign(new Error(assertionOf(call)), { request: call }) });
  },
  ...Object.fromEntries(
    Object.entries(ENCODINGS).map(([how, encode]) => [
      `repeats its signature ${how}`,
      (call: TokenCall) => rejected({ error_description: encode(assertionOf(call).split('.')[2] ?? '') }),
    ]),
  ),
  'grants a token': () => Response.json({ access_token: 'canary-token', token_type: 'Bearer', expires_in: 60 }),
};

test.each(Object.entries(ANSWERS))(
  'a server that %s: neither key nor assertion nor storeSecret is in an error, an event or the source',
  async (_, answer) => {
    const assertions: string[] = [];
    const store = memoryTokenStore();
    const values: unknown[] = [];
    const set = async (...given: Parameters<typeof store.set>) => {
      values.push(given);
      return store.set(...given);
    };
    const { tokens, clock, all } = plainSource(
      (fetch) => ({
        ...HOSTS,
        clientId: 'an application',
        clientAuthentication: 'private_key_jwt',
        clientKey: pair.jwk,
        fetch,
        store: { ...store, set },
        storeSecret: STORE_SECRET,
      }),
      async (_n, call) => {
        assertions.push(assertionOf(call));
        return answer(call);
      },
    );
    const outcomes: unknown[] = [];
    for (let nth = 0; nth < 2; nth++) {
      outcomes.push(await clock.through(tokens.get()).catch((error: unknown) => error));
    }
    const api = openBankingFetch(tokens, { fetch: async () => new Response('', { status: 401 }) });
    outcomes.push(await clock.through(api(`${HOSTS.apiOrigins[0]}/x`)).catch((error: unknown) => error));

    expect(assertions.length).toBeGreaterThan(0);
    const parts = [pair.secret, STORE_SECRET, ...assertions.flatMap((assertion) => assertion.split('.').slice(1))];
    // No text is quoted as long as these, so pieces of them are searched for.
    const secrets = parts.flatMap((part) => [part.slice(0, 24), part.slice(24, 48), part.slice(-24)]).filter(Boolean);
    const shown = [...outcomes, all, tokens, values, api].flatMap((value) =>
      Object.entries(SINKS).map(([way, print]) => [way, print(value)] as const),
    );
    expectNothingDisclosed(shown, secrets);
  },
);
