import type { PresentedCertificate } from './client-certificate.js';

/** One of the three servers: the token host, the API host, and one that is no business of the token. */
export type SandboxHost = 'token' | 'api' | 'foreign';

export const sandboxHosts: readonly SandboxHost[] = ['token', 'api', 'foreign'];

/** One request as a host sees it, read to its end. */
export interface HostRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Names are lower-cased. A header that came more than once is joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The client certificate that came with the connection. */
  readonly certificate: PresentedCertificate | undefined;
}
