import type { RequestAuthOptions } from '@open-banking-auth/core';

declare module 'axios' {
  interface AxiosRequestConfig {
    /** What this request asks for, or `false` to send it without a token. */
    openBanking?: RequestAuthOptions | false | undefined;
  }
}
