import { certificateHint } from './certificate-hint.js';
import type { Clock } from './clock.js';
import type { Settings } from './config.js';
import { OpenBankingAuthError, type OpenBankingAuthErrorCode } from './errors.js';
import * as oauth from './oauth.js';
import { LONGEST_RETRY_AFTER_MS } from './policy.js';
import { redactor } from './redact.js';

/** What a failure tells about: one attempt at a token request. */
export interface FailedRequest {
  readonly settings: Settings;
  readonly secret: string;
  readonly clock: Clock;
}

export const REDIRECT_HINT = 'Redirects are not followed, because they would carry the client secret. Check "tokenUrl"';
export const NOT_A_TOKEN_HINT = 'Check that "tokenUrl" is the token endpoint, and that no proxy answers in its place';
const HINTS: Partial<Record<OpenBankingAuthErrorCode, string>> = {
  invalid_client:
    'Check clientId and clientSecret: are they whole, and of this environment? Production and sandbox have different ones',
  invalid_scope:
    'Check that the client has been granted these API scopes, and that the scope names one PSU context, "private" or "corporate"',
  token_request_failed: 'Check the network and proxy settings from this machine to the token host, or try again later',
  token_request_timeout: 'Check the network and proxy settings from this machine to the token host, or try again later',
};

/** An error about a token request, of which every word is known to be harmless. */
export function failure(
  { settings, secret, clock }: FailedRequest,
  code: OpenBankingAuthErrorCode,
  problem: string,
  answer?: Response,
  hint: string | undefined = HINTS[code],
  oauthError?: string,
): OpenBankingAuthError {
  const { origin, pathname } = settings.tokenUrl;
  const requestId = answer?.headers.get('x-request-id') ?? undefined;
  return new OpenBankingAuthError({
    code,
    problem: `The token request to ${origin}${pathname} ${problem}`,
    hint: [hint ?? 'Check "tokenUrl" and the client\'s registration', settings.tokenHint].filter(Boolean).join('. '),
    status: answer?.status,
    oauthError,
    requestId: requestId && redactor(settings.clientId, secret)(requestId),
    retryAt: readRetryAfter(answer?.headers.get('retry-after') ?? undefined, clock),
  });
}

/** Turns what fetch and oauth4webapi throw into an error of ours. */
export function translate(request: FailedRequest, error: unknown, answer: Response | undefined): OpenBankingAuthError {
  const redact = redactor(request.settings.clientId, request.secret);
  if (error instanceof oauth.ResponseBodyError) {
    const oauthError = redact(error.error);
    const description = error.error_description === undefined ? '' : `: ${redact(error.error_description)}`;
    const problem = `was refused with "${oauthError}" (HTTP ${error.status})${description}`;
    const code = codeOf(oauthError);
    return failure(request, code, problem, answer, HINTS[code], oauthError);
  }
  if (
    answer === undefined ||
    !(error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError)
  ) {
    const reason = networkReason(error);
    const hint = request.settings.tokenUrl.protocol === 'https:' ? certificateHint(reason) : undefined;
    return failure(request, 'token_request_failed', `failed: ${redact(reason)}`, undefined, hint);
  }
  const code = answer.ok ? 'token_response_invalid' : 'token_request_rejected';
  // The library's own sentences about the answer name members and rules, never values.
  const detail = answer.ok ? `an unusable answer: ${error.message}` : 'a body that is no OAuth error';
  const problem = `was answered with HTTP ${answer.status} and ${detail}`;
  const translated = failure(request, code, problem, answer, NOT_A_TOKEN_HINT);
  return error.code === oauth.PARSE_ERROR ? asUnreadable(translated) : translated;
}

const unreadable = new WeakSet<OpenBankingAuthError>();

/** Marks an answer that could not be read at all: a broken connection or proxy may be why, so it is worth one more try. */
export function asUnreadable(error: OpenBankingAuthError): OpenBankingAuthError {
  unreadable.add(error);
  return error;
}

export function isUnreadable(error: OpenBankingAuthError): boolean {
  return unreadable.has(error);
}

/** Whether the same request may well succeed in a moment. */
export function isPassing(error: OpenBankingAuthError): boolean {
  return error.code === 'token_request_failed' || error.code === 'token_request_timeout';
}

function codeOf(oauthError: string): OpenBankingAuthErrorCode {
  switch (oauthError) {
    case 'invalid_client':
    case 'invalid_scope':
      return oauthError;
    case 'server_error':
    case 'temporarily_unavailable':
      return 'token_request_failed';
    default:
      return 'token_request_rejected';
  }
}

/** `Retry-After` in both its forms, seconds and a date (RFC 9110 section 10.2.3). */
function readRetryAfter(header: string | undefined, clock: Clock): Date | undefined {
  if (header === undefined) return undefined;
  const now = clock.wall();
  const at = /^\d+$/.test(header) ? now + Number(header) * 1_000 : Date.parse(header);
  return Number.isNaN(at) ? undefined : new Date(Math.min(Math.max(at, now), now + LONGEST_RETRY_AFTER_MS));
}

/** The innermost of the errors that fetch wraps into one another: "fetch failed" says nothing. */
function networkReason(error: unknown): string {
  let inner = error;
  for (let depth = 0; depth < 5; depth++) {
    const { cause, errors } = fieldsOf(inner);
    const next = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
    if (typeof next !== 'object' || next === null) break;
    inner = next;
  }
  const { message, name, code } = fieldsOf(inner);
  const text =
    [message, name].find((part) => typeof part === 'string' && part !== '') ?? 'for a reason that is no Error';
  return typeof code === 'string' && !String(text).includes(code) ? `${text} (${code})` : String(text);
}

/** Not by `instanceof`, which fails for errors of another realm: a test runner's, a worker's. */
export function fieldsOf(error: unknown): Partial<Record<'cause' | 'errors' | 'message' | 'name' | 'code', unknown>> {
  return typeof error === 'object' && error !== null ? error : {};
}
