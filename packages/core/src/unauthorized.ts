import { type Challenge, parseChallenges } from './challenge.js';

/** Why a 401 leads to a new token, or does not. */
export type VerdictReason =
  /** The request has been sent again once already. */
  | 'already_replayed'
  /** The answer came from an origin that is not among `apiOrigins`, by a redirect. */
  | 'other_origin'
  /** Renewals did not help lately, and pause. */
  | 'renewal_paused'
  /** The body was a stream, which cannot be sent a second time. */
  | 'body_not_repeatable'
  /** The challenge names an error that is not about the token being invalid. */
  | 'challenge_other_error'
  /** The server asks for another authentication scheme than Bearer. */
  | 'challenge_other_scheme'
  /** The issuer or audience is blamed: a wrong path or the wrong environment. */
  | 'wrong_path_or_environment'
  /** The body names a cause that is not the token: consent, certificate, signature, PSU. */
  | 'names_other_cause'
  /** The body says that the token is expired, unknown or invalid. */
  | 'names_token'
  /** The challenge says `invalid_token`. */
  | 'challenge_invalid_token'
  /** Nothing in the answer says why. */
  | 'unexplained';

export interface Verdict {
  readonly verdict: 'renew' | 'pass';
  readonly reason: VerdictReason;
  /** The code in the body that decided, if one did. */
  readonly code?: string;
}

// All that the platform's OpenAPI lists under 401: those that a new token can help, and those that it cannot.
const TOKEN_CODE = /^TOKEN_[A-Z]{1,20}$/;
const CODES_NOT_TOKEN: ReadonlySet<string> = new Set([
  'CERTIFICATE_INVALID',
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_BLOCKED',
  'CERTIFICATE_REVOKE',
  'CERTIFICATE_REVOKED',
  'CERTIFICATE_MISSING',
  'SIGNATURE_INVALID',
  'SIGNATURE_MISSING',
  'REQUIRED_KID_MISSING',
  'CORPORATE_ID_INVALID',
  'PSU_CREDENTIALS_INVALID',
  'CONSENT_INVALID',
  'CONSENT_EXPIRED',
]);

// Seen at the platform for a path without /psd2/<service>/v1: "The issuer '(null)' is invalid".
const BLAMES_ISSUER_OR_AUDIENCE = /\b(?:issuer|audience)\b/i;

// Swedbank's answer for transactions that are too old to be read without the user: "Statement requires SCA".
const ASKS_FOR_THE_USER = /\brequires SCA\b/i;

/**
 * What the `WWW-Authenticate` header says (RFC 6750 section 3). `undefined`: it leaves the question to the body.
 */
export function readChallenge(header: string | undefined): Verdict | undefined {
  const challenges = header === undefined ? [] : parseChallenges(header);
  const bearer = challenges.filter(({ scheme }) => scheme === 'bearer');
  if (bearer.length === 0) return challenges.length === 0 ? undefined : pass('challenge_other_scheme');
  if (bearer.some((challenge) => BLAMES_ISSUER_OR_AUDIENCE.test(challenge.parameters.get('error_description') ?? ''))) {
    return pass('wrong_path_or_environment');
  }
  const errors = bearer.flatMap(({ parameters }) => parameters.get('error') ?? []);
  return errors.length === 0 || errors.includes('invalid_token') ? undefined : pass('challenge_other_error');
}

/** What a 401 means that its header alone does not settle: the codes of the body, then the header again. */
export function readUnauthorized(header: string | undefined, body: string | undefined): Verdict {
  const early = readChallenge(header);
  if (early) return early;
  const { codes, texts } = readBody(body);
  const tokenCode = codes.find((code) => TOKEN_CODE.test(code));
  if (tokenCode !== undefined) return { verdict: 'renew', reason: 'names_token', code: tokenCode };
  const otherCode = codes.find((code) => CODES_NOT_TOKEN.has(code));
  if (otherCode !== undefined) return { verdict: 'pass', reason: 'names_other_cause', code: otherCode };
  if (texts.some((text) => BLAMES_ISSUER_OR_AUDIENCE.test(text))) return pass('wrong_path_or_environment');
  if (texts.some((text) => ASKS_FOR_THE_USER.test(text))) return pass('names_other_cause');
  const invalid = header !== undefined && parseChallenges(header).some(saysInvalidToken);
  return renew(invalid ? 'challenge_invalid_token' : 'unexplained');
}

/** For people: what a reason means, and what to do if a new token is no help. */
export const VERDICT_HINTS: Readonly<Record<VerdictReason, string>> = {
  already_replayed:
    'A new token was refused as well, so the token is not what is wrong: check path, scope and environment',
  other_origin: 'The answer came from an origin that is not among "apiOrigins", so it says nothing about the token',
  renewal_paused:
    'New tokens were refused as well lately, so for a while none is requested: check path, scope and environment',
  body_not_repeatable:
    'The body was a stream and cannot be sent twice: send the request again, a new token is on its way',
  challenge_other_error: 'The API names an error that a new token does not mend: see WWW-Authenticate',
  challenge_other_scheme: 'The API asks for something other than a bearer token: see WWW-Authenticate',
  wrong_path_or_environment:
    "Wrong path or environment: paths begin with /psd2/<service>/v1, and production and sandbox do not know each other's tokens",
  names_other_cause:
    'The API names a cause that a new token does not mend, such as consent, certificate or PSU: see the code in the body',
  names_token: 'The API says that the token is expired, unknown or invalid',
  challenge_invalid_token: 'The API says that the token is invalid',
  unexplained: 'The API does not say why, so the token is renewed on suspicion',
};

function saysInvalidToken({ scheme, parameters }: Challenge): boolean {
  return scheme === 'bearer' && parameters.get('error') === 'invalid_token';
}

/**
 * The codes and texts in a body, in all the shapes that the platform documents: `{"tppMessages": [{"code", "text"}]}`, the
 * bare array, and problem+json with `code`, `detail` and `additionalErrors`; a plain text is its own.
 */
function readBody(body = ''): { readonly codes: readonly string[]; readonly texts: readonly string[] } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return { codes: [], texts: /^\s*[<{[]/.test(body) ? [] : [body] };
  }
  const messages: readonly unknown[] = Array.isArray(parsed)
    ? parsed
    : [parsed, ...members(parsed, 'tppMessages'), ...members(parsed, 'additionalErrors')];
  const strings = (...names: string[]) =>
    messages.flatMap((message) =>
      names.map((name) => member(message, name)).filter((value) => typeof value === 'string'),
    );
  return { codes: strings('code'), texts: strings('text', 'title', 'detail') };
}

function members(value: unknown, name: string): readonly unknown[] {
  const found = member(value, name);
  return Array.isArray(found) ? found : [];
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function renew(reason: VerdictReason): Verdict {
  return { verdict: 'renew', reason };
}

function pass(reason: VerdictReason): Verdict {
  return { verdict: 'pass', reason };
}
