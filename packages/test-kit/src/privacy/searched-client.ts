import type { TokenSource } from '@open-banking-auth/core';
import type { Sandbox } from '@open-banking-auth/sandbox';

export interface SearchedRequest {
  readonly body?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** A client with its own defaults: what a call resolves with or throws is searched for secrets, as a whole. */
export interface SearchedClient {
  readonly name: string;
  over(source: TokenSource): (url: string, request?: SearchedRequest) => Promise<unknown>;
  /** Failures that only this client has. */
  readonly failures?: Record<string, (stage: Stage) => Promise<unknown>>;
}

/** What one failure happens to. */
export interface Stage {
  readonly sandbox: Sandbox;
  readonly tokens: TokenSource;
  readonly banks: string;
  send(url: string, request?: SearchedRequest): Promise<unknown>;
}
