import type { PresentedCertificate } from '../certificate/client-certificate.js';

/** One of the three servers: the token host, the API host, and a foreign host that must never see a token. */
export type SandboxHost = 'token' | 'api' | 'foreign';

export const SANDBOX_HOSTS: readonly SandboxHost[] = ['token', 'api', 'foreign'];

/** One complete request, as a host sees it. */
export interface HostRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Names are in lower case. Repeated headers are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The client certificate of the connection. */
  readonly certificate: PresentedCertificate | undefined;
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** The bearer token in these headers, unless there is another credential too. */
export function bearerOf(headers: HostRequest['headers']): string | undefined {
  return /^bearer +([^\s,]+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** The request's X-Request-ID, if it is a UUID. */
export function requestIdOf({ headers }: HostRequest): string | undefined {
  const id = headers['x-request-id'];
  return id !== undefined && UUID.test(id) ? id : undefined;
}
