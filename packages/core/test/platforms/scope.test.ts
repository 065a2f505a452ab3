import { CONFIG, grantedWith, sourceOver } from '@open-banking-auth/test-kit/token-endpoint';
import { CLIENT, HOSTS, plainSource, refusal } from './plain-source.js';

const sourceFor = (scope?: string | readonly string[]) =>
  plainSource((fetch) => ({ ...HOSTS, ...CLIENT, fetch, scope }));

describe('the scope of another platform', () => {
  test.each([
    ['none', undefined, null],
    ['an empty one', '', null],
    ['an empty list', [], null],
    ['one word', 'api', 'api'],
    ['words with commas', 'accounts:read,user:create', 'accounts:read,user:create'],
    ['a URL', 'https://api.bank.invalid/.default', 'https://api.bank.invalid/.default'],
    ['words in upper case', 'AIS PIS', 'AIS PIS'],
    ['words in another order, and twice', ' b  a b ', 'a b'],
    ["openpayments.io's words in another spelling", 'Private AccountInformation', 'AccountInformation Private'],
    ['both PSU contexts', 'private corporate', 'corporate private'],
  ])('may be %s, and is not judged', async (_, scope, sent) => {
    const { tokens, calls, all } = sourceFor(scope);
    expect((await tokens.get()).scope).toBe(sent ?? '');
    expect(calls.map(({ form }) => form.get('scope'))).toEqual([sent]);
    expect(all.filter(({ type }) => type === 'scope.unrecognised')).toEqual([]);
  });

  test.each([
    ['"', 'a "b"', '"scope" holds a character that is not allowed in a scope: "\\"b\\""'],
    ['a number', 7, '"scope" must be a string or an array of strings, got a number'],
    ['a variable that is not set', 'undefined', '"scope" has the word "undefined". Check that it is set'],
  ])('with %s is invalid', (_, scope, says) => {
    expect(refusal({ ...HOSTS, ...CLIENT, scope })).toContain(says);
  });

  test('may be that of openpayments.io, behind a gateway: requests can switch its context', async () => {
    const { tokens, calls } = sourceFor('private accountinformation');
    await tokens.get();
    await tokens.get({ context: 'corporate' });
    await tokens.get({ scope: 'paymentinitiation' });
    expect(calls.map(({ form }) => form.get('scope'))).toEqual([
      'accountinformation private',
      'accountinformation corporate',
      'paymentinitiation private',
    ]);
  });

  test.each([{ context: 'corporate' as const }, { context: 'corporate' as const, scope: 'b' }])(
    'without a PSU context has none to switch: %j is invalid, and the error says why',
    async (options) => {
      const { tokens, calls } = sourceFor('a');
      await expect(tokens.get(options)).rejects.toMatchObject({
        code: 'invalid_config',
        message: expect.stringMatching(
          /"openBanking.context" is "corporate", and the scope has no PSU context that it could replace\. Leave it out: for/,
        ),
      });
      expect(calls).toEqual([]);
    },
  );

  test('of one request is another token, and what was granted is said', async () => {
    const { tokens, calls } = plainSource(
      (fetch) => ({ ...HOSTS, ...CLIENT, fetch, scope: 'a' }),
      (n) => grantedWith(n, { scope: 'granted' }),
    );
    const [one, other] = [await tokens.get(), await tokens.get({ scope: 'b' })];
    expect([one.value, other.value, other.scope]).toEqual(['token-1', 'token-2', 'granted']);
    expect(await tokens.get({ scope: ['a'] })).toBe(one);
    expect(calls).toHaveLength(2);
  });
});

describe('openpayments.io is chosen', () => {
  test.each([
    ['by environment, with hosts of your own', { environment: 'sandbox', ...HOSTS }],
    ['by its token URL', { tokenUrl: 'https://auth.openbankingplatform.com/connect/token' }],
    [
      'by a host that it may move to',
      { ...HOSTS, tokenUrl: 'https://new.sandbox.openbankingplatform.com/connect/token' },
    ],
  ])('%s: its scopes are as strict as ever', (_, hosts) => {
    expect(refusal({ ...hosts, ...CLIENT, scope: 'accountinformation' })).toContain('has no PSU context');
    expect(refusal({ ...hosts, ...CLIENT })).toContain('"scope" must be a string or an array of strings');
    expect(refusal({ ...hosts, ...CLIENT, scope: 'a private', clientAuthentication: 'tls_client_auth' })).toContain(
      'It must be "client_secret_post" or "client_secret_basic"',
    );
  });

  test.each(['https://openbankingplatform.com.bank.invalid/token', 'https://bank.invalid/openbankingplatform.com'])(
    'not by %s',
    (tokenUrl) => expect(plainSource(() => ({ ...HOSTS, ...CLIENT, tokenUrl })).tokens).toBeDefined(),
  );

  test('there, unheard words are still an event', () => {
    const { all } = sourceOver(() => new Response(), { ...CONFIG, scope: 'unheard private' });
    expect(all.map(({ type }) => type)).toEqual(['scope.unrecognised']);
  });
});
