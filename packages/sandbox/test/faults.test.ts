import type { SandboxFault } from '@open-banking-auth/sandbox';
import { sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import { banksPath, callApi, getToken, readJson, requestToken } from './requests.js';

let token: string;
sandboxForEachTest();
beforeEach(async () => {
  token = await getToken(sandbox);
});

const api = (path = banksPath, init?: RequestInit) => callApi(sandbox, token, path, init);

async function statuses(count: number): Promise<number[]> {
  const seen: number[] = [];
  for (let i = 0; i < count; i += 1) seen.push((await api()).status);
  return seen;
}

describe('the requests that a fault affects', () => {
  test('the latest fault that matches wins, and removing it brings the earlier one back', async () => {
    const removeFirst = sandbox.fault({ at: 'api', kind: 'status', status: 503 });
    const removeSecond = sandbox.fault({ at: 'api', kind: 'status', status: 429 });
    expect(await statuses(1)).toStrictEqual([429]);
    removeSecond();
    removeSecond();
    expect(await statuses(1)).toStrictEqual([503]);
    removeFirst();
    expect(await statuses(1)).toStrictEqual([200]);
  });

  test('with times it ends after that many matching requests', async () => {
    sandbox.fault({ at: 'api', kind: 'status', status: 503, times: 2 });
    expect(await statuses(3)).toStrictEqual([503, 503, 200]);
  });

  test('a fault does not count requests that another fault takes', async () => {
    sandbox.fault({ at: 'api', kind: 'status', status: 503, times: 1 });
    sandbox.fault({ at: 'api', kind: 'status', status: 429, times: 2 });
    expect(await statuses(4)).toStrictEqual([429, 429, 503, 200]);
  });

  test.each(['/psd2/aspsp', /aspsps$/g])('with the path %s it affects no other paths', async (path) => {
    sandbox.fault({ at: 'api', kind: 'status', status: 503, path });
    expect((await api('/echo')).status).toBe(200);
    expect((await api(`${banksPath}?query`)).status).toBe(503);
    expect((await api()).status).toBe(503);
  });

  test('each host has its own faults', async () => {
    sandbox.fault({ at: 'token', kind: 'status', status: 503 });
    sandbox.fault({ at: 'foreign', kind: 'status', status: 418 });
    expect((await requestToken(sandbox)).status).toBe(503);
    expect((await fetch(sandbox.foreignUrl)).status).toBe(418);
    expect((await api()).status).toBe(200);
  });

  test('clearFaults removes them all', async () => {
    sandbox.fault({ at: 'api', kind: 'status', status: 503 });
    sandbox.fault({ at: 'token', kind: 'wrong-secret' });
    sandbox.clearFaults();
    expect((await api()).status).toBe(200);
    expect((await requestToken(sandbox)).status).toBe(200);
  });

  test('a fault is a copy: changing the object later changes nothing', async () => {
    const fault: { -readonly [K in keyof SandboxFault]: SandboxFault[K] } & { kind: 'status'; status: number } = {
      at: 'api',
      kind: 'status',
      status: 503,
    };
    sandbox.fault(fault);
    fault.status = 200;
    expect(await statuses(1)).toStrictEqual([503]);
  });
});

describe('the response of a fault', () => {
  test('status: any status, with headers and a body', async () => {
    sandbox.fault({
      at: 'api',
      kind: 'status',
      status: 429,
      headers: { 'Retry-After': '7' },
      body: { tppMessages: [{ code: 'ACCESS_EXCEEDED' }] },
    });
    const response = await api();
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await readJson(response)).toStrictEqual({ tppMessages: [{ code: 'ACCESS_EXCEEDED' }] });
  });

  test('status: text and bytes unchanged', async () => {
    sandbox.fault({ at: 'api', kind: 'status', status: 403, body: 'no' });
    expect(await (await api()).text()).toBe('no');
    sandbox.fault({ at: 'api', kind: 'status', status: 403, body: Buffer.from('no') });
    const response = await api();
    expect(response.headers.get('content-type')).toBeNull();
    expect(await response.text()).toBe('no');
  });

  test('status: several challenges', async () => {
    const challenges = ['Basic realm="x"', 'Bearer'];
    sandbox.fault({ at: 'api', kind: 'status', status: 401, headers: { 'WWW-Authenticate': challenges } });
    expect((await api()).headers.get('www-authenticate')).toBe('Basic realm="x", Bearer');
  });

  test('html: an error page, with 502 by default', async () => {
    const remove = sandbox.fault({ at: 'token', kind: 'html' });
    const response = await requestToken(sandbox);
    expect(response.status).toBe(502);
    expect(response.headers.get('content-type')).toMatch('text/html');
    expect(await response.text()).toMatch(/^<!doctype html>/);
    remove();
    sandbox.fault({ at: 'token', kind: 'html', status: 200 });
    expect((await requestToken(sandbox)).status).toBe(200);
  });

  test('empty: no body, with 200 by default', async () => {
    sandbox.fault({ at: 'token', kind: 'empty', times: 1 });
    const response = await requestToken(sandbox);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
    sandbox.fault({ at: 'token', kind: 'empty', status: 500 });
    expect((await requestToken(sandbox)).status).toBe(500);
  });

  test('body: malformed JSON, or anything else', async () => {
    sandbox.fault({ at: 'token', kind: 'body', body: '{"access_token":' });
    const malformed = await requestToken(sandbox);
    expect(malformed.headers.get('content-type')).toBe('application/json');
    expect(await malformed.text()).toBe('{"access_token":');
    sandbox.fault({ at: 'token', kind: 'body', body: Buffer.of(200), contentType: 'image/png', status: 404 });
    const picture = await requestToken(sandbox);
    expect([picture.status, picture.headers.get('content-type')]).toStrictEqual([404, 'image/png']);
    expect(Buffer.from(await picture.arrayBuffer())).toStrictEqual(Buffer.of(200));
  });

  test("unauthorized: a bare challenge, or a code in the sandbox's shape or its own", async () => {
    const remove = sandbox.fault({ at: 'api', kind: 'unauthorized' });
    const bare = await api();
    expect([bare.status, bare.headers.get('www-authenticate'), await bare.text()]).toStrictEqual([401, 'Bearer', '']);
    remove();

    sandbox.unauthorizedShape = 'array';
    sandbox.fault({ at: 'api', kind: 'unauthorized', code: 'CONSENT_EXPIRED' });
    expect(await (await api()).json()).toStrictEqual([
      { category: 'ERROR', code: 'CONSENT_EXPIRED', text: 'The consent has expired' },
    ]);
    sandbox.fault({ at: 'api', kind: 'unauthorized', code: 'CERTIFICATE_MISSING', shape: 'problem' });
    const problem = await api();
    expect(problem.headers.get('content-type')).toBe('application/problem+json');
    expect(await readJson(problem)).toMatchObject({ code: 'CERTIFICATE_MISSING', title: 'Certificate missing' });
    expect(sandbox.stats()).toMatchObject({ apiRequests: 3, apiAccepted: 0, unauthorized: 3 });
  });

  test('redirect: 302 by default', async () => {
    const location = `${sandbox.foreignUrl}/elsewhere`;
    sandbox.fault({ at: 'api', kind: 'redirect', location, times: 1 });
    const response = await api(banksPath, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toStrictEqual([302, location]);
    sandbox.fault({ at: 'api', kind: 'redirect', location, status: 307 });
    expect(await (await api()).json()).toStrictEqual({ foreign: true });
    expect(sandbox.stats()).toMatchObject({ foreignRequests: 1, foreignRequestsWithAuthorization: 0 });
  });

  test('wrong-secret: invalid_client, as 400 or as 401 with a Basic challenge', async () => {
    sandbox.fault({ at: 'token', kind: 'wrong-secret' });
    const bad = await requestToken(sandbox);
    expect([bad.status, bad.headers.get('www-authenticate')]).toStrictEqual([400, null]);
    expect(await readJson(bad)).toStrictEqual({ error: 'invalid_client' });
    sandbox.fault({ at: 'token', kind: 'wrong-secret', status: 401 });
    const unauthorized = await requestToken(sandbox);
    expect([unauthorized.status, unauthorized.headers.get('www-authenticate')]).toStrictEqual([
      401,
      'Basic realm="sandbox"',
    ]);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 3, tokensIssued: 1 });
  });
});

describe('an invalid fault', () => {
  test.each<[string, SandboxFault]>([
    ['"delayMs" must be a number of milliseconds, 0 or more, got -1', { at: 'api', kind: 'slow', delayMs: -1 }],
    ['"jitterMs" must be', { at: 'api', kind: 'slow', delayMs: 0, jitterMs: Number.NaN }],
    ['"times" must be a whole number, 1 or more, got 0', { at: 'api', kind: 'hang', times: 0 }],
    ['"status" must be 200 to 599, got 99', { at: 'api', kind: 'status', status: 99 }],
    ['"status" must be 300 to 399, got 200', { at: 'api', kind: 'redirect', location: '/', status: 200 }],
    ['Invalid character in header content ["Location"]', { at: 'api', kind: 'redirect', location: '/\n' }],
    ['Header name must be a valid HTTP token', { at: 'api', kind: 'status', status: 200, headers: { 'a b': '' } }],
    // @ts-expect-error no such host
    ['"at" must be one of token, api, foreign, got \'bank\'', { at: 'bank', kind: 'hang' }],
    // @ts-expect-error only the token host checks secrets
    ['"at" must be one of token, got \'api\'', { at: 'api', kind: 'wrong-secret' }],
    // @ts-expect-error no such kind
    ['"kind" must be one of slow, hang, reset, status, html, empty, body,', { at: 'api', kind: 'typo' }],
    // @ts-expect-error the notation of the command line
    ["A fault is an object, such as { at: 'api', kind: 'hang' }", 'api:hang'],
    // @ts-expect-error no such shape
    ['"shape" must be one of tpp', { at: 'api', kind: 'unauthorized', shape: 'xml' }],
  ])('is an error at once: %s', (message, fault) => {
    expect(() => sandbox.fault(fault)).toThrow(message);
  });
});
