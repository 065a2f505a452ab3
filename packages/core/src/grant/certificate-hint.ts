export const NETWORK_HINT =
  'Check the network and proxy settings from this machine to the token host, or try again later';

const ADD_CERTIFICATE =
  'give the token request one: fetch: certificate.fetch, of clientCertificate in "@open-banking-auth/core/node"';

/** TLS alerts about a certificate (RFC 8446 section 6.2), as OpenSSL words them in messages and codes. */
const ALERT =
  /alert[ _](?:handshake[ _]failure|access[ _]denied|unknown[ _]ca|(?:(?:bad|no|unsupported)[ _])?certificate)/i;

/** How undici and Node report that the server closed the connection without an alert, which under TLS 1.3 is the usual case. */
const CLOSED = /other side closed|socket hang up|before secure TLS connection|ECONNRESET|EPIPE/i;

/** The remedy for a network error that a missing or rejected client certificate causes, or may have caused. */
export function certificateHint(reason: string): string | undefined {
  if (ALERT.test(reason)) {
    return `The host ended the TLS handshake, most likely over the client certificate. If it requires one, ${ADD_CERTIFICATE}. If it got one, check that it is for this environment, and neither expired nor revoked`;
  }
  if (CLOSED.test(reason)) {
    return `${NETWORK_HINT}. A host that requires a client certificate closes connections without one in the same way: then ${ADD_CERTIFICATE}`;
  }
  return undefined;
}
