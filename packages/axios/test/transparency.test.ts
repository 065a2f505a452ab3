import { openBankingAuth } from '@open-banking-auth/axios';
import { installAuthRefresh } from '@open-banking-auth/axios/auth-refresh';
import type { TokenSource } from '@open-banking-auth/core';
import {
  AXIOS_DEFAULT,
  type AxiosPlan,
  axiosPlans,
  isFinalAxios,
  prepareAxios,
  rejects401,
} from '@open-banking-auth/test-kit/transparency/axios-requests';
import { describeTransparency } from '@open-banking-auth/test-kit/transparency/suite';
import axios, { type AxiosAdapter, AxiosHeaders, type AxiosInstance, getAdapter } from 'axios';
import { createAuthRefresh } from 'axios-auth-refresh';
import { axiosIsAtLeast } from './axios-version.js';

const NO_RESPONSE = { ...AXIOS_DEFAULT.response, ending: 'never' } as const;
const MISSING = { kind: 'missing file', text: '', ending: 'ends' } as const;

const found: Record<string, AxiosPlan> = {
  'a timeout as text': { ...AXIOS_DEFAULT, timeout: '15', response: NO_RESPONSE },
  'a timeout that cannot be read': { ...AXIOS_DEFAULT, timeout: 'soon', response: NO_RESPONSE },
  'the file of a body is missing': { ...AXIOS_DEFAULT, method: 'post', body: MISSING },
  'params that are changed while the token is fetched': {
    ...AXIOS_DEFAULT,
    params: 'URLSearchParams',
    change: 'on the way',
  },
  'params that are changed before a second send': {
    ...AXIOS_DEFAULT,
    params: 'URLSearchParams',
    response: { ...AXIOS_DEFAULT.response, status: 401, content: 'nothing' },
    change: 'on the way',
  },
  'a FormData that is changed while the token is fetched': {
    ...AXIOS_DEFAULT,
    method: 'post',
    body: { kind: 'FormData', text: 'x', ending: 'ends' },
    change: 'on the way',
  },
  'an Authorization that the adapter removes in favour of auth': {
    ...AXIOS_DEFAULT,
    headers: { entries: [['Authorization', 'mine']], form: 'object' },
    functions: ['auth'],
  },
  progress: {
    ...AXIOS_DEFAULT,
    method: 'post',
    body: { kind: 'text', text: 'a long one. '.repeat(500), ending: 'ends' },
    functions: ['onDownloadProgress', 'onUploadProgress'],
  },
  'a URL object': { ...AXIOS_DEFAULT, url: 'URL object' },
  'a URL object that is changed while the token is fetched': {
    ...AXIOS_DEFAULT,
    url: 'URL object',
    change: 'on the way',
  },
  'a stream that is longer than maxBodyLength': {
    ...AXIOS_DEFAULT,
    method: 'post',
    body: { kind: 'Node stream', text: 'söme text', ending: 'ends' },
    options: { maxBodyLength: 10 },
  },
  'a response stream that is longer than maxContentLength': {
    ...AXIOS_DEFAULT,
    options: { maxContentLength: 10, responseType: 'stream' },
    response: { ...AXIOS_DEFAULT.response, chunked: true },
  },
  'an abort in the stream of a response': {
    ...AXIOS_DEFAULT,
    options: { responseType: 'stream' },
    response: { ...AXIOS_DEFAULT.response, ending: 'stalls' },
    signal: { moment: 'after', reason: 'default' },
  },
  'no adapter': { ...AXIOS_DEFAULT, functions: ['adapter absent'] },
  'responseType formdata': {
    ...AXIOS_DEFAULT,
    options: { responseType: 'formdata' },
    response: { ...AXIOS_DEFAULT.response, content: 'form' },
  },
  'a signal of an older package': {
    ...AXIOS_DEFAULT,
    abortBy: 'old signal',
    signal: { moment: 'on arrival', reason: 'default' },
    response: NO_RESPONSE,
  },
};

const FOUND_HTTP: Record<string, AxiosPlan> = {
  'a compressed 401 that is not decompressed': {
    ...AXIOS_DEFAULT,
    options: { decompress: false, responseType: 'stream' },
    response: { ...AXIOS_DEFAULT.response, status: 401, content: 'consent', encoding: 'br' },
  },
  'a timeout of 0 as text': { ...AXIOS_DEFAULT, timeout: '0', response: NO_RESPONSE },
  'an infinite timeout': { ...AXIOS_DEFAULT, timeout: Number.POSITIVE_INFINITY },
};

interface Way {
  readonly name: string;
  readonly adapter: 'http' | 'fetch';
  install(api: AxiosInstance, tokens: TokenSource): void;
  /** Does the same without us. */
  readonly refresh?: (api: AxiosInstance) => void;
}

function describeAxios({ name, adapter, install, refresh }: Way): void {
  // Older versions report in other words what we report in those of this one.
  if (!axiosIsAtLeast(1, 21, 0)) return void test.skip(name, () => {});
  describeTransparency<AxiosPlan>({
    name,
    plans: axiosPlans,
    found: adapter === 'http' ? { ...found, ...FOUND_HTTP } : found,
    isFinal: isFinalAxios,
    hidesReason: ({ options }) => adapter === 'http' && options.decompress === false,
    refreshes: (plan) => refresh !== undefined && rejects401(plan),
    prepare(plan, bench) {
      const instance = axios.create({ adapter });
      if (bench.tokens) install(instance, bench.tokens);
      else if (bench.state === 'bare refresh') refresh?.(instance);
      // With an interceptor, whichever it is, axios reads the config a moment later.
      else instance.interceptors.request.use((config) => config);
      return prepareAxios(plan, bench, {
        instance,
        axiosHeaders: (headers) => new AxiosHeaders({ ...headers }),
        cancelToken: () => axios.CancelToken.source(),
      });
    },
  });
}

const install: Way['install'] = (api, tokens) => void api.interceptors.request.use(openBankingAuth(tokens));

describeAxios({ name: 'axios, http adapter', adapter: 'http', install });
describeAxios({ name: 'axios, fetch adapter', adapter: 'fetch', install });
describeAxios({
  name: 'axios-auth-refresh',
  adapter: 'http',
  install: installAuthRefresh,
  refresh(api) {
    let token = 1;
    // As ours: at the adapter, so that the config never has the token.
    const adapter: AxiosAdapter = async (config) => {
      config.headers.set('Authorization', `Bearer transparent-${token}`);
      try {
        return await getAdapter('http', config)(config);
      } finally {
        config.headers.delete('Authorization');
      }
    };
    api.interceptors.request.use((config) => ({ ...config, adapter }));
    createAuthRefresh(Object(api), async () => void token++, { deduplicateRefresh: false });
  },
});
