const GIVE_ONE =
  'give the token call one: fetch: certificate.fetch, of clientCertificate in "@open-banking-auth/core/node"';

/** TLS alerts about a certificate (RFC 8446 section 6.2), as OpenSSL words them in messages and codes. */
const ALERT =
  /alert[ _](?:handshake[ _]failure|access[ _]denied|unknown[ _]ca|(?:(?:bad|no|unsupported)[ _])?certificate)/i;

/** How undici and Node report that the server ended the connection without a word: under TLS 1.3 mostly all there is. */
const CLOSED = /other side closed|socket hang up|before secure TLS connection|ECONNRESET|EPIPE/i;

/** What to do about a network error that a missing or refused client certificate causes, or may have caused. */
export function certificateHint(reason: string): string | undefined {
  if (ALERT.test(reason)) {
    return `The host ended the TLS handshake, most likely over the client certificate. If it demands one, ${GIVE_ONE}. If it has got one, check that it is of this environment, and neither expired nor revoked`;
  }
  if (CLOSED.test(reason)) {
    return `Check the network and proxy settings from this machine to the token host, or try again later. A host that demands a client certificate ends connections without one like this too: then ${GIVE_ONE}`;
  }
  return undefined;
}
