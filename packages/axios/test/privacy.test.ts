import { once } from 'node:events';
import { Agent } from 'node:http';
import { openBankingAuth } from '@open-banking-auth/axios';
import { installAuthRefresh } from '@open-banking-auth/axios/auth-refresh';
import type { TokenSource } from '@open-banking-auth/core';
import type { Stage } from '@open-banking-auth/test-kit/privacy/searched-client';
import { describePrivacy } from '@open-banking-auth/test-kit/privacy-suite';
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';

const intercept = (api: AxiosInstance, source: TokenSource): unknown =>
  api.interceptors.request.use(openBankingAuth(source));

for (const [client, adapter, install] of [
  ['axios', 'http', intercept],
  ['axios', 'fetch', intercept],
  ['axios-auth-refresh', 'http', installAuthRefresh],
  ['axios-auth-refresh', 'fetch', installAuthRefresh],
] satisfies [string, 'http' | 'fetch', typeof intercept][]) {
  const equipped = (source: TokenSource, config: AxiosRequestConfig = {}) => {
    const api = axios.create({ adapter, ...config });
    install(api, source);
    return api;
  };
  const under =
    (config: AxiosRequestConfig) =>
    ({ tokens, banks }: Stage) =>
      equipped(tokens, config).get(banks);

  describePrivacy({
    name: `${client}, ${adapter} adapter`,
    over(source) {
      const api = equipped(source);
      return (url, { body, signal, timeoutMs = 0 } = {}) =>
        api.request({
          url,
          ...(body === undefined ? {} : { data: body, method: 'POST' }),
          ...(signal ? { signal } : {}),
          timeout: timeoutMs,
        });
    },
    failures: {
      'an answer longer than allowed': under({ maxContentLength: 1 }),
      'a body longer than allowed': ({ tokens, banks }) =>
        equipped(tokens, { maxBodyLength: 1 }).post(banks, { amount: 1 }),
      'a stream as the answer': under({ responseType: 'stream' }),
      'bytes as the answer': under({ responseType: 'arraybuffer' }),
      'a transformation that throws': under({
        transformResponse() {
          throw new Error('from transformResponse');
        },
      }),
      'JSON that is required and broken': ({ sandbox, tokens, banks }) => {
        sandbox.fault({ kind: 'body', at: 'api', body: '{"aspsps":[' });
        return equipped(tokens, { responseType: 'json', transitional: { silentJSONParsing: false } }).get(banks);
      },
      'no redirects allowed': ({ sandbox, tokens, banks }) => {
        sandbox.fault({ kind: 'redirect', at: 'api', location: '/again' });
        return equipped(tokens, { maxRedirects: 0 }).get(banks);
      },
      'the direct transport, reset': ({ sandbox, tokens, banks }) => {
        sandbox.fault({ kind: 'reset', at: 'api' });
        return equipped(tokens, { maxRedirects: 0 }).get(banks);
      },
      'other requests in flight on the same agent': async ({ sandbox, tokens }) => {
        const httpAgent = new Agent({ keepAlive: true });
        const api = equipped(tokens, { httpAgent });
        sandbox.fault({ kind: 'hang', at: 'api', path: '/hanging' });
        sandbox.fault({ kind: 'status', status: 500, at: 'api', path: '/failing' });
        void api.get(`${sandbox.apiUrl}/hanging`).catch(() => {});
        while (sandbox.stats().apiRequests < 1) await new Promise((resolve) => setImmediate(resolve));
        return api.get(`${sandbox.apiUrl}/failing`);
      },
      'an abort while waiting for a socket': ({ sandbox, tokens, banks }) => {
        const httpAgent = new Agent({ maxSockets: 1 });
        sandbox.fault({ kind: 'hang', at: 'api' });
        const signal = AbortSignal.timeout(30);
        const api = equipped(tokens, { httpAgent, signal });
        void api.get(banks).catch(() => {});
        return api.get(banks);
      },
      'an answer that is being read': async ({ tokens, banks }) => {
        const response = await equipped(tokens, { responseType: 'stream' }).get(banks);
        if (adapter === 'http') await once(response.data, 'readable');
        return response;
      },
    },
  });
}
