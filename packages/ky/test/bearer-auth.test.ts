import { openBankingFetch } from '@open-banking-auth/core';
import { openBankingAuth } from '@open-banking-auth/ky';
import { describeClient } from '@open-banking-auth/test-kit/client-suite';
import ky from 'ky';
import formerKy from 'ky1';

// Typed by the ky beside the package, which is ky 2 here.
const hooksFor = (source: Parameters<typeof openBankingAuth>[0]): object => openBankingAuth(source);

for (const retry of [0, 2]) {
  describeClient({
    name: `ky 2, retry: ${retry}`,
    over(source) {
      const api = ky.create({ throwHttpErrors: false, timeout: false, retry }).extend(openBankingAuth(source));
      return async (url, { openBanking, ...request } = {}) => {
        const response = await api(url, { ...request, context: { openBanking } });
        return { status: response.status, body: await response.text() };
      };
    },
    overStream(source) {
      const api = ky.create({ throwHttpErrors: false, retry }).extend(openBankingAuth(source));
      return (url, bytes) => api.post(url, { body: new Blob([bytes as Uint8Array<ArrayBuffer>]).stream() });
    },
    abortError: 'AbortError',
  });
}

for (const retry of [0, 2]) {
  describeClient({
    name: `ky 1.14, retry: ${retry}`,
    over(source) {
      const api = formerKy.create({ throwHttpErrors: false, timeout: false, retry }).extend(hooksFor(source));
      return async (url, { openBanking, ...request } = {}) => {
        const response = await api(url, { ...request, context: { openBanking } });
        return { status: response.status, body: await response.text() };
      };
    },
    overStream(source) {
      const api = formerKy.create({ throwHttpErrors: false, retry }).extend(hooksFor(source));
      return (url, bytes) => api.post(url, { body: new Blob([bytes as Uint8Array<ArrayBuffer>]).stream() });
    },
    abortError: 'AbortError',
  });
}

describeClient({
  name: 'ky 1.14 by its fetch option',
  over(source) {
    const api = formerKy.create({ throwHttpErrors: false, timeout: false, retry: 0, fetch: openBankingFetch(source) });
    return async (url, request) => {
      const response = await api(url, request);
      return { status: response.status, body: await response.text() };
    };
  },
  overStream: (source) => {
    const api = formerKy.create({ throwHttpErrors: false, retry: 0, fetch: openBankingFetch(source) });
    return (url, bytes) => api.post(url, { body: new Blob([bytes as Uint8Array<ArrayBuffer>]).stream() });
  },
  copiesStreams: true,
  abortError: 'AbortError',
});
