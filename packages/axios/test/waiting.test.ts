import { getEventListeners, once } from 'node:events';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { openBankingAuth } from '@open-banking-auth/axios';
import { createTokenSource, type OpenBankingAuthConfig } from '@open-banking-auth/core';
import {
  banks,
  echo,
  heldBack,
  sandbox,
  sandboxForEachTest,
  tokenRequested,
} from '@open-banking-auth/test-kit/sandbox-for-each-test';
import { until } from '@open-banking-auth/test-kit/token-endpoint';
import axios, {
  type AxiosError,
  type AxiosInstance,
  type AxiosRequestConfig,
  CanceledError,
  isAxiosError,
} from 'axios';
import { axiosIsAtLeast } from './axios-version.js';

sandboxForEachTest();

function equipped(config: AxiosRequestConfig = {}, source: OpenBankingAuthConfig = sandbox.config): AxiosInstance {
  const api = axios.create(config);
  api.interceptors.request.use(openBankingAuth(source));
  return api;
}

const errorOf = async (call: Promise<unknown>): Promise<AxiosError> => {
  const error: unknown = await call.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!isAxiosError(error)) throw error;
  return error;
};

const shapeOf = ({ name, code, message }: AxiosError) => ({ name, code, message });

describe.each(['http', 'fetch'] as const)('while the token is fetched, %s adapter', (adapter) => {
  test('a body that fails fails its request alone, as it does without us', async () => {
    const missing = () => createReadStream('/there/is/no/such/file');
    const bare = shapeOf(await errorOf(axios.post(echo, missing(), { adapter })));
    const { config, give } = heldBack();
    const api = equipped({ adapter }, config);
    const failing = errorOf(api.post(echo, missing()));
    const other = api.get(banks);
    expect(shapeOf(await failing)).toEqual(bare);
    give();
    expect((await other).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: 1 });
  });

  test.each([
    ['a file', () => createReadStream(__filename)],
    ['a file that is not there', () => createReadStream('/there/is/no/such/file')],
  ])('%s that nobody will read is closed when the token request fails', async (_, open) => {
    sandbox.fault({ kind: 'wrong-secret', at: 'token' });
    const body = open();
    const closed = once(body, 'close').catch(() => {});
    await equipped({ adapter })
      .post(echo, body)
      .catch(() => {});
    await closed;
    expect(body.destroyed).toBe(true);
  });

  test('a web stream that nobody will read is cancelled when the token request fails', async () => {
    sandbox.fault({ kind: 'wrong-secret', at: 'token' });
    const cancel = jest.fn();
    await expect(equipped({ adapter }).post(echo, new ReadableStream({ cancel }))).rejects.toMatchObject({
      code: 'invalid_client',
    });
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  test('a body waits unread, and arrives whole', async () => {
    const { data } = await equipped({ adapter }).post(echo, Readable.from(['one ', 'two']));
    expect(data).toBeDefined();
    expect(sandbox.requests.map(({ body }) => body.toString())).toEqual(['one two']);
  });

  test.each<[string, unknown]>([
    ['a number', 30],
    ['a number in a text', '30'],
    ['a number with a unit', '30ms'],
    ['no number at all', 'soon'],
    ['Infinity', Number.POSITIVE_INFINITY],
  ])('a timeout that is %s ends the wait with the error that ends a request without us', async (_, timeout) => {
    sandbox.fault({ kind: 'hang', at: 'token' });
    sandbox.fault({ kind: 'hang', at: 'api' });
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation();
    const config = { adapter, timeout } as AxiosRequestConfig;
    const bare = shapeOf(await errorOf(axios.get(banks, config)));
    const ours = shapeOf(await errorOf(equipped(config).get(banks)));
    warn.mockRestore();
    // axios 1.7.0 words it differently with the fetch adapter.
    if (adapter === 'fetch' && !axiosIsAtLeast(1, 8, 0)) expect(ours.code).toBe('ETIMEDOUT');
    else expect(ours).toEqual(bare);
  });

  test.each([0, undefined, null])('a timeout of %s is none', async (timeout) => {
    const config = { adapter, timeout } as AxiosRequestConfig;
    expect((await equipped(config).get(banks)).status).toBe(200);
  });

  test('the wait counts towards the timeout, once', async () => {
    sandbox.fault({ kind: 'slow', at: 'token', delayMs: 150 });
    sandbox.fault({ kind: 'slow', at: 'api', delayMs: 150 });
    const error = await errorOf(equipped({ adapter, timeout: 200 }).get(banks));
    expect(error.message).toBe('timeout of 200ms exceeded');
    expect(error.config?.timeout).toBe(200);
    expect(error.stack).not.toMatch(/timeout of (?!200ms)/);
    expect((await equipped({ adapter, timeout: 2_000 }).get(banks)).status).toBe(200);
  });

  test('a signal that is aborted ends the wait with the error that ends a request without us', async () => {
    const aborted = async (
      api: { get: AxiosInstance['get'] },
      config: AxiosRequestConfig,
      under: () => Promise<unknown>,
    ) => {
      const controller = new AbortController();
      const error = errorOf(api.get(banks, { ...config, signal: controller.signal }));
      await under();
      controller.abort();
      return shapeOf(await error);
    };
    sandbox.fault({ kind: 'hang', at: 'token' });
    sandbox.fault({ kind: 'hang', at: 'api' });
    const apiRequested = async () => {
      while (sandbox.stats().apiRequests < 1) await new Promise((resolve) => setImmediate(resolve));
    };
    const bare = await aborted(axios, { adapter }, apiRequested);
    const ours = await aborted(equipped({ adapter }), {}, tokenRequested);
    if (adapter === 'fetch' && !axiosIsAtLeast(1, 8, 0)) expect(ours.name).toBe('CanceledError');
    else expect(ours).toEqual(bare);
  });

  test('a signal of another kind, without `reason` and `throwIfAborted`, is heard', async () => {
    sandbox.fault({ kind: 'hang', at: 'token' });
    const controller = new AbortController();
    const { signal } = controller;
    const foreign = {
      get aborted() {
        return signal.aborted;
      },
      addEventListener: signal.addEventListener.bind(signal),
      removeEventListener: signal.removeEventListener.bind(signal),
    };
    const call = equipped({ adapter }).get(banks, { signal: foreign });
    await tokenRequested();
    controller.abort();
    await expect(call).rejects.toBeInstanceOf(CanceledError);
  });

  test('a signal of another kind that is never aborted changes nothing', async () => {
    const signal = { aborted: false, addEventListener: () => {}, removeEventListener: () => {} };
    if (adapter === 'http') expect((await equipped({ adapter }).get(banks, { signal })).status).toBe(200);
  });

  test('calls that wait under one signal have one listener, since Node warns of a leak at eleven, and leave none', async () => {
    const { config, give } = heldBack();
    const { signal } = new AbortController();
    const api = equipped({ adapter, signal }, config);
    const calls = Array.from({ length: 30 }, () => api.get(banks));
    await tokenRequested();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    give();
    await Promise.all(calls);
    // axios 1.7.0's fetch adapter ends its own a turn later.
    await until(() => getEventListeners(signal, 'abort').length === 0);
  });

  test('of those under one signal each is cancelled, and those under another go on', async () => {
    const { config, give } = heldBack();
    const controller = new AbortController();
    const api = equipped({ adapter }, config);
    const cancelled = Array.from({ length: 3 }, () => errorOf(api.get(banks, { signal: controller.signal })));
    const other = api.get(banks);
    await tokenRequested();
    controller.abort();
    expect((await Promise.all(cancelled)).map(({ name }) => name)).toEqual(Array(3).fill('CanceledError'));
    give();
    expect((await other).status).toBe(200);
  });

  test('a cancel token ends the wait with its own message, and keeps no request that has waited', async () => {
    const { token, cancel } = axios.CancelToken.source();
    const subscribe = jest.spyOn(token, 'subscribe' as never);
    const unsubscribe = jest.spyOn(token, 'unsubscribe' as never);
    const then = jest.spyOn(token.promise, 'then');
    await equipped({ adapter }).get(banks, { cancelToken: token });
    expect(subscribe.mock.calls.length).toBeGreaterThan(0);
    expect(unsubscribe.mock.calls.flat()).toEqual(expect.arrayContaining(subscribe.mock.calls.flat()));
    expect(then).not.toHaveBeenCalled();
    sandbox.fault({ kind: 'hang', at: 'token' });
    const call = equipped({ adapter }).get(banks, { cancelToken: token });
    await tokenRequested(2);
    cancel('not needed any more');
    await expect(call).rejects.toMatchObject({ name: 'CanceledError', message: 'not needed any more' });
  });

  test('requests leave in the order in which they were made', async () => {
    const httpOrder: string[] = [];
    const inner = axios.getAdapter(adapter);
    const api = equipped({
      adapter: (config) => {
        httpOrder.push(String(config.url));
        return inner(config);
      },
    });
    const urls = Array.from({ length: 20 }, (_, nth) => `${banks}?nth=${nth}`);
    await Promise.all(urls.map((url) => api.get(url)));
    expect(httpOrder).toEqual(urls);
  });
});

test('a body that fails during a renewal is sent once, and fails as it does without us', async () => {
  const source = createTokenSource(sandbox.config);
  await source.get();
  const api = axios.create({ adapter: 'http' });
  api.interceptors.request.use(openBankingAuth(source));
  const broken = new Readable({ read() {} });
  const call = errorOf(api.post(echo, broken));
  while (sandbox.stats().tokenRequests < 1) await new Promise((resolve) => setImmediate(resolve));
  setImmediate(() => broken.destroy(new Error('the disk is gone')));
  expect((await call).message).toBe('the disk is gone');
});
