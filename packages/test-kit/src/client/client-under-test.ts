import type { OpenBankingAuthConfig, RequestAuthOptions, TokenSource } from '@open-banking-auth/core';

export interface SuiteRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: string | URLSearchParams | FormData | Blob | Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal;
  readonly openBanking?: RequestAuthOptions | false;
}

/** One way of sending requests. Resolves for every status; rejects as the client does if there is no response. */
type Send = (url: string, request?: SuiteRequest) => Promise<{ readonly status: number; readonly body: string }>;

export interface ClientUnderTest {
  readonly name: string;
  over(source: TokenSource | OpenBankingAuthConfig): Send;
  /** Sends a stream as the body, made from these bytes. */
  overStream(
    source: TokenSource | OpenBankingAuthConfig,
  ): (url: string, bytes: Uint8Array) => Promise<{ status: number }>;
  /** Whether the client hides streams in a `Request`, where they can only be copied: then they are sent again, whole. */
  readonly copiesStreams?: boolean;
  /** The `name` of the error with which this client reports an abort. */
  readonly abortError: string;
}
