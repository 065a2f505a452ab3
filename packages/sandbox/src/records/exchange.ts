import type { SandboxHost } from '../hosts/host.js';

/** One finished request and its response, for a log. Contains no token and no secret. */
export interface SandboxExchange {
  /** The host that received the request. */
  readonly host: SandboxHost;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The status of the response, or 0 if the connection ended before one was sent. */
  readonly status: number;
  /** From the first line of the request to the end of the response, in milliseconds, with fractions. */
  readonly durationMs: number;
  /** The first 8 hex digits of the SHA-256 of the token that was sent or issued, enough to distinguish two tokens. */
  readonly token?: string;
  /** The reason for the response, where the status alone does not give it. */
  readonly note?: string;
}
