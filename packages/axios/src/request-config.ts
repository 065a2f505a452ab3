import type { RequestAuthOptions } from '@open-banking-auth/core';

declare module 'axios' {
  interface AxiosRequestConfig {
    /** This request's own scope or context, or `false` to send it without a token. */
    openBanking?: RequestAuthOptions | false | undefined;
  }
}
