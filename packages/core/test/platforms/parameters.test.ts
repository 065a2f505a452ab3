import { createTokenSource, memoryTokenStore, type OpenBankingAuthConfig } from '@open-banking-auth/core';
import { granted, recordCalls } from '@open-banking-auth/test-kit/token-endpoint';
import fc from 'fast-check';
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
    ['an empty value', { audience: '' }, '"parameters.audience" is empty'],
    ['a number', { audience: 1 }, '"parameters.audience" is a number'],
    ['a list with a number', { audience: ['x', 1] }, '"parameters.audience" is a number'],
  ])('that are or have %s are invalid', (_, parameters, says) => {
    expect(refusal({ ...HOSTS, ...CLIENT, parameters })).toContain(says);
  });
});

describe('the name of a token', () => {
  /** What a token request says, whatever the order of its fields. */
  const formOf = (form: URLSearchParams) => JSON.stringify([...form].sort());

  const word = fc.constantFrom('a', 'b', 'a b', '["a"]', 'a,b');
  const settings = fc.record({
    host: fc.constantFrom('x', 'y'),
    clientId: word,
    method: fc.constantFrom('client_secret_post', 'client_secret_basic', 'tls_client_auth'),
    scope: fc.option(fc.constantFrom('a', 'b', 'a,b', 'a b', 'b a'), { nil: undefined }),
    parameters: fc.option(
      fc.dictionary(
        fc.constantFrom('audience', 'resource'),
        fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 2 })),
      ),
      { nil: undefined },
    ),
  });

  test('a token never reaches a source whose token request would differ, through a store that all share', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(settings, { minLength: 2, maxLength: 12 }), async (all) => {
        const store = memoryTokenStore();
        const requestOf = new Map<string, string>();
        const sources = all.map(({ host, clientId, method, scope, parameters }) => {
          const tokenUrl = `https://${host}.bank.invalid/token`;
          const hosts = { ...HOSTS, tokenUrl, scope, parameters, store };
          // What the request says of itself, apart from a secret that is the same in all.
          const { calls, fetch } = recordCalls((n, { url, init, form }) => {
            const name = `${url} ${method} ${new Headers(init.headers).get('authorization')} ${formOf(form)}`;
            const value = `token-of-${requestOf.size}`;
            requestOf.set(value, name);
            return granted(n)
              .json()
              .then((body) => Response.json({ ...Object(body), access_token: value }));
          });
          const config: OpenBankingAuthConfig =
            method === 'tls_client_auth'
              ? { ...hosts, clientId, fetch, clientAuthentication: method, storeSecret: STORE_SECRET }
              : {
                  ...hosts,
                  clientId,
                  clientSecret: STORE_SECRET,
                  fetch,
                  clientAuthentication: method as 'client_secret_post',
                };
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
      { numRuns: 60 },
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
