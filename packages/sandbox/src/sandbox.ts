import type { SandboxCertificate } from './certificate/client-certificate.js';
import type { SandboxFault } from './faults/fault.js';
import type { SandboxClient } from './hosts/client.js';
import type { UnauthorizedShape } from './hosts/unauthorized.js';
import type { RecordedRequest } from './records/recorded-requests.js';
import type { SandboxStats } from './records/stats.js';

/** The configuration with which a token source or a client uses the sandbox. */
export interface SandboxConfig {
  readonly tokenUrl: string;
  readonly apiOrigins: string[];
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
}

/** A running sandbox. Close it, or its servers keep the process alive. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT/connect/token` */
  readonly tokenUrl: string;
  /** The origin of the API host, without a trailing slash. */
  readonly apiUrl: string;
  /** The origin of a host that must never see a token, without a trailing slash. */
  readonly foreignUrl: string;
  /**
   * The URL of the page that shows live what happens; `undefined` without the option `page`. Reachable from this machine
   * only. The URL contains a key: anybody who has it can read the page and press its buttons.
   */
  readonly pageUrl: string | undefined;
  /** The clients that can get tokens. */
  readonly clients: readonly SandboxClient[];
  /** Ready for `openBankingAuth` or `createTokenSource`: the first client, with the scope `accountinformation private`. */
  readonly config: SandboxConfig;
  /** A client certificate that the API host accepts if it demands one: see the option `clientCertificate`. */
  readonly clientCertificate: SandboxCertificate;
  /** The shape of the API host's 401 responses to rejected tokens. Can be set at any time. */
  unauthorizedShape: UnauthorizedShape;
  /**
   * The requests that reached the API host and the foreign host, in order: the latest 10,000, or fewer if their bodies
   * exceed 256 MiB in total. A live list, not a copy.
   */
  readonly requests: readonly RecordedRequest[];
  /** Counts so far, as a new object for each call. */
  stats(): SandboxStats;
  /** Resets the counts of `stats()` to 0 and empties `requests`. Tokens and faults stay. */
  resetStats(): void;
  /** Rejects all tokens issued so far, with `TOKEN_INVALID`. Returns how many of them were still valid. */
  revokeTokens(): number;
  /** Rejects all tokens issued so far, with `TOKEN_EXPIRED`. Returns how many of them were still valid. */
  expireTokens(): number;
  /**
   * Simulates a failure. If several faults match a request, the latest wins, but a `slow` one combines with one of
   * another kind. Returns a function that removes the fault.
   *
   * @throws TypeError when a value of the fault is out of its range
   */
  fault(fault: SandboxFault): () => void;
  /** Removes all faults. */
  clearFaults(): void;
  /**
   * Closes all connections, including those of requests without a response. Resolves when everything is closed. Can be
   * called repeatedly.
   */
  close(): Promise<void>;
  /** The same as `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
