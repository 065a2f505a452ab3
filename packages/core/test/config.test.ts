import { inspect } from 'node:util';
import {
  type ClientSecretConfig,
  createTokenSource,
  isOpenBankingAuthError,
  openBankingFetch,
} from '@open-banking-auth/core';
import { CONFIG, granted, grantedWith, SECRET, sourceOver } from '@open-banking-auth/test-kit/token-endpoint';

function refusal(config: unknown): string {
  try {
    createTokenSource(config as ClientSecretConfig);
  } catch (error) {
    if (!isOpenBankingAuthError(error)) throw error;
    expect(error.code).toBe('invalid_config');
    expect(error.message).toContain(error.hint);
    expect(inspect(error) + JSON.stringify(error)).not.toContain(SECRET);
    return error.message;
  }
  throw new Error('it was accepted');
}

describe('a configuration', () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ['no client id', { clientId: undefined }, ['"clientId" must be a string, got undefined', 'environment variable']],
    ['an empty client id', { clientId: '' }, ['"clientId" is empty']],
    [
      'an id that was never set',
      { clientId: 'undefined' },
      ['"clientId" is the text "undefined"', 'environment variable'],
    ],
    [
      'a secret that was never set',
      { clientSecret: ' null' },
      ['"clientSecret" is the text "null"', 'check that it is set'],
    ],
    ['an id in quotes', { clientId: "'my-id'" }, ['"clientId" is in quotes', 'Remove them', '.env']],
    ['a secret in quotes', { clientSecret: `"${SECRET}"` }, ['"clientSecret" is in quotes', 'Remove them']],
    ['no secret', { clientSecret: undefined }, ['"clientSecret" must be a string, got undefined']],
    ['an empty secret', { clientSecret: ' ' }, ['"clientSecret" is empty']],
    [
      'a secret read with its line break',
      { clientSecret: `${SECRET}\n` },
      ['"clientSecret" begins or ends with', 'Trim it'],
    ],
    [
      'a secret with a control character',
      { clientSecret: `${SECRET}\u0000x` },
      ['"clientSecret" holds a control character'],
    ],
    ['a secret that is no string', { clientSecret: [SECRET] }, ['"clientSecret" must be a string, got an array']],
    [
      'a secret that is still to come',
      { clientSecret: Promise.resolve(SECRET) },
      ['"clientSecret" must be a string, got a promise', 'await a promise'],
    ],
    [
      'a secret as it comes from a file',
      { clientSecret: Buffer.from(SECRET) },
      ['"clientSecret" must be a string, got an object', 'read a file as "utf8"'],
    ],
    ['an environment with a space', { environment: 'sandbox ' }, ['"environment" is "sandbox ". It must be']],
    [
      'no environment and no token URL',
      { environment: undefined, tokenUrl: undefined },
      ['Neither "environment" nor "tokenUrl"', 'connect/token'],
    ],
    ['an unknown environment', { environment: 'staging' }, ['"environment" is "staging"', '"production" or "sandbox"']],
    [
      'a bare host as token URL',
      { tokenUrl: 'https://auth.openbankingplatform.com' },
      ['"tokenUrl" is the bare host "auth.openbankingplatform.com"', '/connect/token'],
    ],
    [
      'a bare host without https',
      { tokenUrl: 'auth.openbankingplatform.com' },
      ['"tokenUrl" is "auth.openbankingplatform.com"', 'not a complete URL'],
    ],
    ['a host and port without https', { tokenUrl: 'localhost:3000/connect/token' }, ['"tokenUrl"', 'not https']],
    [
      'http to a real host',
      { tokenUrl: 'http://auth.test.invalid/connect/token' },
      ['"tokenUrl" is "http://auth.test.invalid"', 'only for loopback'],
    ],
    ['http to a host that pretends', { tokenUrl: 'http://127.0.0.1.test.invalid/connect/token' }, ['not https']],
    [
      'credentials in the token URL',
      { tokenUrl: `https://me:${SECRET.replaceAll(/[^a-z0-9]/g, '')}@auth.test.invalid/t` },
      ['"tokenUrl" holds credentials'],
    ],
    ['a token URL that is no URL', { tokenUrl: 42 }, ['"tokenUrl" must be a URL, got a number']],
    [
      'no API origins for an own token URL',
      { environment: undefined, apiOrigins: undefined },
      ['"apiOrigins" is missing'],
    ],
    [
      'an empty list of API origins',
      { apiOrigins: [] },
      ['"apiOrigins" must be an array with at least one origin, got an empty one'],
    ],
    [
      'API origins that are no array',
      { apiOrigins: 'https://api.test.invalid' },
      ['"apiOrigins" must be an array', 'got a string'],
    ],
    [
      'an origin with a path',
      { apiOrigins: ['https://api.test.invalid/psd2'] },
      ['"apiOrigins[0]" is "https://api.test.invalid/…"', 'Give "https://api.test.invalid"'],
    ],
    [
      'a wildcard as an API origin',
      { apiOrigins: ['https://*.openbankingplatform.com'] },
      ['"apiOrigins[0]" has a wildcard, which never matches', 'Name each origin'],
    ],
    ['every origin', { apiOrigins: ['*'] }, ['"apiOrigins[0]" has a wildcard']],
    [
      'the API in place of the token host',
      { tokenUrl: 'https://api.sandbox.openbankingplatform.com/connect/token' },
      [
        '"tokenUrl" is on the API\'s host "api.sandbox.openbankingplatform.com"',
        '"https://oauth.sandbox.openbankingplatform.com/connect/token"',
      ],
    ],
    [
      "a bare host of the platform's sandbox",
      { tokenUrl: 'https://oauth.sandbox.openbankingplatform.com' },
      ['"https://oauth.sandbox.openbankingplatform.com/connect/token"'],
    ],
    [
      'a bare host, beside the environment',
      { environment: 'sandbox', tokenUrl: 'https://auth.test.invalid' },
      ['"https://oauth.sandbox.openbankingplatform.com/connect/token"'],
    ],
    [
      "no origin, in the platform's sandbox",
      { environment: 'sandbox', apiOrigins: [] },
      ['["https://api.sandbox.openbankingplatform.com"]'],
    ],
    [
      'http as an API origin',
      { apiOrigins: ['https://api.test.invalid', 'http://api.test.invalid'] },
      ['"apiOrigins[1]"', 'not https'],
    ],
    ['no scope', { scope: undefined }, ['"scope" must be a string or an array of strings, got undefined']],
    ['an empty scope', { scope: '' }, ['"scope" is "" and has no PSU context']],
    [
      'a scope without a context',
      { scope: 'accountinformation' },
      ['"scope" is "accountinformation" and has no PSU context', '"private" or "corporate"'],
    ],
    [
      'a scope with both contexts',
      { scope: ['accountinformation', 'private', 'corporate'] },
      ['"scope" names both PSU contexts', 'openBanking'],
    ],
    ['a scope of any length', { scope: `${'x '.repeat(5_000)}private` }, ['"scope" has 10007 characters', '8192 are']],
    ['a scope of a context alone', { scope: 'private' }, ['"scope" is "private" and has no API scope']],
    [
      'a scope with a quote',
      { scope: 'accountinformation "private"' },
      ['"scope" holds a character that is not allowed in a scope: "\\"private\\""'],
    ],
    [
      'a scope that is JSON',
      { scope: '["accountinformation","private"]' },
      ['"scope" holds a character that is not allowed in a scope: a text of 32 characters, not shown'],
    ],
    [
      'a scope of which a word is not set',
      { scope: [undefined, 'private'] },
      ['"scope[0]" must be a string, got undefined', 'API scopes and one PSU context'],
    ],
    [
      'a scope in two lists',
      { scope: ['accountinformation', ['private']] },
      ['"scope[1]" must be a string, got an array'],
    ],
    [
      'a scope in upper case',
      { scope: 'accountinformation Private' },
      ['"scope" has the word "Private" in another spelling', 'lower case'],
    ],
    [
      'a scope with commas',
      { scope: 'accountinformation,private' },
      ['"scope" has the word "accountinformation" joined to another', 'spaces, not commas'],
    ],
    [
      'a scope with commas and spaces',
      { scope: 'accountinformation, private' },
      ['"scope" has the word "accountinformation" joined', 'spaces, not commas'],
    ],
    [
      'an unknown way to authenticate',
      { clientAuthentication: 'private_key_jwt' },
      ['"clientAuthentication" is "private_key_jwt"', '"client_secret_post" or "client_secret_basic"'],
    ],
    ['a timeout in words', { timeoutMs: '5s' }, ['"timeoutMs" is a string', 'number of milliseconds, 100 to 600000']],
    ['a timeout of 0', { timeoutMs: 0 }, ['"timeoutMs" is 0']],
    ['a timeout in seconds', { timeoutMs: 5 }, ['"timeoutMs" is 5', 'If you mean seconds, give 5000']],
    ['a timeout of 99.9 ms', { timeoutMs: 99.9 }, ['"timeoutMs" is 99.9', '100 to 600000']],
    ['a timeout of eleven minutes', { timeoutMs: 660_000 }, ['"timeoutMs" is 660000', '100 to 600000']],
    ['a timeout of NaN', { timeoutMs: Number.NaN }, ['"timeoutMs" is NaN']],
    ['a fetch that is no function', { fetch: 'fetch' }, ['"fetch" is a string', 'It must be a function']],
    ['a listener that is no function', { onEvent: {} }, ['"onEvent" is an object']],
    ['a refreshAhead that is no boolean', { refreshAhead: 1 }, ['"refreshAhead" is a number', 'true or false']],
    ['a requestId that is no boolean', { requestId: 'no' }, ['"requestId" is a string', 'true or false']],
  ])('with %s is invalid', (_, over, says) => {
    const message = refusal({ ...CONFIG, ...over });
    for (const words of says) expect(message).toContain(words);
  });

  test.each([
    ['scopes', 'scope'],
    ['client_id', 'clientId'],
    ['clientID', 'clientId'],
    ['client_secret', 'clientSecret'],
    ['clientsecret', 'clientSecret'],
    ['timeout', 'timeoutMs'],
    ['onevent', 'onEvent'],
    ['onEvents', 'onEvent'],
    ['tokenURL', 'tokenUrl'],
    ['token_url', 'tokenUrl'],
    ['apiOrigin', 'apiOrigins'],
    ['baseURL', 'apiOrigins'],
    ['env', 'environment'],
    ['enviroment', 'environment'],
    ['refreshahead', 'refreshAhead'],
  ])('with the unknown option "%s" is invalid, and the error names "%s"', (option, likely) => {
    expect(refusal({ ...CONFIG, [option]: SECRET })).toBe(
      `"${option}" is not an option. Did you mean "${likely}"? If not, remove it`,
    );
  });

  test('with an unknown option that resembles none is invalid', () => {
    expect(refusal({ ...CONFIG, constructor: 1 })).toBe('"constructor" is not an option. Remove it');
    expect(refusal({ ...CONFIG, proxy: 'http://proxy.invalid' })).toBe('"proxy" is not an option. Remove it');
    expect(() => createTokenSource(Object.assign({ ...CONFIG }, { proxy: undefined }))).not.toThrow();
  });

  test('that is empty is invalid, and one error names every option that is missing', () => {
    expect(refusal({})).toBe(
      [
        '4 options are missing or wrong: "environment", "clientId", "clientSecret", "scope".',
        '- Neither "environment" nor "tokenUrl" is given. Give environment: "production" or "sandbox", or as "tokenUrl" the complete token URL, for example "https://auth.openbankingplatform.com/connect/token"',
        '- "clientId" must be a string, got undefined. Copy it from the platform\'s portal; if it comes from an environment variable, check that it is set',
        '- "clientSecret" must be a string, got undefined. Copy it from the platform\'s portal; if it comes from an environment variable, check that it is set',
        '- "scope" must be a string or an array of strings, got undefined. Give one or more API scopes and one PSU context, "private" or "corporate", for example "accountinformation private"',
      ].join('\n'),
    );
  });

  test('with several faults is invalid: what looks unset comes first, each option has its remedy, and none is blamed twice', () => {
    const message = refusal({
      environment: 'staging',
      clientSecret: 'undefined',
      client_id: 'an-id',
      scope: 'accountinformation',
      timeoutMs: 5,
      apiOrigins: ['*'],
      fetch: {},
      onEvent: 1,
      store: 1,
      refreshAhead: 'yes',
    });
    const [summary, ...lines] = message.split('\n');
    expect(summary).toContain('10 options are missing or wrong: "clientSecret", "client_id", ');
    expect(lines.map((line) => /^- "([\w[\]]+)" .+\. .+$/.exec(line)?.[1])).toEqual([
      'clientSecret',
      'client_id',
      'environment',
      'apiOrigins[0]',
      'scope',
      'fetch',
      'timeoutMs',
      'refreshAhead',
      'store',
      'onEvent',
    ]);
  });

  test('with several faults emits no event, whatever is right about it', () => {
    const onEvent = jest.fn();
    refusal({ ...CONFIG, scope: 'unheard private', clientId: '', timeoutMs: 1, onEvent });
    expect(onEvent).not.toHaveBeenCalled();
  });

  test.each([[undefined], [null], ['https://api.test.invalid'], [[CONFIG]]])('that is %p is invalid', (config) => {
    expect(refusal(config)).toContain('The configuration must be an object');
  });

  test.each<[string, Partial<ClientSecretConfig>]>([
    ['URL objects', { tokenUrl: new URL(CONFIG.tokenUrl), apiOrigins: [new URL('https://api.test.invalid/')] }],
    ['http on loopback', { tokenUrl: 'http://localhost:1/t', apiOrigins: ['http://127.0.0.1:2', 'http://[::1]:3'] }],
    [
      'a token URL of the platform, which implies its API',
      { tokenUrl: 'https://auth.sandbox.openbankingplatform.com/connect/token', apiOrigins: undefined },
    ],
    ['an environment whose token URL is overridden', { environment: 'sandbox', apiOrigins: undefined }],
    ['the scope as words', { scope: ['private', 'accountinformation'] }],
  ])('with %s is accepted', (_, over) => {
    expect(() => createTokenSource({ ...CONFIG, ...over })).not.toThrow();
  });

  test('is read once and never written to', async () => {
    const config = Object.freeze({
      ...CONFIG,
      apiOrigins: Object.freeze([...CONFIG.apiOrigins]),
      fetch: async () => granted(1),
    });
    const changing = { ...config };
    const tokens = createTokenSource(changing);
    changing.clientSecret = 'changed';
    changing.scope = 'nonsense';
    expect((await tokens.get()).scope).toBe('accountinformation private');
    await createTokenSource(config).get();
  });

  test('is an error in a browser, unless that is allowed', () => {
    const browser = globalThis as { window?: unknown; document?: unknown };
    browser.window = browser.document = {};
    try {
      expect(refusal(CONFIG)).toMatch(/looks like a browser.*jsdom.*dangerouslyAllowBrowser: true/s);
      expect(() => createTokenSource({ ...CONFIG, dangerouslyAllowBrowser: true })).not.toThrow();
    } finally {
      delete browser.window;
      delete browser.document;
    }
  });

  test.each([
    ['contxt', 'Did you mean "context"? If not, remove it'],
    ['scopes', 'Did you mean "scope"? If not, remove it'],
    ['tenant', 'A request has { scope?, context? }'],
  ])('of one request with the unknown option "%s" is invalid', async (option, hint) => {
    const { tokens, calls } = sourceOver(granted);
    const api = openBankingFetch(tokens, { fetch: async () => new Response() });
    await expect(api(`${CONFIG.apiOrigins[0]}/x`, { openBanking: { [option]: 'corporate' } })).rejects.toMatchObject({
      message: `"openBanking.${option}" of a request is not an option. ${hint}`,
    });
    expect(calls).toEqual([]);
  });

  test.each([
    ['a function', async () => new Response(), 'The options of openBankingFetch are a function. Give { fetch }'],
    ['text', 'https://api.test.invalid', 'The options of openBankingFetch are a string. Give { fetch }'],
    ['another fetch', { fetsh: fetch }, '"fetsh" is not an option of openBankingFetch. Did you mean "fetch"?'],
    ['a fetch that is none', { fetch: 'fetch' }, '"fetch" is a string. It must be a function'],
  ])('beside which the options of openBankingFetch are %s is invalid', (_, options, says) => {
    expect(() => openBankingFetch(CONFIG, options as object)).toThrow(says);
  });

  test('in place of a source, a stand-in is invalid, and the error says what is expected', async () => {
    const { tokens } = sourceOver(granted);
    expect(() => openBankingFetch({ ...tokens })).toThrow('was not made by createTokenSource');
  });
});

describe('printing', () => {
  test('neither a source nor a token shows a secret: printed, as JSON, spread or cloned', async () => {
    const { tokens } = sourceOver(() => grantedWith(1, { access_token: 'live-token' }));
    const token = await tokens.get();
    const shown = [
      tokens,
      { ...tokens },
      token,
      { ...token },
      structuredClone({ ...token }),
      Object.entries(token),
    ].flatMap((value) => [
      inspect(value, { depth: null, showHidden: true, getters: true }),
      JSON.stringify(value),
      String(value),
    ]);
    expect(shown.filter((text) => /live-token|s3cr/.test(text ?? ''))).toEqual([]);
    expect(inspect(token)).toMatch(/^AccessToken \{\s+scope: 'accountinformation private',\s+expiresAt: /);
    expect(token.value).toBe('live-token');
  });

  test('an error has its message in JSON, for structured logs', async () => {
    const { tokens, clock } = sourceOver(() => new Response('', { status: 503 }));
    const error: unknown = await clock.through(tokens.get()).catch((thrown: unknown) => thrown);
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'OpenBankingAuthError',
      code: 'token_request_failed',
      status: 503,
      message: expect.stringContaining('HTTP 503'),
      hint: expect.stringContaining('try again later'),
    });
  });
});
