import { get, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { openBankingFetch } from '@open-banking-auth/core';
import { type Sandbox, startSandbox } from '@open-banking-auth/sandbox';
import { disclosed } from '@open-banking-auth/test-kit/disclosures';
import { ENCODINGS } from '@open-banking-auth/test-kit/encodings';
import { pageAsset } from '../../../scripts/page-asset.mjs';
import type { PageRecord } from '../src/page/page-record.js';
import { buildPage } from './page-asset.js';
import { banksPath } from './requests.js';

beforeAll(buildPage);

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ page: true });
});
afterEach(() => sandbox.close());

const at = (file: string) => new URL(file, sandbox.pageUrl);

/** A request with headers of its own choice, Host included. */
function ask(url: URL, headers: Record<string, string>, method = 'GET', body = '') {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, async (response) =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await text(response) }),
    );
    sent.on('error', reject).end(body);
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };

function press(id: string, on = true, headers: Record<string, string> = {}) {
  const body = JSON.stringify({ id, on });
  return ask(at('press'), { ...JSON_TYPE, 'content-length': String(body.length), ...headers }, 'POST', body);
}

/** What the page is sent until `enough` of it has come. */
function streamed(enough: (all: string) => boolean, url = at('records')): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = get(url, { agent: false }, (response) => {
      let all = '';
      response.setEncoding('utf8').on('data', (more) => {
        all += more;
        if (!enough(all)) return;
        resolve(all);
        sent.destroy();
      });
      response.once('close', () => resolve(all));
    });
    sent.once('error', reject);
  });
}

const recordsIn = (stream: string): PageRecord[] =>
  [...stream.matchAll(/^event: records\ndata: (.*)$/gm)].flatMap(([, data = '']) => JSON.parse(data));

const everything = () => streamed((all) => all.includes('event: complete'));

test('without the option there is no page', async () => {
  await using without = await startSandbox();
  expect(without.pageUrl).toBeUndefined();
});

test('a page that is neither true nor false is an error that names the option', async () => {
  await expect(startSandbox({ page: 'yes' as never })).rejects.toThrow('"page" must be true or false, got yes');
});

test('the page, its script and its style are served at a URL with a key, on loopback only', async () => {
  expect(sandbox.pageUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{24}\/$/);
  const types = await Promise.all(
    ['', 'page.js', 'page.css'].map(async (file) => (await ask(at(file), {})).headers['content-type']),
  );
  expect(types).toEqual(['text/html; charset=utf-8', 'text/javascript; charset=utf-8', 'text/css; charset=utf-8']);
});

test('every page has another key', async () => {
  await using another = await startSandbox({ page: true });
  expect(new URL(another.pageUrl ?? '').pathname).not.toBe(new URL(sandbox.pageUrl ?? '').pathname);
});

test.each(['/', '/page.js', '/records', '/press', `/${'x'.repeat(24)}/`, `/${'x'.repeat(24)}/records`, '/%2e/'])(
  'without the key there is nothing at %s',
  async (path) => {
    const { status, body } = await ask(new URL(path, sandbox.pageUrl), {});
    expect([status, body]).toEqual([404, 'There is nothing here. Use the whole URL that was printed.\n']);
  },
);

test.each(['attacker.example', 'localhost', '127.0.0.1', '[::1]'])(
  'a name of another site that leads here (DNS rebinding) gets nothing: Host %s',
  async (name) => {
    const host = `${name}:${name === '127.0.0.1' ? 1 : at('').port}`;
    for (const file of ['', 'records', 'page.js']) expect((await ask(at(file), { host })).status).toBe(404);
    expect((await press('revoke', true, { host })).status).toBe(404);
  },
);

test.each(['https://attacker.example', 'null', 'http://127.0.0.1:1', 'http://localhost'])(
  'a page of the origin %s can neither read nor press',
  async (origin) => {
    expect((await ask(at('records'), { origin })).status).toBe(404);
    expect((await press('revoke', true, { origin })).status).toBe(404);
  },
);

test('no response allows another origin, a frame, an inline script or a cache', async () => {
  for (const file of ['', 'page.js', 'page.css', 'nothing']) {
    const { headers } = await ask(at(file), {});
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect(headers).not.toHaveProperty('set-cookie');
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
  }
});

test('the page has no inline script, no inline style and nothing from elsewhere', async () => {
  const { body } = await ask(at(''), {});
  expect(body).not.toMatch(/<script(?![^>]*src=)|<style|style=|\son\w+=|https?:\/\//);
});

test('a button is pressed by JSON alone, which a form cannot send', async () => {
  const body = JSON.stringify({ id: 'revoke', on: true });
  const form = { 'content-type': 'text/plain', 'content-length': String(body.length) };
  expect((await ask(at('press'), form, 'POST', body)).status).toBe(415);
  expect((await press('revoke')).status).toBe(204);
  expect((await press('no such button')).status).toBe(400);
  expect((await press('__proto__')).status).toBe(400);
  expect((await press('x'.repeat(300))).status).toBe(413);
  expect((await ask(at('press'), { ...JSON_TYPE, 'transfer-encoding': 'chunked' }, 'POST', body)).status).toBe(413);
  expect((await ask(at('press'), { ...JSON_TYPE, 'content-length': '4' }, 'POST', 'null')).status).toBe(400);
  expect((await ask(at('press'), { ...JSON_TYPE, 'content-length': '1' }, 'POST', '{')).status).toBe(400);
  expect((await ask(at('records'), {}, 'PUT')).status).toBe(405);
});

test('a 401 is joined to the send that followed, and the token ends and begins', async () => {
  const fetch = openBankingFetch(sandbox.config);
  await fetch(sandbox.apiUrl + banksPath);
  sandbox.revokeTokens();
  await fetch(sandbox.apiUrl + banksPath);

  const stream = await everything();
  const records = recordsIn(stream);
  const sends = records.filter((record) => record.kind === 'send' && record.host === 'api');
  const tokens = records.filter((record) => record.kind === 'token').map(({ token }) => token);
  expect(sends).toMatchObject([
    { status: 200, token: tokens[0], what: `GET ${banksPath}` },
    { status: 401, token: tokens[0], verdict: 'renew', reason: 'names_token' },
    { status: 200, token: tokens[1] },
  ]);
  const [, first, second] = sends;
  expect(second).toHaveProperty('follows', first && 'id' in first ? first.id : undefined);
  expect(records.filter(({ kind }) => kind === 'rejection')).toMatchObject([{ how: 'revoked' }]);
  expect(stream).toContain('"healed":1');
});

test('a 401 that a new token does not cure is counted by its reason, and has a hint in words', async () => {
  sandbox.fault({ at: 'api', kind: 'unauthorized', code: 'CONSENT_EXPIRED' });
  await openBankingFetch(sandbox.config)(sandbox.apiUrl + banksPath);

  const stream = await everything();
  expect(stream).toContain('"passed":{"names_other_cause":1}');
  expect(recordsIn(stream)).toContainEqual(
    expect.objectContaining({ status: 401, words: expect.stringMatching(/^CONSENT_EXPIRED\. The API names a cause/) }),
  );
});

test('a request without a token and a credential at the foreign host are named as what they are', async () => {
  await fetch(sandbox.apiUrl + banksPath, { headers: { 'x-request-id': crypto.randomUUID() } });
  await fetch(sandbox.foreignUrl, { headers: { authorization: 'Basic eA==' } });
  await fetch(sandbox.foreignUrl);
  const stream = await everything();
  expect(stream).toContain('"passed":{"no_token":1}');
  expect(stream).toContain('"leaks":1');
});

test('what happens while the page is open is sent as it comes', async () => {
  const stream = streamed((all) => all.includes('"kind":"token"'));
  await openBankingFetch(sandbox.config)(sandbox.apiUrl + banksPath);
  expect(recordsIn(await stream)).toContainEqual(expect.objectContaining({ kind: 'token' }));
});

test('a switch works and is shown from when it is switched on until it is switched off, by whatever means', async () => {
  await press('api-503');
  expect((await fetch(sandbox.apiUrl)).status).toBe(503);
  await press('api-503', false);
  expect((await fetch(sandbox.apiUrl)).status).not.toBe(503);
  await press('api-html');
  sandbox.clearFaults();
  await press('shape-problem');
  expect(sandbox.unauthorizedShape).toBe('problem');
  sandbox.unauthorizedShape = 'tpp';
  sandbox.fault({ at: 'foreign', kind: 'status', status: 418, times: 1 });
  await fetch(sandbox.foreignUrl);

  const faults = recordsIn(await everything()).filter((record) => record.kind === 'fault');
  expect(faults.map(({ name, on, button }) => [name, on, button])).toEqual([
    ['API: 503', true, 'api-503'],
    ['API: 503', false, 'api-503'],
    ['API: html', true, 'api-html'],
    ['API: html', false, 'api-html'],
    ['401 as problem', true, 'shape-problem'],
    ['401 as problem', false, 'shape-problem'],
    ['foreign host: 418', true, undefined],
    ['foreign host: 418', false, undefined],
  ]);
});

test('no token, no secret, no header and no body reaches the page', async () => {
  const { clientSecret } = sandbox.config;
  const form = { grant_type: 'client_credentials', scope: sandbox.config.scope, client_id: sandbox.config.clientId };
  const body = new URLSearchParams({ ...form, client_secret: clientSecret });
  const { access_token: token } = (await (await fetch(sandbox.tokenUrl, { method: 'POST', body })).json()) as Record<
    string,
    string
  >;
  const headers = {
    authorization: `Bearer ${token}`,
    'x-request-id': crypto.randomUUID(),
    'x-marked': 'marked-header',
  };
  await fetch(`${sandbox.apiUrl}/echo`, { method: 'POST', headers, body: 'marked-body' });
  // By mistake in the path, in whatever encoding.
  for (const secret of [token ?? '', clientSecret]) {
    for (const encode of Object.values(ENCODINGS)) {
      const path = encode(secret).replaceAll(/[^\x21-\x7e]/g, '');
      await ask(new URL(`${sandbox.apiUrl}/psd2/consent/v1/${path}`), headers);
      await ask(new URL(`${sandbox.foreignUrl}/${path}`), {});
    }
  }
  const stream = await everything();
  expect(stream).toContain('POST /echo');
  expect(stream).toContain('GET /psd2/consent/v1/…');
  expect(stream).not.toContain('marked');
  expect(disclosed(stream, [clientSecret, token ?? '', ...(token ?? '').split('.').slice(1)])).toEqual([]);
});

test('closing the sandbox closes the page and its streams', async () => {
  const stream = streamed(() => false);
  await streamed((all) => all.includes('begin'));
  await sandbox.close();
  await stream.catch(() => {});
  await expect(ask(at(''), {})).rejects.toThrow('ECONNREFUSED');
});

test('the whole page has at most 40 kB, compressed', () => {
  const { html, css, js } = pageAsset();
  expect(gzipSync(html + css + js).length).toBeLessThan(40_000);
});
