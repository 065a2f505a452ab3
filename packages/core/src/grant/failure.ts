import { fieldsOf, OpenBankingAuthError, type OpenBankingAuthErrorCode } from '../errors.js';
import { LONGEST_RETRY_AFTER_MS } from '../policy.js';
import { certificateHint, NETWORK_HINT } from './certificate-hint.js';
import type { TokenRequestContext } from './context.js';
import * as oauth from './oauth.js';
import { type Quotable, quotableFor } from './quotable.js';

/** The parts of a token request that its failure needs. */
type Failed = Pick<TokenRequestContext, 'settings' | 'credential' | 'clock'>;

/** `error` as RFC 6749 section 5.2 allows it; the registered ones have up to 25 characters. */
const OAUTH_ERROR = /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,64}$/;

/** The registered ones, and what they are here. They are quoted even if the client id has letters in common with one. */
const REGISTERED_ERRORS: ReadonlyMap<string | undefined, OpenBankingAuthErrorCode> = new Map([
  ['invalid_request', 'token_request_rejected'],
  ['invalid_client', 'invalid_client'],
  ['invalid_grant', 'token_request_rejected'],
  ['unauthorized_client', 'token_request_rejected'],
  ['unsupported_grant_type', 'token_request_rejected'],
  ['invalid_scope', 'invalid_scope'],
  ['server_error', 'token_request_failed'],
  ['temporarily_unavailable', 'token_request_failed'],
]);

/** UUIDs, and what gateways give in their place. */
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

const NOT_REPEATED = 'the text that came with it is not repeated here, as it may hold a credential';

/** The longest header that can be a moment, and the longest text of an error that is looked at. */
const LONGEST_RETRY_AFTER_CHARACTERS = 64;
const LONGEST_REASON_CHARACTERS = 2_048;

export const REDIRECT_HINT = 'Redirects are not followed, because they would carry the client secret. Check "tokenUrl"';
export const NOT_A_TOKEN_HINT = 'Check that "tokenUrl" is the token endpoint, and that no proxy responds in its place';
const HINTS: Partial<Record<OpenBankingAuthErrorCode, string>> = {
  token_request_failed: NETWORK_HINT,
  token_request_timeout: NETWORK_HINT,
};

/** An error about a token request, every word of which is known to be harmless. */
export function failure(
  { settings, credential, clock }: Failed,
  code: OpenBankingAuthErrorCode,
  problem: string,
  response?: Response,
  hint = HINTS[code] ?? 'Check "tokenUrl" and the client\'s registration',
  { oauthError, unreadable }: { readonly oauthError?: string; readonly unreadable?: boolean } = {},
): OpenBankingAuthError {
  const { tokenUrl } = settings;
  const request = tokenUrl ? `token request to ${tokenUrl.origin}${tokenUrl.pathname}` : '"requestToken" function';
  return new OpenBankingAuthError({
    code,
    problem: `The ${request} ${problem}`,
    hint: [hint, settings.tokenHint].filter(Boolean).join('. '),
    status: response?.status,
    oauthError,
    requestId: requestIdOf(response, quotableOf({ settings, credential })),
    retryAt: parseRetryAfter(response?.headers.get('retry-after') ?? undefined, clock.wall()),
    unreadable,
  });
}

/** Turns what fetch and oauth4webapi throw into an error of ours. */
export async function translate(
  request: Failed,
  error: unknown,
  response: Response | undefined,
): Promise<OpenBankingAuthError> {
  const { quote } = quotableOf(request);
  if (error instanceof oauth.ResponseBodyError) {
    const oauthError = oauthErrorOf(error, quote);
    const named = oauthError === undefined ? 'an error that is not repeated here' : `"${oauthError}"`;
    const problem = `was rejected with ${named} (HTTP ${error.status})${descriptionOf(error, quote)}`;
    const code = codeOf(oauthError, error.status);
    const { credential, settings } = request;
    const advice =
      code === 'invalid_client' && response
        ? (await credential.advice(response)).join('. ')
        : code === 'invalid_scope'
          ? settings.profile.scopeHint
          : undefined;
    return failure(request, code, problem, response, advice, oauthError === undefined ? {} : { oauthError });
  }
  const judged = error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError;
  if (response === undefined || !judged) {
    const reason = networkReason(error);
    const hint = request.settings.tokenUrl?.protocol === 'https:' ? certificateHint(reason) : undefined;
    const problem = `failed: ${quote(reason) ?? NOT_REPEATED}`;
    return failure(request, 'token_request_failed', problem, undefined, hint);
  }
  const code = response.ok ? 'token_response_invalid' : 'token_request_rejected';
  // The library's own sentences about the response name members and rules, never values.
  const detail = response.ok ? `an unusable response: ${error.message}` : 'a body that is not an OAuth error';
  const problem = `was answered with HTTP ${response.status} and ${detail}`;
  const unreadable = error.code === oauth.PARSE_ERROR;
  // Some platforms have an error format of their own.
  const advice = response.status === 401 ? await request.credential.advice(response) : [];
  return failure(request, code, problem, response, [...advice, NOT_A_TOKEN_HINT].join('. '), { unreadable });
}

function quotableOf({ settings, credential }: Pick<Failed, 'settings' | 'credential'>): Quotable {
  return quotableFor([settings.clientId, credential.secret]);
}

function oauthErrorOf({ error }: oauth.ResponseBodyError, quote: Quotable['quote']): string | undefined {
  if (REGISTERED_ERRORS.has(error)) return error;
  return OAUTH_ERROR.test(error) ? quote(error) : undefined;
}

function descriptionOf({ error_description: description }: oauth.ResponseBodyError, quote: Quotable['quote']): string {
  return description === undefined ? '' : `: ${quote(description) ?? NOT_REPEATED}`;
}

function requestIdOf(response: Response | undefined, { quote }: Quotable): string | undefined {
  const requestId = response?.headers.get('x-request-id') ?? '';
  return REQUEST_ID.test(requestId) ? quote(requestId) : undefined;
}

function codeOf(oauthError: string | undefined, status: number): OpenBankingAuthErrorCode {
  // What Keycloak calls a wrong secret. Only failed authentication has a 401 (RFC 6749 section 5.2).
  if (oauthError === 'unauthorized_client' && status === 401) return 'invalid_client';
  return REGISTERED_ERRORS.get(oauthError) ?? 'token_request_rejected';
}

/** `Retry-After` in both its forms, seconds and a date (RFC 9110 section 10.2.3). */
function parseRetryAfter(header: string | undefined, now: number): Date | undefined {
  if (header === undefined || header.length > LONGEST_RETRY_AFTER_CHARACTERS) return undefined;
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
  const reason = String(text).slice(0, LONGEST_REASON_CHARACTERS);
  return typeof code === 'string' && /^[\w/]{1,80}$/.test(code) && !reason.includes(code)
    ? `${reason} (${code})`
    : reason;
}
