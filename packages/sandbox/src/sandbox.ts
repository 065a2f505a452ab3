import type { SandboxCertificate } from './client-certificate.js';
import type { SandboxFault } from './fault.js';
import type { SandboxClient } from './options.js';
import type { RecordedRequest } from './recorded-requests.js';
import type { SandboxStats } from './stats.js';
import type { UnauthorizedShape } from './unauthorized.js';

/** What a token source or a client needs to know to use the sandbox. */
export interface SandboxConfig {
  readonly tokenUrl: string;
  readonly apiOrigins: string[];
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
}

/** A running sandbox. Close it, else its servers keep the process alive. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT/connect/token` */
  readonly tokenUrl: string;
  /** The origin of the API host, without a slash at the end. */
  readonly apiUrl: string;
  /** The origin of a host that must never see a token, without a slash at the end. */
  readonly foreignUrl: string;
  /** The clients that get tokens. */
  readonly clients: readonly SandboxClient[];
  /**
   * Ready to be given to `openBankingAuth` or `createTokenSource`: the first client, with the scope
   * `accountinformation private`.
   */
  readonly config: SandboxConfig;
  /** What the API host accepts if it demands a client certificate: see the option `clientCertificate`. */
  readonly clientCertificate: SandboxCertificate;
  /** How the API host words a 401 about a token. Can be set at any time. */
  unauthorizedShape: UnauthorizedShape;
  /**
   * What reached the API host and the foreign host, in order: the last 10,000 requests, and fewer if their bodies take
   * more than 256 MiB. It is one list that grows, not a copy.
   */
  readonly requests: readonly RecordedRequest[];
  /** What has happened so far. A fresh object at each call. */
  stats(): SandboxStats;
  /** Begins the figures of `stats()` at 0 again and empties `requests`. Tokens and faults stay. */
  resetStats(): void;
  /** Refuses all tokens issued so far, with `TOKEN_INVALID`. Returns how many were good until now. */
  revokeTokens(): number;
  /** Refuses all tokens issued so far, with `TOKEN_EXPIRED`. Returns how many were good until now. */
  expireTokens(): number;
  /**
   * Makes something go wrong. Of several faults that match a request the latest wins, but a `slow` one goes together
   * with one of another kind. Returns the undo.
   *
   * @throws TypeError when a value of the fault is out of its range
   */
  fault(fault: SandboxFault): () => void;
  /** Undoes all faults. */
  clearFaults(): void;
  /** Ends all connections, those of requests without an answer too. Resolves when all is closed. Can be called again. */
  close(): Promise<void>;
  /** The same as `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
