import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { recordEvents } from '@open-banking-auth/test-kit/recorded-events';
import { CONFIG, granted, until } from '@open-banking-auth/test-kit/token-endpoint';

const API = 'https://api.test.invalid/psd2/aspspinformation/v1/aspsps';

/** What one answer of the API leads to: how often the API and the token endpoint were called, and the verdict. */
async function verdictOn(answer: () => Response) {
  let apiCalls = 0;
  let tokenCalls = 0;
  const { events, onEvent } = recordEvents();
  const tokens = createTokenSource({ ...CONFIG, onEvent, fetch: async () => granted(++tokenCalls) });
  const fetch = openBankingFetch(tokens, {
    fetch: async () => (++apiCalls === 1 ? answer() : new Response('healed')),
  });
  const response = await fetch(API);
  const [told] = events('request.unauthorized');
  return {
    apiCalls,
    tokenCalls,
    status: response.status,
    body: await response.text(),
    ...told,
  };
}

function unauthorized(body: unknown, challenge?: string, contentType = 'application/json'): Response {
  const text = body === null ? null : typeof body === 'string' ? body : JSON.stringify(body);
  const headers = {
    'content-type': contentType,
    ...(challenge === undefined ? {} : { 'www-authenticate': challenge }),
  };
  return new Response(text, { status: 401, headers });
}

const tpp = (code: string) => ({ tppMessages: [{ category: 'ERROR', code, text: 'x' }] });

describe('a 401 leads to a new token', () => {
  test.each<[string, unknown, string?]>([
    ['TOKEN_EXPIRED in tppMessages', tpp('TOKEN_EXPIRED')],
    ['TOKEN_UNKNOWN in tppMessages', tpp('TOKEN_UNKNOWN')],
    ['TOKEN_INVALID in tppMessages', tpp('TOKEN_INVALID')],
    ['TOKEN_EXPIRED in the bare array', tpp('TOKEN_EXPIRED').tppMessages],
    ['TOKEN_EXPIRED as problem+json', { title: 'Token expired', detail: 'Get a new token', code: 'TOKEN_EXPIRED' }],
    [
      'TOKEN_EXPIRED among the additional errors',
      { title: 'x', code: 'OTHER', additionalErrors: [{ code: 'TOKEN_EXPIRED' }] },
    ],
    [
      'TOKEN_EXPIRED along with another code',
      [...tpp('CONSENT_EXPIRED').tppMessages, ...tpp('TOKEN_EXPIRED').tppMessages],
    ],
    ['TOKEN_EXPIRED with a plain challenge', tpp('TOKEN_EXPIRED'), 'Bearer'],
    ['UNAUTHORIZED, which says nothing', tpp('UNAUTHORIZED')],
    ['a code that is not known', tpp('SOMETHING_NEW')],
    [
      'a challenge of invalid_token',
      null,
      'Bearer error="invalid_token", error_description="The token expired at \'11/22/2026 10:00:00\'"',
    ],
    [
      'a challenge of invalid_token about a key',
      null,
      'Bearer error="invalid_token", error_description="The signature key was not found"',
    ],
    ['a challenge without an error', null, 'Bearer'],
    ['a challenge with a realm', null, 'Bearer realm="api"'],
    ['a challenge in other case and spacing', null, 'bearer  ERROR = "invalid_token"'],
    [
      'a challenge among others',
      null,
      'Basic realm="a, b", Bearer realm="x", error="invalid_token", Negotiate dG9rZW4=',
    ],
    ['a challenge with an escaped quote', null, 'Bearer realm="a \\" issuer", error="invalid_token"'],
    ['no challenge and no body', null],
    ['HTML', '<html>Unauthorized</html>'],
    ['broken JSON', '{"tppMessages":[{"code":"CONSENT_'],
    ['JSON of another shape', { tppMessages: 'none', code: 7, additionalErrors: {} }],
    ['a JSON null', 'null'],
  ])('when it says %s', async (...[, body, challenge]) => {
    expect(await verdictOn(() => unauthorized(body, challenge))).toMatchObject({
      apiCalls: 2,
      tokenCalls: 2,
      status: 200,
      body: 'healed',
      verdict: 'renew',
    });
  });
});

describe('a 401 is passed on unchanged', () => {
  const codes = [
    'CERTIFICATE_INVALID',
    'CERTIFICATE_EXPIRED',
    'CERTIFICATE_BLOCKED',
    'CERTIFICATE_REVOKE',
    'CERTIFICATE_REVOKED',
    'CERTIFICATE_MISSING',
    'SIGNATURE_INVALID',
    'SIGNATURE_MISSING',
    'REQUIRED_KID_MISSING',
    'CORPORATE_ID_INVALID',
    'PSU_CREDENTIALS_INVALID',
    'CONSENT_INVALID',
    'CONSENT_EXPIRED',
  ];
  test.each<[string, unknown, string | undefined, string]>([
    ...codes.map((code): [string, unknown, undefined, string] => [code, tpp(code), undefined, 'names_other_cause']),
    ['CONSENT_EXPIRED in the bare array', tpp('CONSENT_EXPIRED').tppMessages, undefined, 'names_other_cause'],
    ['CONSENT_EXPIRED as problem+json', { code: 'CONSENT_EXPIRED' }, undefined, 'names_other_cause'],
    [
      'CONSENT_EXPIRED though the challenge blames the token',
      tpp('CONSENT_EXPIRED'),
      'Bearer error="invalid_token"',
      'names_other_cause',
    ],
    [
      'a challenge that blames the issuer',
      null,
      'Bearer error="invalid_token", error_description="The issuer \'(null)\' is invalid"',
      'wrong_path_or_environment',
    ],
    [
      'a challenge that blames the audience',
      tpp('TOKEN_INVALID'),
      'Bearer error="invalid_token", error_description="The audience \'x\' is invalid"',
      'wrong_path_or_environment',
    ],
    ['the issuer blamed in the body', "The issuer '(null)' is invalid", undefined, 'wrong_path_or_environment'],
    [
      'the issuer blamed in a problem',
      { title: 'Unauthorized', detail: "The issuer '(null)' is invalid" },
      undefined,
      'wrong_path_or_environment',
    ],
    ['insufficient_scope', tpp('TOKEN_EXPIRED'), 'Bearer error="insufficient_scope"', 'challenge_other_error'],
    ['invalid_request', null, 'Bearer realm="x",error=invalid_request', 'challenge_other_error'],
    ['another scheme', tpp('TOKEN_EXPIRED'), 'Basic realm="Bearer"', 'challenge_other_scheme'],
    ['other schemes with a token68', null, 'Negotiate YWJj==, DPoP algs="ES256"', 'challenge_other_scheme'],
  ])('when it says %s', async (_, body, challenge, reason) => {
    const outcome = await verdictOn(() => unauthorized(body, challenge));
    expect(outcome).toMatchObject({ apiCalls: 1, tokenCalls: 1, status: 401, verdict: 'pass', reason });
    expect(outcome.body).toBe(body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body));
  });

  test('when a text without a code says that the bank needs the user', async () => {
    const body = {
      tppMessages: [{ category: 'ERROR', text: 'Unauthorized, request not successful. Statement requires SCA' }],
    };
    expect(await verdictOn(() => unauthorized(body))).toMatchObject({ apiCalls: 1, reason: 'names_other_cause' });
  });

  test('when it came from another origin', async () => {
    const outcome = await verdictOn(() =>
      Object.defineProperty(unauthorized(null), 'url', { value: 'https://bank.test.invalid/' }),
    );
    expect(outcome).toMatchObject({ apiCalls: 1, tokenCalls: 1, reason: 'other_origin' });
  });
});

test('a code within the first 64 KiB of a long body is found, and the body stays whole', async () => {
  const body = JSON.stringify({ ...tpp('CONSENT_EXPIRED'), padding: 'x'.repeat(30_000) });
  expect(await verdictOn(() => unauthorized(body))).toMatchObject({ apiCalls: 1, body });
});

test('of an endless body 64 KiB are read, and the token is renewed as a precaution', async () => {
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(10_000).fill(120)) });
  expect(await verdictOn(() => new Response(endless, { status: 401 }))).toMatchObject({ apiCalls: 2, body: 'healed' });
});

test('a body that breaks off does not prevent the renewal', async () => {
  const broken = new ReadableStream({ pull: (controller) => controller.error(new TypeError('terminated')) });
  expect(await verdictOn(() => new Response(broken, { status: 401 }))).toMatchObject({ apiCalls: 2, body: 'healed' });
});

describe('a 401 that comes when another token is held already', () => {
  /** Two requests with one token; the second 401 comes when the first request has been replayed. */
  async function lateVerdictOn(late: Response) {
    const sent: string[] = [];
    let giveLate = () => {};
    const { events, onEvent } = recordEvents();
    const tokens = createTokenSource({
      ...CONFIG,
      onEvent,
      fetch: async () => granted(events('token.requested').length),
    });
    const api = openBankingFetch(tokens, {
      fetch: async (_, init) => {
        const count = sent.push(new Headers(init?.headers).get('authorization') ?? '');
        if (count === 1) return unauthorized(tpp('TOKEN_EXPIRED'));
        if (count > 2) return new Response('healed');
        return new Promise((resolve) => {
          giveLate = () => resolve(late);
        });
      },
    });
    await tokens.get();
    const [first, second] = [api(API), api(API)];
    await first;
    giveLate();
    const response = await second;
    const [, { verdict, reason } = {}] = events('request.unauthorized');
    return { sent, status: response.status, body: await response.text(), verdict, reason };
  }

  test('is not judged by its body if the challenge says that the token is invalid', async () => {
    const outcome = await lateVerdictOn(unauthorized(tpp('CONSENT_EXPIRED'), 'Bearer error="invalid_token"'));
    expect(outcome.sent).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2', 'Bearer token-2']);
    expect(outcome).toMatchObject({ body: 'healed', verdict: 'renew', reason: 'challenge_invalid_token' });
  });

  test('frees its connection, if the body is an endless one', async () => {
    const cancel = jest.fn();
    const endless = new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(10_000)), cancel });
    const headers = { 'www-authenticate': 'Bearer error="invalid_token"' };
    expect(await lateVerdictOn(new Response(endless, { status: 401, headers }))).toMatchObject({ body: 'healed' });
    await until(() => cancel.mock.calls.length === 1);
  });

  test.each([undefined, 'Bearer'])('is judged by its body if the challenge is %s', async (challenge) => {
    const outcome = await lateVerdictOn(unauthorized(tpp('CONSENT_EXPIRED'), challenge));
    expect(outcome.sent).toHaveLength(3);
    expect(outcome).toMatchObject({ status: 401, verdict: 'pass', reason: 'names_other_cause' });
    expect(outcome.body).toBe(JSON.stringify(tpp('CONSENT_EXPIRED')));
  });

  test('leaves its connection open for the next request, though the body comes late', async () => {
    const waiting: ServerResponse[] = [];
    let closed = 0;
    const server = createServer(({ headers }, response) => {
      if (headers.authorization !== 'Bearer token-1') {
        for (const late of waiting.splice(0)) late.end('late');
        response.end('healed');
        return;
      }
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' });
      response.flushHeaders();
      waiting.push(response);
    }).on('connection', (socket) => {
      socket.on('close', () => {
        closed += 1;
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    let tokenCalls = 0;
    const tokens = createTokenSource({ ...CONFIG, apiOrigins: [origin], fetch: async () => granted(++tokenCalls) });
    const held = await tokens.get();
    let answered = 0;
    const api = openBankingFetch(tokens, {
      // As soon as a 401 is there, somebody else has renewed the token.
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        if (++answered === 1) await tokens.renew(held);
        return response;
      },
    });
    try {
      expect(await (await api(origin)).text()).toBe('healed');
      expect(await (await fetch(origin)).text()).toBe('healed');
      expect(closed).toBe(0);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
