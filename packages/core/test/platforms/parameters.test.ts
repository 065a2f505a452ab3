import { createTokenSource, memoryTokenStore, type OpenBankingAuthConfig } from '@open-banking-auth/core';
import { IN_FULL } from '@open-banking-auth/test-kit/in-full';
import { recordCalls } from '@open-banking-auth/test-kit/token-endpoint';
import fc from 'fast-check';
import { generateKey } from './keys.js';
import { CLIENT, HOSTS, plainSource, refusal, STORE_SECRET } from './plain-source.js';

describe('parameters', () => {
  test('are form fields of the token request, a list being one field several times', async () => {
    const parameters = { resource: ['https://b.invalid', 'https://a.invalid'], psu_id_type: '1', audience: 'a & b=ä' };
    const { tokens, calls } = plainSource((fetch) => ({ ...HOSTS, ...CLIENT, fetch, scope: 'AIS', parameters }));
    await tokens.get();
    expect([...(calls[0]?.form ?? [])].sort()).toEqual([
      ['audience', 'a & b=ä'],
      ['client_id', CLIENT.clientId],
      ['client_secret', CLIENT.clientSecret],
      ['grant_type', 'client_credentials'],
      ['psu_id_type', '1'],
      ['resource', 'https://a.invalid'],
      ['resource', 'https://b.invalid'],
      ['scope', 'AIS'],
    ]);
  });

  test('are read once', async () => {
    const parameters = { audience: 'a' };
    const { tokens, calls } = plainSource((fetch) => ({ ...HOSTS, ...CLIENT, fetch, parameters }));
    parameters.audience = 'b';
    await tokens.get();
    expect(calls[0]?.form.get('audience')).toBe('a');
  });

  test.each(['grant_type', 'scope', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type'])(
    'with "%s", which the library writes, are invalid',
    (name) => {
      expect(refusal({ ...HOSTS, ...CLIENT, parameters: { [name]: 'x' } })).toContain(
        `"parameters" has "${name}", which this library writes itself. Use the option for it; for another grant`,
      );
    },
  );

  test.each([
    ['a string', 'audience=x', '"parameters" is a string'],
    ['an array', [['audience', 'x']], '"parameters" is an array'],
    ['search parameters', new URLSearchParams('audience=x'), '"parameters" is an object. Give names and values'],
    ['a value that was not set', { audience: undefined }, '"parameters.audience" is undefined'],
    ['an empty value', { audience: '' }, '"parameters.audience" is ""'],
    ['the text "undefined"', { audience: 'undefined' }, '"parameters.audience" is "undefined"'],
    ['an empty list', { resource: [] }, '"parameters.resource" is an array'],
    ['a number', { audience: 1 }, '"parameters.audience" is a number'],
    ['a list with a number', { audience: ['x', 1] }, '"parameters.audience" is a number'],
  ])('that are or have %s are invalid', (_, parameters, says) => {
    expect(refusal({ ...HOSTS, ...CLIENT, parameters })).toContain(says);
  });
});

describe('the name of a token', () => {
  /** What a token request says, whatever the order of its fields. An assertion is another one each time: the key stands for it. */
  const formOf = (form: URLSearchParams) =>
    JSON.stringify([...form].filter(([name]) => name !== 'client_assertion').sort());

  const word = fc.constantFrom('a', 'b', 'a b', '["a"]', 'a,b');
  const settings = {
    host: fc.constantFrom('x', 'y'),
    clientId: word,
    method: fc.constantFrom('client_secret_post', 'client_secret_basic', 'tls_client_auth', 'private_key_jwt'),
    key: fc.constantFrom(0, 1),
    scope: fc.option(fc.constantFrom('a', 'b', 'a,b', 'a b', 'b a'), { nil: undefined }),
    parameters: fc.option(
      fc.dictionary(
        fc.constantFrom('audience', 'resource'),
        fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 2 })),
      ),
      { nil: undefined },
    ),
  };
  // Settings that differ in one thing: two at random hardly ever have all the others in common.
  const change = fc.oneof(...Object.entries(settings).map(([name, value]) => value.map((to) => ({ [name]: to }))));
  const fleet = fc
    .tuple(fc.record(settings), fc.array(change, { minLength: 4, maxLength: 12 }))
    .map(([one, changes]) => [one, ...changes.map((other) => ({ ...one, ...other }))]);

  test('a token never reaches a source whose token request would differ, through a store that all share', async () => {
    const clientKeys = (await Promise.all([0, 1].map(() => generateKey('ES256', 'the same')))).map(({ jwk }) => jwk);
    await fc.assert(
      fc.asyncProperty(fleet, async (all) => {
        const store = memoryTokenStore();
        const requestOf = new Map<string, string>();
        const sources = all.map(({ host, clientId, method, key, scope, parameters }) => {
          const tokenUrl = `https://${host}.bank.invalid/token`;
          const hosts = { ...HOSTS, tokenUrl, scope, parameters, store };
          // What the request says of itself, apart from a secret that is the same in all.
          const { calls, fetch } = recordCalls((_n, { url, init, form }) => {
            const proof = method === 'private_key_jwt' ? key : new Headers(init.headers).get('authorization');
            const value = `token-of-${requestOf.size}`;
            requestOf.set(value, `${url} ${method} ${proof} ${formOf(form)}`);
            return Response.json({ access_token: value, token_type: 'Bearer', expires_in: 3_600 });
          });
          const proofs = {
            client_secret_post: { clientSecret: STORE_SECRET },
            client_secret_basic: { clientSecret: STORE_SECRET },
            tls_client_auth: { storeSecret: STORE_SECRET },
            private_key_jwt: { storeSecret: STORE_SECRET, clientKey: clientKeys[key] },
          };
          const client = { clientId, fetch, clientAuthentication: method, ...proofs[method] };
          const config = { ...hosts, ...client } as OpenBankingAuthConfig;
          return { config, calls, tokens: createTokenSource(config) };
        });
        for (const { config, tokens } of sources) {
          const { value } = await tokens.get();
          // The request that this source would make itself, made without the store.
          const before = requestOf.size;
          await createTokenSource({ ...config, store: undefined } as OpenBankingAuthConfig).get();
          const own = requestOf.get(`token-of-${before}`);
          expect(requestOf.get(value)).toBe(own);
        }
      }),
      { numRuns: IN_FULL ? 60 : 25 },
    );
  });

  test('is the same for parameters in another order, and another for other ones', async () => {
    const store = memoryTokenStore();
    const sourceWith = (parameters: Record<string, string | string[]>) =>
      plainSource((fetch) => ({ ...HOSTS, ...CLIENT, fetch, store, parameters }));
    const one = sourceWith({ a: '1', b: '2' });
    const same = sourceWith({ b: '2', a: '1' });
    const others = [{}, { a: '1' }, { a: '2', b: '1' }, { a: ['1', '2'] }, { 'a=1&b': '2' }].map(sourceWith);
    for (const { tokens } of [one, same, ...others]) await tokens.get();
    expect([one, same, ...others].map(({ calls }) => calls.length)).toEqual([1, 0, 1, 1, 1, 1, 1]);
  });
});
