import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  type AccessToken,
  type ClientSecret,
  type CommonOptions,
  createTokenSource,
  type OwnHosts,
  openBankingFetch,
} from '@open-banking-auth/core';
import { recordEvents } from '@open-banking-auth/test-kit/recorded-events';

/** Every kind of character that is written differently in a form, in a header and in a URL; the provider takes ASCII. */
const AWKWARD = `+/=&%25:; ?#"'\\~-._*`;
const METHODS = ['client_secret_post', 'client_secret_basic'] as const;
type Method = (typeof METHODS)[number];

const clientOf = (method: Method) => ({ clientId: `id of ${method}:+&%-._~*`, clientSecret: `${method}${AWKWARD}s` });

let server: ChildProcess;
let issuer: string;
let apiUrl: string;

beforeAll(async () => {
  const clients = METHODS.map((method) => ({
    client_id: clientOf(method).clientId,
    client_secret: clientOf(method).clientSecret,
    token_endpoint_auth_method: method,
    grant_types: ['client_credentials'],
    scope: 'accountinformation paymentinitiation private corporate',
  }));
  server = fork(join(__dirname, 'authorization-server.mjs'), [JSON.stringify(clients)], { execArgv: [] });
  const died = once(server, 'exit').then(([code]) => Promise.reject(new Error(`The server ended with ${code}`)));
  const [started] = (await Promise.race([once(server, 'message'), died])) as [{ issuer: string; apiUrl: string }];
  ({ issuer, apiUrl } = started);
});

afterAll(async () => {
  const ended = once(server, 'exit');
  if (server.kill()) await ended;
});

beforeEach(seen);

/** What the server has seen since it was last asked. */
async function seen(): Promise<unknown> {
  return (await fetch(`${apiUrl}/seen`)).json();
}

async function revoke(method: Method, token: string): Promise<void> {
  const { clientId, clientSecret } = clientOf(method);
  const body = new URLSearchParams({ token, client_id: clientId, client_secret: clientSecret });
  expect((await fetch(`${issuer}/token/revocation`, { method: 'POST', body })).status).toBe(200);
}

function sourceFor(method: Method, over: Partial<CommonOptions & ClientSecret & OwnHosts> = {}) {
  return createTokenSource({
    ...clientOf(method),
    tokenUrl: `${issuer}/connect/token`,
    apiOrigins: [apiUrl],
    scope: 'accountinformation private',
    clientAuthentication: method,
    ...over,
  });
}

describe.each(METHODS)('against oidc-provider, with %s', (method) => {
  test('a request carries a token that the server knows as active, of this client and with the scope asked for', async () => {
    const response = await openBankingFetch(sourceFor(method))(apiUrl);
    expect(await response.json()).toMatchObject({
      active: true,
      client_id: clientOf(method).clientId,
      scope: 'accountinformation private',
      token_type: 'Bearer',
    });
    const withBasic = method === 'client_secret_basic' ? 1 : 0;
    expect(await seen()).toEqual({ tokenRequests: 1, withBasic, accepted: 1, refused: 0 });
  });

  test('50 requests at once cost one token', async () => {
    const equipped = openBankingFetch(sourceFor(method));
    await Promise.all(Array.from({ length: 50 }, () => equipped(apiUrl)));
    expect(await seen()).toMatchObject({ tokenRequests: 1, accepted: 50, refused: 0 });
  });

  test.each([1, 50])(
    'a revoked token, with requests at once: %i, costs one new token and one replay each',
    async (n) => {
      const tokens = sourceFor(method);
      await revoke(method, (await tokens.get()).value);
      const equipped = openBankingFetch(tokens);
      const responses = await Promise.all(Array.from({ length: n }, () => equipped(apiUrl)));
      expect(responses.map(({ status }) => status)).toEqual(Array(n).fill(200));
      expect(await seen()).toMatchObject({ tokenRequests: 2, accepted: n, refused: n });
    },
  );

  test('the other PSU context is a second token with the other scope, and the first stays', async () => {
    const equipped = openBankingFetch(sourceFor(method));
    const scopes = [];
    for (const context of ['private', 'corporate', 'private'] as const) {
      const { scope } = (await (await equipped(apiUrl, { openBanking: { context } })).json()) as { scope: string };
      scopes.push(scope);
    }
    expect(scopes).toEqual([
      'accountinformation private',
      'accountinformation corporate',
      'accountinformation private',
    ]);
    expect(await seen()).toMatchObject({ tokenRequests: 2 });
  });

  test('a wrong secret is invalid_client with the status of the server, and appears nowhere in error and events', async () => {
    const clientSecret = `wr0ng${AWKWARD}s`;
    const challenges: (string | null)[] = [];
    const secrets = ['wr0ng'];
    const { all, onEvent } = recordEvents();
    const tokens = sourceFor(method, {
      clientSecret,
      onEvent,
      fetch: async (url, init) => {
        const credentials = new Headers(init?.headers).get('authorization')?.split(' ')[1];
        if (credentials) secrets.push(credentials);
        const answer = await fetch(url, init);
        challenges.push(answer.headers.get('www-authenticate'));
        return answer;
      },
    });
    const error: unknown = await openBankingFetch(tokens)(apiUrl).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'OpenBankingAuthError',
      code: 'invalid_client',
      oauthError: 'invalid_client',
      status: 401,
    });
    const challenge = expect.stringMatching(/^Basic realm=.*, error="invalid_client"/);
    expect(challenges).toEqual([method === 'client_secret_basic' ? challenge : null]);
    expect(await seen()).toMatchObject({ tokenRequests: 1, accepted: 0, refused: 0 });
    const told = [error, all, tokens].flatMap((value) => [
      String(value),
      inspect(value, { depth: null }),
      JSON.stringify(value),
    ]);
    expect(told.join('\n')).toContain('invalid_client');
    expect(secrets).toHaveLength(method === 'client_secret_basic' ? 2 : 1);
    for (const secret of secrets) expect(told.join('\n')).not.toContain(secret);
  });

  test('a scope unknown to the server is left out, and the token says what was granted', async () => {
    const tokens = sourceFor(method, { scope: 'accountinformation bankgiroinformation private' });
    expect((await tokens.get()).scope).toBe('accountinformation private');
    expect(tokens.peek()?.scope).toBe('accountinformation private');
  });

  test('a scope that this client may not have is invalid_scope', async () => {
    const tokens = sourceFor(method, { scope: 'accountinformation aspspinformation private' });
    await expect(tokens.get()).rejects.toMatchObject({
      code: 'invalid_scope',
      oauthError: 'invalid_scope',
      status: 400,
    });
  });
});

test('a token of 2 s is renewed before the server rejects it, on the real clock', async () => {
  // The server counts in whole seconds, so a token from the middle of one runs out early. This one is from its beginning,
  // and none of its requests is under way for longer than the margin before its end, however busy the machine is.
  const tokens = sourceFor('client_secret_post', { scope: 'paymentinitiation private' });
  const equipped = openBankingFetch(tokens);
  let slowestMs: number;
  const send = async () => {
    const startedAt = performance.now();
    expect((await equipped(apiUrl)).status).toBe(200);
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
  };
  let found: Awaited<ReturnType<typeof seen>>;
  do {
    slowestMs = 0;
    let first: AccessToken;
    do {
      tokens.clear();
      await new Promise((resolve) => setTimeout(resolve, 1_005 - (Date.now() % 1_000)));
      await seen();
      first = await tokens.get();
    } while (Date.now() % 1_000 > 90);
    while ((tokens.peek() ?? first) === first) await send();
    await send();
    found = await seen();
  } while (slowestMs > 100);
  expect(found).toMatchObject({ tokenRequests: 2, refused: 0 });
});
