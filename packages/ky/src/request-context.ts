import type { RequestAuthOptions } from '@open-banking-auth/core';

/** The part of ky's `context` that is read here: `ky(url, { context: { openBanking: { context: 'corporate' } } })`. */
export interface OpenBankingContext {
  /** This request's own scope or context, or `false` to send it without a token. */
  readonly openBanking?: RequestAuthOptions | false | undefined;
}

declare module 'ky' {
  interface Options {
    /** Data for hooks; `openBanking` in it is for `openBankingAuth`. */
    context?: OpenBankingContext & Record<string, unknown>;
  }
}
