import { PassThrough } from 'node:stream';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { Clock } from '../clock.js';
import { invalidConfig } from '../errors.js';

/**
 * The moment at which a context's certificate expires.
 *
 * @throws OpenBankingAuthError `invalid_config` when it has expired, or is not valid yet.
 */
export function expiryOf(secureContext: SecureContext, clock: Clock): Date {
  // A socket that never connects: it is the only documented way to the certificate inside a pfx.
  const socket = new TLSSocket(new PassThrough(), { secureContext });
  const certificate = socket.getX509Certificate();
  socket.destroy();
  if (!certificate) throw invalidConfig('There is a key, but no certificate', 'Give both');

  const now = clock.wall();
  const begins = Date.parse(certificate.validFrom);
  const ends = Date.parse(certificate.validTo);
  const iso = (time: number) => new Date(time).toISOString();
  if (now >= ends) {
    throw invalidConfig(
      `The client certificate expired on ${iso(ends)}`,
      "Get a new one from the platform's portal, and give it in place of this one",
    );
  }
  if (now < begins) {
    throw invalidConfig(
      `The client certificate is not valid before ${iso(begins)}, and the clock of this machine says ${iso(now)}`,
      'Set the clock, or use the previous certificate until then',
    );
  }
  return new Date(ends);
}
