import { PassThrough } from 'node:stream';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { Clock } from './clock.js';
import { invalidConfig } from './errors.js';

/**
 * When the certificate of a context ends.
 *
 * @throws OpenBankingAuthError `invalid_config` when it has ended, or has not begun.
 */
export function readValidity(secureContext: SecureContext, clock: Clock): Date {
  // A socket that is never connected: it alone tells, as documented, what certificate came out of a pfx.
  const socket = new TLSSocket(new PassThrough(), { secureContext });
  const certificate = socket.getX509Certificate();
  socket.destroy();
  if (!certificate) throw invalidConfig('There is no certificate beside the key', 'Give both');

  const now = clock.wall();
  const begins = Date.parse(certificate.validFrom);
  const ends = Date.parse(certificate.validTo);
  const written = (time: number) => new Date(time).toISOString();
  if (now >= ends) {
    throw invalidConfig(
      `The client certificate expired on ${written(ends)}`,
      "Get a new one from the platform's portal, and give it in place of this one",
    );
  }
  if (now < begins) {
    throw invalidConfig(
      `The client certificate is not valid before ${written(begins)}, and the clock of this machine says ${written(now)}`,
      'Set the clock, or use the former certificate until then',
    );
  }
  return new Date(ends);
}
