import { Readable } from 'node:stream';
import { openBankingAuth } from '@open-banking-auth/axios';
import { installAuthRefresh } from '@open-banking-auth/axios/auth-refresh';
import type { OpenBankingAuthConfig, TokenSource } from '@open-banking-auth/core';
import { describeClient } from '@open-banking-auth/test-kit/client-suite';
import axios, { type AxiosInstance, type AxiosRequestConfig, type AxiosResponse, isAxiosError } from 'axios';

type Install = (api: AxiosInstance, source: TokenSource | OpenBankingAuthConfig) => void;

const ways: readonly [string, Install][] = [
  ['axios', (api, source) => void api.interceptors.request.use(openBankingAuth(source))],
  ['axios-auth-refresh', installAuthRefresh],
];

for (const [way, install] of ways) {
  for (const adapter of ['http', 'fetch'] as const) {
    // The statuses that axios rejects stay rejected: axios-auth-refresh looks at those alone.
    const sender = (source: TokenSource | OpenBankingAuthConfig) => {
      const api = axios.create({ adapter, responseType: 'text' });
      install(api, source);
      return (config: AxiosRequestConfig): Promise<AxiosResponse<string>> =>
        api.request<string>(config).catch((error: unknown) => {
          if (isAxiosError<string>(error) && error.response) return error.response;
          throw error;
        });
    };
    describeClient({
      name: `${way}, ${adapter} adapter`,
      over(source) {
        const send = sender(source);
        return async (url, { body, headers, ...request } = {}) => {
          // Without it axios 1.21's fetch adapter calls a FormData "application/x-www-form-urlencoded".
          const multipart = body instanceof FormData && { 'Content-Type': 'multipart/form-data' };
          const response = await send({ url, data: body, headers: { ...multipart, ...headers }, ...request });
          return { status: response.status, body: response.data };
        };
      },
      overStream(source) {
        const send = sender(source);
        return (url, bytes) =>
          send({
            url,
            method: 'POST',
            data: adapter === 'http' ? Readable.from([bytes]) : new Blob([bytes as Uint8Array<ArrayBuffer>]).stream(),
          });
      },
      abortError: 'CanceledError',
    });
  }
}
