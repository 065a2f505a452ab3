import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { echo, sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import { CONFIG, granted, until } from '@open-banking-auth/test-kit/token-endpoint';
import { coldFetch } from './cold-fetch.js';

const API = 'https://api.test.invalid/echo';
const upload = (body: unknown): RequestInit => ({ method: 'POST', body: body as ReadableStream, duplex: 'half' });

describe('a body that fails while its request waits for the token', () => {
  const failing = () => new ReadableStream({ start: (controller) => controller.error(new Error('the disk is gone')) });

  test.each<[string, () => Parameters<typeof fetch>, object]>([
    ['a file that is not there', () => [API, upload(createReadStream('/there/is/no/such/file'))], { code: 'ENOENT' }],
    ['a web stream', () => [API, upload(failing())], { message: 'the disk is gone' }],
    ['a web stream in a Request', () => [new Request(API, upload(failing()))], { message: 'the disk is gone' }],
  ])('%s rejects this request alone, at once, with the error of fetch', async (_, call, cause) => {
    const { api, arrived, giveToken } = coldFetch();
    const others = [api(API), api(API)];
    await expect(api(...call())).rejects.toMatchObject({ name: 'TypeError', message: 'fetch failed', cause });
    giveToken();
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await api(API)).status).toBe(200);
    expect(arrived).toHaveLength(3);
  });

  test('a web stream that does not fail is sent whole, once the token is there', async () => {
    const { api, arrived, giveToken } = coldFetch();
    const body = new TransformStream<Uint8Array, Uint8Array>();
    const call = api(API, upload(body.readable));
    expect(body.readable.locked).toBe(true);
    giveToken();
    const writer = body.writable.getWriter();
    void writer.write(new TextEncoder().encode('whole'));
    void writer.close();
    await call;
    expect(await arrived[0]?.text()).toBe('whole');
  });

  describe('at a server', () => {
    sandboxForEachTest();

    test.each<[string, (stream: ReadableStream) => Parameters<typeof fetch>]>([
      ['as the body', (stream) => [echo, upload(stream)]],
      ['in a Request', (stream) => [new Request(echo, upload(stream))]],
    ])('a web stream %s rejects this request alone, and the token stays', async (_, call) => {
      const tokens = createTokenSource(sandbox.config);
      const api = openBankingFetch(tokens);
      const disk = new TransformStream();
      const failing = api(...call(disk.readable));
      const other = api(echo);
      void disk.writable.abort(new Error('the disk is gone'));
      await expect(failing).rejects.toMatchObject({ message: 'fetch failed', cause: { message: 'the disk is gone' } });
      expect((await other).status).toBe(200);
      expect(sandbox.stats().tokenRequests).toBe(1);
    });
  });
});

test.each([
  ['while it waits for the token', false],
  ['when it is sent', true],
])('an abort reaches a Request with a body %s, though memory was cleaned up meanwhile', async (_, hasToken) => {
  setFlagsFromString('--expose-gc');
  const cleanUp: () => void = runInNewContext('gc');
  const sent: Request[] = [];
  // As the built-in fetch: it holds the Request that it makes of its arguments, and not these.
  const below: typeof fetch = (input, init) => {
    const request = new Request(input, init);
    if (sent.push(request) === 1) return Promise.resolve(new Response('', { status: 401 }));
    return new Promise((_, reject) => {
      request.signal.addEventListener('abort', () => reject(request.signal.reason));
    });
  };
  const controller = new AbortController();
  const tokens = createTokenSource({ ...CONFIG, fetch: async () => granted(sent.length) });
  if (hasToken) await tokens.get();
  const request = new Request(API, { ...upload('a'), signal: controller.signal });
  const call = openBankingFetch(tokens, { fetch: below })(request);
  await until(() => sent.length === 2);
  // By turns, since what a finished callback has seen is kept until the next one.
  for (let turn = 0; turn < 3; turn++) {
    cleanUp();
    await new Promise((resolve) => setImmediate(resolve));
  }
  controller.abort();
  await expect(call).rejects.toMatchObject({ name: 'AbortError' });
});

describe('a body that nobody will read', () => {
  const refused = { ...CONFIG, fetch: async () => Response.json({ error: 'invalid_client' }, { status: 400 }) };
  const aborted = { ...CONFIG, fetch: () => new Promise<Response>(() => {}) };

  test.each<[string, typeof refused | typeof aborted, AbortSignal | undefined, string]>([
    ['the token request failed', refused, undefined, 'OpenBankingAuthError'],
    ['its caller aborted before the token came', aborted, AbortSignal.abort(), 'AbortError'],
  ])('since %s, is destroyed, cancelled or ended', async (_, config, signal, name) => {
    const api = openBankingFetch(config);
    const cancelled = jest.fn();
    const ended = jest.fn();
    const file = createReadStream(__filename);
    const endless = {
      [Symbol.asyncIterator]: () => endless,
      next: async () => ({ done: false, value: new Uint8Array(1) }),
      return: async () => ended(),
    };
    const bodies = [file, new ReadableStream({ cancel: cancelled }), endless];
    const calls: Parameters<typeof fetch>[] = [
      ...bodies.map(
        (body) => [API, { ...upload(body), ...(signal ? { signal } : {}) }] satisfies Parameters<typeof fetch>,
      ),
      [new Request(API, { ...upload(new ReadableStream({ cancel: cancelled })), ...(signal ? { signal } : {}) })],
    ];
    for (const call of calls) await expect(api(...call)).rejects.toMatchObject({ name });
    await until(() => file.closed && cancelled.mock.calls.length === 2 && ended.mock.calls.length === 1);
  });

  test('a stream that was sent is left to fetch', async () => {
    const { api, giveToken } = coldFetch();
    const body = Readable.from(['a']);
    giveToken();
    await api(API, upload(body));
    expect(body.destroyed).toBe(false);
  });
});
