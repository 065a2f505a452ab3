import { credentialDoubts } from '../config/credential-doubts.js';
import { fieldsOf, isOpenBankingAuthError, OpenBankingAuthError, type OpenBankingAuthErrorCode } from '../errors.js';
import { LONGEST_RETRY_AFTER_MS } from '../policy.js';
import { certificateHint } from './certificate-hint.js';
import type { TokenRequestContext } from './context.js';
import * as oauth from './oauth.js';
import { redactor } from './redact.js';

/** The parts of a token request that its failure needs. */
type Failed = Pick<TokenRequestContext, 'settings' | 'secret' | 'clock'>;

export const REDIRECT_HINT = 'Redirects are not followed, because they would carry the client secret. Check "tokenUrl"';
export const NOT_A_TOKEN_HINT = 'Check that "tokenUrl" is the token endpoint, and that no proxy responds in its place';
const NETWORK_HINT = 'Check the network and proxy settings from this machine to the token host, or try again later';
const CHECK_HINT = '"npx @open-banking-auth/sandbox check" tries them, and explains more';
const HINTS: Partial<Record<OpenBankingAuthErrorCode, string>> = {
  invalid_client:
    'Check clientId and clientSecret: are they complete, and of this environment? Production and sandbox have different ones',
  invalid_scope:
    'Check that the client has been granted these API scopes, and that the scope names one PSU context, "private" or "corporate"',
  token_request_failed: NETWORK_HINT,
  token_request_timeout: NETWORK_HINT,
};

/** An error about a token request, every word of which is known to be harmless. */
export function failure(
  { settings, secret, clock }: Failed,
  code: OpenBankingAuthErrorCode,
  problem: string,
  response?: Response,
  hint: string | undefined = HINTS[code],
  { oauthError, unreadable }: { readonly oauthError?: string; readonly unreadable?: boolean } = {},
): OpenBankingAuthError {
  const { origin, pathname } = settings.tokenUrl;
  const doubts = code === 'invalid_client' ? credentialDoubts(settings.clientId, secret) : [];
  const check = code === 'invalid_client' ? CHECK_HINT : '';
  const requestId = response?.headers.get('x-request-id') ?? undefined;
  return new OpenBankingAuthError({
    code,
    problem: `The token request to ${origin}${pathname} ${problem}`,
    hint: [...doubts, hint ?? 'Check "tokenUrl" and the client\'s registration', check, settings.tokenHint]
      .filter(Boolean)
      .join('. '),
    status: response?.status,
    oauthError,
    requestId: requestId && redactor(settings.clientId, secret)(requestId),
    retryAt: parseRetryAfter(response?.headers.get('retry-after') ?? undefined, clock.wall()),
    unreadable,
  });
}

/** Turns what fetch and oauth4webapi throw into an error of ours. */
export function translate(request: Failed, error: unknown, response: Response | undefined): OpenBankingAuthError {
  const redact = redactor(request.settings.clientId, request.secret);
  if (error instanceof oauth.ResponseBodyError) {
    const oauthError = redact(error.error);
    const description = error.error_description === undefined ? '' : `: ${redact(error.error_description)}`;
    const problem = `was rejected with "${oauthError}" (HTTP ${error.status})${description}`;
    const code = codeOf(oauthError);
    return failure(request, code, problem, response, HINTS[code], { oauthError });
  }
  const judged = error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError;
  if (response === undefined || !judged) {
    const reason = networkReason(error);
    const hint = request.settings.tokenUrl.protocol === 'https:' ? certificateHint(reason) : undefined;
    return failure(request, 'token_request_failed', `failed: ${redact(reason)}`, undefined, hint);
  }
  const code = response.ok ? 'token_response_invalid' : 'token_request_rejected';
  // The library's own sentences about the response name members and rules, never values.
  const detail = response.ok ? `an unusable response: ${error.message}` : 'a body that is not an OAuth error';
  const problem = `was answered with HTTP ${response.status} and ${detail}`;
  const unreadable = error.code === oauth.PARSE_ERROR;
  return failure(request, code, problem, response, NOT_A_TOKEN_HINT, { unreadable });
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
function parseRetryAfter(header: string | undefined, now: number): Date | undefined {
  if (header === undefined) return undefined;
  const at = /^\d+$/.test(header) ? now + Number(header) * 1_000 : Date.parse(header);
  return Number.isNaN(at) ? undefined : new Date(Math.min(Math.max(at, now), now + LONGEST_RETRY_AFTER_MS));
}

/** The innermost of the errors that fetch wraps into one another: "fetch failed" alone explains nothing. */
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
    [message, name].find((part) => typeof part === 'string' && part !== '') ??
    'something other than an Error was thrown';
  return typeof code === 'string' && !String(text).includes(code) ? `${text} (${code})` : String(text);
}

/** Token requests throw only OpenBankingAuthError. Anything else may quote secrets, so its text is dropped. */
export function asOwnError(thrown: unknown): OpenBankingAuthError {
  if (isOpenBankingAuthError(thrown)) return thrown;
  return new OpenBankingAuthError({
    code: 'token_request_failed',
    problem: 'The token request failed in an unexpected way',
    hint: 'Please report this, with your configuration but without your secret',
  });
}
