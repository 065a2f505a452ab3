import type { Settings } from './settings.js';

/** What of a client's settings has to do with its rejection. */
export type RejectedClient = Pick<Settings, 'clientId' | 'clientAuthentication'>;

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** What to do about a rejected id and secret, on any platform ... */
export const CHECK = 'Check clientId and clientSecret: both must be complete, and of this environment';

/** ... and what to say after that on openpayments.io. */
export const CHECK_ENVIRONMENT =
  'Production and the platform\'s sandbox have different ones. "npx @open-banking-auth/sandbox check" tries them, and explains more';

/** What looks wrong with an id and a secret that were rejected, as sentences for a hint. Quotes neither. */
export function credentialDoubts(clientId: string, clientSecret: string): string[] {
  const doubts: string[] = [];
  if (clientSecret.includes(' ')) {
    doubts.push(
      '"clientSecret" contains a space. The platform\'s secrets contain "+", which becomes a space when a URL or a form is decoded: copy the secret from the portal again',
    );
  }
  if (/%[\da-f]{2}/i.test(clientSecret)) {
    doubts.push(
      '"clientSecret" contains a percent code, such as %2B: set it exactly as the portal shows it, since it is encoded when it is sent',
    );
  }
  if (looksCut(clientSecret)) {
    doubts.push(
      '"clientSecret" has the characters of base64 but not its length: an "=" at its end, or more, may have been cut off',
    );
  }
  if (!UUID.test(clientId)) {
    doubts.push(
      UUID.test(clientSecret)
        ? '"clientSecret" is a UUID and "clientId" is not: they may have been swapped'
        : '"clientId" is not a UUID, unlike the platform\'s ids',
    );
  }
  return doubts;
}

/** Base64 comes in fours. Without "+", "/" or "=" it could as well be a secret of another kind. */
function looksCut(secret: string): boolean {
  return /^[a-z\d+/]+={0,2}$/i.test(secret) && /[+/=]/.test(secret) && secret.length % 4 !== 0;
}

/** Servers that do not decode what `client_secret_basic` encodes (RFC 6749 section 2.3.1) reject the right secret. */
export function encodingDoubts({ clientId, clientAuthentication }: RejectedClient, clientSecret: string): string[] {
  if (clientAuthentication !== 'client_secret_basic' || /^[\w.*-]*$/.test(clientId + clientSecret)) return [];
  return [
    'Some servers do not decode "client_secret_basic", which encodes some characters of this id or secret: try "client_secret_post"',
  ];
}
