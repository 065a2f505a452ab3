import { openBankingFetch, type TokenSource } from '@open-banking-auth/core';
import { openBankingAuth } from '@open-banking-auth/ky';
import { describeOthersFetchErrors } from '@open-banking-auth/test-kit/others-fetch-suite';
import type { SearchedRequest, Stage } from '@open-banking-auth/test-kit/privacy/searched-client';
import { describePrivacy } from '@open-banking-auth/test-kit/privacy-suite';
import ky, { type KyInstance, type Options } from 'ky';
import formerKy from 'ky1';

const optionsOf = ({ body, signal, timeoutMs }: SearchedRequest) => ({
  ...(body === undefined ? {} : { body, method: 'POST' }),
  ...(signal ? { signal } : {}),
  timeout: timeoutMs ?? (false as const),
});
const equipped = (source: TokenSource): KyInstance => ky.create({ retry: 0 }).extend(openBankingAuth(source));
const under =
  (options: Options) =>
  ({ tokens, banks }: Stage) =>
    equipped(tokens)(banks, options);

describePrivacy({
  name: 'ky 2',
  over(source) {
    const api = equipped(source);
    return (url, request = {}) => api(url, optionsOf(request));
  },
  failures: {
    'broken JSON': ({ sandbox, tokens, banks }) => {
      sandbox.fault({ kind: 'body', at: 'api', body: '{"aspsps":[' });
      return equipped(tokens)(banks).json();
    },
    'a schema that refuses': ({ tokens, banks }) =>
      equipped(tokens)(banks).json({
        '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'not so' }] }) },
      }),
    'retries that run out': ({ sandbox, tokens, banks }) => {
      sandbox.fault({ kind: 'status', status: 503, at: 'api' });
      return equipped(tokens)(banks, { retry: { limit: 2, delay: () => 1 } });
    },
    'a hook before the request that throws': under({
      hooks: {
        beforeRequest: [({ request }) => Promise.reject(Object.assign(new Error('from the hook'), { request }))],
      },
    }),
    'a hook after the answer that throws': under({
      hooks: {
        afterResponse: [(state) => Promise.reject(Object.assign(new Error('from the hook'), state))],
      },
    }),
    'a forced retry': under({
      retry: { limit: 1, delay: () => 1 },
      hooks: { afterResponse: [({ retryCount }) => (retryCount === 0 ? ky.retry() : undefined)] },
    }),
    'all time used up': ({ sandbox, tokens, banks }) => {
      sandbox.fault({ kind: 'hang', at: 'api' });
      return equipped(tokens)(banks, { totalTimeout: 30, timeout: false });
    },
  },
});

describePrivacy({
  name: 'ky 1.14',
  over(source) {
    const hooks: object = openBankingAuth(source);
    const api = formerKy.create({ retry: 0 }).extend(hooks);
    return (url, request = {}) => api(url, optionsOf(request));
  },
});

describePrivacy({
  name: 'ky 1.14 by its fetch option',
  over(source) {
    const api = formerKy.create({ retry: 0, fetch: openBankingFetch(source) });
    return (url, request = {}) => api(url, optionsOf(request));
  },
});

describeOthersFetchErrors({
  name: 'ky 2',
  over(source) {
    const api = equipped(source);
    return (url, signal) => api(url, { signal });
  },
  others: { 'ky 2': (url, signal) => ky(url, { signal, retry: 0 }) },
});

describeOthersFetchErrors({
  name: 'ky 1.14',
  over(source) {
    const hooks: object = openBankingAuth(source);
    const api = formerKy.create({ retry: 0 }).extend(hooks);
    return (url, signal) => api(url, { signal });
  },
  others: { 'ky 1.14': (url, signal) => formerKy(url, { signal, retry: 0 }) },
});
