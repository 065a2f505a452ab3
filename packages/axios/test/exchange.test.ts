import { Readable } from 'node:stream';
import { openBankingAuth } from '@open-banking-auth/axios';
import type { OpenBankingAuthConfig, TokenSource } from '@open-banking-auth/core';
import axios from 'axios';
import { describeClient } from '../../core/test/client-suite.js';

for (const adapter of ['http', 'fetch'] as const) {
  const instance = (source: TokenSource | OpenBankingAuthConfig) => {
    const api = axios.create({ adapter, validateStatus: null, responseType: 'text' });
    api.interceptors.request.use(openBankingAuth(source));
    return api;
  };
  describeClient({
    name: `axios, ${adapter} adapter`,
    over(source) {
      const api = instance(source);
      return async (url, { body, headers, ...request } = {}) => {
        // Without it axios 1.21's fetch adapter calls a FormData "application/x-www-form-urlencoded".
        const multipart = body instanceof FormData && { 'Content-Type': 'multipart/form-data' };
        const response = await api.request<string>({
          url,
          data: body,
          headers: { ...multipart, ...headers },
          ...request,
        });
        return { status: response.status, body: response.data };
      };
    },
    overStream(source) {
      const api = instance(source);
      return (url, bytes) =>
        api.post(
          url,
          adapter === 'http' ? Readable.from([bytes]) : new Blob([bytes as Uint8Array<ArrayBuffer>]).stream(),
        );
    },
    abortError: 'CanceledError',
  });
}
