import type { ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Answer, tppError } from './answer.js';
import { ca, clientCert, clientKey, clientPassphrase, clientPfx, serverCert, serverKey } from './certificates.js';

/**
 * How the API host demands a client certificate.
 *
 * - `'handshake'`: who has none, or one of another authority, gets no connection
 * - `'answer'`: who has none gets a 401 with `CERTIFICATE_MISSING`, who has another one a 401 with `CERTIFICATE_INVALID`
 */
export type CertificateDemand = 'handshake' | 'answer';

const demands: readonly CertificateDemand[] = ['handshake', 'answer'];

/** A client certificate that the API host accepts, in the forms that clients read. PEM is text, the pfx is binary. */
export interface SandboxCertificate {
  /** The authority that signed both the API host's certificate and this one. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** `cert` and `key` in one file. */
  readonly pfx: Buffer;
  /** The passphrase of `pfx`; `key` has none. */
  readonly passphrase: string;
}

/**
 * The client certificate that the API host accepts if the option `clientCertificate` has it demand one. It is the same
 * for everybody, public, good until 2126, and for this machine's own addresses alone.
 */
export const sandboxCertificate: SandboxCertificate = Object.freeze({
  ca,
  cert: clientCert,
  key: clientKey,
  pfx: clientPfx,
  passphrase: clientPassphrase,
});

export function readDemand(demand: boolean | CertificateDemand): CertificateDemand | undefined {
  if (typeof demand === 'boolean') return demand ? 'handshake' : undefined;
  if (demands.includes(demand)) return demand;
  throw new TypeError(`"clientCertificate" must be true, false or one of ${demands.join(', ')}, got ${String(demand)}`);
}

export function tlsOptions(demand: CertificateDemand): ServerOptions {
  return { cert: serverCert, key: serverKey, ca, requestCert: true, rejectUnauthorized: demand === 'handshake' };
}

/** What came with a connection over TLS. */
export interface PresentedCertificate {
  /** The common name. */
  readonly name: string;
  /** Whether the sandbox's authority has signed it. */
  readonly accepted: boolean;
}

export function presentedCertificate(socket: Socket): PresentedCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  // Empty without a certificate, and null when the connection has ended, whatever the types say.
  const presented: { subject?: { CN?: string | string[] } } | null = socket.getPeerCertificate();
  return presented?.subject && { name: String(presented.subject.CN), accepted: socket.authorized };
}

/** The answer to a request whose certificate does not do. In one shape only: as a challenge it would blame the token. */
export function refuseCertificate(certificate: PresentedCertificate | undefined): Answer | undefined {
  if (certificate === undefined) return tppError(401, 'CERTIFICATE_MISSING', 'There is no client certificate');
  if (!certificate.accepted)
    return tppError(401, 'CERTIFICATE_INVALID', 'The client certificate is of another authority');
  return undefined;
}
