import type { Verdict, VerdictReason } from '../events.js';
import { UNAUTHORIZED_BODY_LIMIT_BYTES } from '../policy.js';
import { type Challenge, parseChallenges } from './www-authenticate.js';

// All codes that the platform's OpenAPI lists under 401: those that a new token cures, and those that it does not.
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

// Swedbank's response for transactions that are too old to be read without the user: "Statement requires SCA".
const ASKS_FOR_THE_USER = /\brequires SCA\b/i;

/**
 * The verdict of the `WWW-Authenticate` header (RFC 6750 section 3); `undefined` if it leaves the question to the body.
 *
 * @param isReplaced Whether there is another token by now. If so, `invalid_token` settles the matter: whatever else the body
 * may say, the API will say of that token too.
 */
export function judgeChallenge(header: string | undefined, isReplaced: boolean): Verdict | undefined {
  const challenges = header === undefined ? [] : parseChallenges(header);
  const bearer = challenges.filter(({ scheme }) => scheme === 'bearer');
  if (bearer.length === 0) return challenges.length === 0 ? undefined : pass('challenge_other_scheme');
  if (bearer.some((challenge) => BLAMES_ISSUER_OR_AUDIENCE.test(challenge.parameters.get('error_description') ?? ''))) {
    return pass('wrong_path_or_environment');
  }
  const errors = bearer.flatMap(({ parameters }) => parameters.get('error') ?? []);
  if (errors.length === 0) return undefined;
  if (!errors.includes('invalid_token')) return pass('challenge_other_error');
  return isReplaced ? renew('challenge_invalid_token') : undefined;
}

/** The verdict on a whole 401: the header if it settles the matter, then the codes of the body, then the header again. */
export function judgeUnauthorized(header: string | undefined, body: string | undefined): Verdict {
  const early = judgeChallenge(header, false);
  if (early) return early;
  const { codes, texts } = parseBody(body?.slice(0, UNAUTHORIZED_BODY_LIMIT_BYTES));
  const tokenCode = codes.find((code) => TOKEN_CODE.test(code));
  if (tokenCode !== undefined) return { verdict: 'renew', reason: 'names_token', code: tokenCode };
  const otherCode = codes.find((code) => CODES_NOT_TOKEN.has(code));
  if (otherCode !== undefined) return { verdict: 'pass', reason: 'names_other_cause', code: otherCode };
  if (texts.some((text) => BLAMES_ISSUER_OR_AUDIENCE.test(text))) return pass('wrong_path_or_environment');
  if (texts.some((text) => ASKS_FOR_THE_USER.test(text))) return pass('names_other_cause');
  const invalid = header !== undefined && parseChallenges(header).some(saysInvalidToken);
  return renew(invalid ? 'challenge_invalid_token' : 'unexplained');
}

/** For people: what a reason means, and what to do if a new token does not help. */
export const VERDICT_HINTS: Readonly<Record<VerdictReason, string>> = {
  already_replayed: 'A new token got a 401 as well, so the token is not at fault: check path, scope and environment',
  other_origin: 'The response came from an origin that is not among "apiOrigins", so it says nothing about the token',
  renewal_paused:
    'New tokens got a 401 as well recently, so for a while none is requested: check path, scope and environment',
  body_not_repeatable:
    'The body was a stream and cannot be sent twice: send the request again, a new token is on its way',
  challenge_other_error: 'The API names an error that a new token does not cure: see WWW-Authenticate',
  challenge_other_scheme: 'The API asks for something other than a bearer token: see WWW-Authenticate',
  wrong_path_or_environment:
    "Check path and environment: most paths begin with /psd2/<service>/v1, and production and the platform's sandbox do not accept each other's tokens",
  names_other_cause:
    'The API names a cause that a new token does not cure, such as consent, certificate or PSU: see the code in the body',
  names_token: 'The API says that the token is expired, unknown or invalid',
  challenge_invalid_token: 'The API says that the token is invalid',
  unexplained: 'The API does not say why, so the token is renewed on suspicion',
};

function saysInvalidToken({ scheme, parameters }: Challenge): boolean {
  return scheme === 'bearer' && parameters.get('error') === 'invalid_token';
}

/**
 * The codes and texts in a body, in all the shapes that the platform documents: `{"tppMessages": [{"code", "text"}]}`, the
 * bare array, and problem+json with `code`, `detail` and `additionalErrors`; plain text counts as a text itself.
 */
function parseBody(body = ''): { readonly codes: readonly string[]; readonly texts: readonly string[] } {
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

/** A 401 that names another cause comes from an API that has accepted the token. */
export function acceptsToken({ reason }: Verdict): boolean {
  return reason === 'names_other_cause' || reason === 'challenge_other_error';
}

/** A 5xx says nothing about the token. */
export function judgesToken(status: number): boolean {
  return status < 500;
}
