import type { ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { ca, clientCert, clientKey, clientPassphrase, clientPfx, serverCert, serverKey } from './certificates.js';

/**
 * How the API host demands a client certificate.
 *
 * - `'handshake'`: without a certificate, or with one of another authority, the TLS connection fails
 * - `'answer'`: the API responds with 401 and `CERTIFICATE_MISSING`, or `CERTIFICATE_INVALID` if the certificate was
 *   issued by another authority
 */
export type CertificateDemand = 'handshake' | 'answer';

const DEMANDS: readonly CertificateDemand[] = ['handshake', 'answer'];

/** A client certificate that the API host accepts, in the formats that clients read. PEM is text, the pfx is binary. */
export interface SandboxCertificate {
  /** The certificate of the authority that issued both the API host's certificate and this one. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** `cert` and `key` in one file. */
  readonly pfx: Buffer;
  /** The passphrase of `pfx`. `key` has none. */
  readonly passphrase: string;
}

/**
 * The client certificate that the API host accepts when the option `clientCertificate` makes it demand one. It is the
 * same in every installation, public, valid until 2126, and limited to this machine's own addresses.
 */
export const sandboxCertificate: SandboxCertificate = Object.freeze({
  ca,
  cert: clientCert,
  key: clientKey,
  pfx: clientPfx,
  passphrase: clientPassphrase,
});

/**
 * Resolves the option `clientCertificate`. The result `undefined` means plain http.
 *
 * @throws TypeError when the value is invalid
 */
export function resolveDemand(demand: boolean | CertificateDemand): CertificateDemand | undefined {
  if (typeof demand === 'boolean') return demand ? 'handshake' : undefined;
  if (DEMANDS.includes(demand)) return demand;
  throw new TypeError(`"clientCertificate" must be true, false or one of ${DEMANDS.join(', ')}, got ${String(demand)}`);
}

export function tlsOptions(demand: CertificateDemand): ServerOptions {
  return { cert: serverCert, key: serverKey, ca, requestCert: true, rejectUnauthorized: demand === 'handshake' };
}

/** The client certificate of a TLS connection. */
export interface PresentedCertificate {
  /** The common name. */
  readonly name: string;
  /** Whether the sandbox's authority issued it. */
  readonly accepted: boolean;
}

export function presentedCertificate(socket: Socket): PresentedCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  // Contrary to its type, this is empty without a certificate and null once the connection has ended.
  const presented: { subject?: { CN?: string | string[] } } | null = socket.getPeerCertificate();
  return presented?.subject && { name: String(presented.subject.CN), accepted: socket.authorized };
}
