import { openBankingFetch } from '@open-banking-auth/core';
import { describeOthersFetchErrors } from '@open-banking-auth/test-kit/others-fetch-suite';
import { describePrivacy } from '@open-banking-auth/test-kit/privacy-suite';
import { request } from 'undici';

describePrivacy({
  name: 'fetch',
  over(source) {
    const equipped = openBankingFetch(source);
    return (url, { body, signal, timeoutMs } = {}) =>
      equipped(url, {
        ...(body === undefined ? {} : { body, method: 'POST' }),
        signal: signal ?? (timeoutMs === undefined ? null : AbortSignal.timeout(timeoutMs)),
      });
  },
});

describeOthersFetchErrors({
  name: 'fetch',
  over(source) {
    const equipped = openBankingFetch(source);
    return (url, signal) => equipped(url, { signal });
  },
  others: {
    fetch: (url, signal) => fetch(url, { signal }),
    'undici.request': (url, signal) => request(url, { signal }),
  },
});
