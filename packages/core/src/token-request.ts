import * as oauth from 'oauth4webapi';
import type { Grant } from './access-token.js';
import { readText } from './body.js';
import type { Clock } from './clock.js';
import { parseCredential, type Settings } from './config.js';
import { isOpenBankingAuthError, OpenBankingAuthError, type OpenBankingAuthErrorCode } from './errors.js';
import {
  DEFAULT_LIFETIME_MS,
  LONGEST_LIFETIME_MS,
  LONGEST_TOKEN_CHARACTERS,
  TOKEN_ANSWER_LIMIT_BYTES,
  TOKEN_REQUEST_BUDGET_MS,
} from './policy.js';
import { redactor } from './redact.js';
import { withTimeLimit } from './time-limit.js';

/**
 * Asks the token endpoint for a token by the client credentials grant (RFC 6749 section 4.4). oauth4webapi writes the
 * request and checks the answer; what it throws can hold the answer with a live token, so nothing of it gets out of here.
 */
export async function requestToken(settings: Settings, scope: string, clock: Clock): Promise<Grant> {
  const budgetMs = Math.max(TOKEN_REQUEST_BUDGET_MS, settings.timeoutMs);
  const started = clock.monotonic();
  const tooLate = () =>
    failure(settings, 'token_request_timeout', `was not made: the "clientSecret" function took over ${budgetMs} ms`);
  const secret = await withTimeLimit(clock, budgetMs, tooLate, () => currentSecret(settings));
  const leftMs = Math.max(1, budgetMs - (clock.monotonic() - started));
  return attempt(settings, secret, scope, clock, Math.min(settings.timeoutMs, leftMs));
}

async function currentSecret(settings: Settings): Promise<string> {
  if (typeof settings.clientSecret === 'string') return settings.clientSecret;
  let secret: unknown;
  try {
    secret = await settings.clientSecret();
  } catch (error) {
    // Its message stays out: a vault client's error can hold what it was asked for.
    throw new OpenBankingAuthError({
      code: 'token_request_failed',
      problem: `No token was requested, because the "clientSecret" function threw ${fieldsOf(error).name ?? 'something that is no Error'}`,
      hint: 'Log the error in that function: its text is not repeated here, since it could hold a secret',
    });
  }
  return parseCredential(secret, 'clientSecret (the value that the function returned)');
}

async function attempt(
  settings: Settings,
  secret: string,
  scope: string,
  clock: Clock,
  timeoutMs: number,
): Promise<Grant> {
  const redact = redactor(settings.clientId, secret);
  const tooLate = () => failure(settings, 'token_request_timeout', `was not answered within ${timeoutMs} ms`);
  return withTimeLimit(clock, timeoutMs, tooLate, async (signal) => {
    let startedWall = 0;
    let startedMonotonic = 0;
    const server = { issuer: settings.tokenUrl.origin, token_endpoint: settings.tokenUrl.href };
    const client = { client_id: settings.clientId };
    const authentication =
      settings.clientAuthentication === 'client_secret_basic'
        ? oauth.ClientSecretBasic(secret)
        : oauth.ClientSecretPost(secret);
    let answer: Response | undefined;
    try {
      const response = await oauth.clientCredentialsGrantRequest(
        server,
        client,
        authentication,
        { scope },
        {
          // https has been checked with the configuration, where loopback is an exception.
          [oauth.allowInsecureRequests]: true,
          [oauth.customFetch]: async (url: string, init: oauth.CustomFetchOptions<'POST', URLSearchParams>) => {
            startedWall = clock.wall();
            startedMonotonic = clock.monotonic();
            const send = settings.fetch ?? fetch;
            answer = await send(url, { ...init, body: init.body.toString(), signal });
            return readAnswer(settings, answer);
          },
        },
      );
      const granted = await oauth.processClientCredentialsResponse(server, client, response);
      const fault = faultOf(granted);
      if (fault !== undefined) {
        throw failure(settings, 'token_response_invalid', `was answered with ${fault}`, answer, NOT_A_TOKEN_HINT);
      }
      const { access_token: value, expires_in: seconds } = granted;
      return {
        value,
        scope: granted.scope ?? scope,
        lifetimeMs: seconds === undefined ? DEFAULT_LIFETIME_MS : Math.min(seconds * 1_000, LONGEST_LIFETIME_MS),
        startedWall,
        startedMonotonic,
      };
    } catch (error) {
      throw isOpenBankingAuthError(error) ? error : translate(settings, error, answer, redact);
    }
  });
}

/** The answer in the form in which oauth4webapi reads both tokens and errors: in memory, as JSON, without a challenge. */
async function readAnswer(settings: Settings, answer: Response): Promise<Response> {
  const { status } = answer;
  if (answer.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    void answer.body?.cancel().catch(() => {});
    throw failure(settings, 'token_request_rejected', 'was redirected', answer, REDIRECT_HINT);
  }
  if (status === 408 || status === 429 || status >= 500) {
    void answer.body?.cancel().catch(() => {});
    throw failure(settings, 'token_request_failed', `was answered with HTTP ${status}`, answer);
  }
  const { text, complete } = answer.body
    ? await readText(answer.body, TOKEN_ANSWER_LIMIT_BYTES)
    : { text: '', complete: true };
  const what = !complete
    ? 'a body of more than 1 MiB'
    : text.trim() === ''
      ? 'an empty body'
      : text.trimStart().startsWith('<')
        ? 'HTML instead of JSON'
        : undefined;
  if (what !== undefined || (status !== 200 && status < 400)) {
    const code = status < 400 ? 'token_response_invalid' : 'token_request_rejected';
    throw failure(settings, code, `was answered with HTTP ${status} and ${what ?? 'a body'}`, answer, NOT_A_TOKEN_HINT);
  }
  return new Response(text, { status, headers: { 'content-type': 'application/json' } });
}

/** What oauth4webapi accepts and we do not. */
function faultOf(granted: oauth.TokenEndpointResponse): string | undefined {
  const { access_token: value, expires_in: seconds } = granted;
  if (granted.token_type !== 'bearer') return 'a token that is not of the type "Bearer"';
  if (seconds !== undefined && seconds <= 0) return 'a token that has run out already ("expires_in" is 0)';
  if (value.length > LONGEST_TOKEN_CHARACTERS) return `a token of more than ${LONGEST_TOKEN_CHARACTERS} characters`;
  if (!/^[\x21-\x7e]+$/.test(value)) return 'a token with characters that no HTTP header can carry';
  return undefined;
}

const REDIRECT_HINT = 'Redirects are not followed, because they would carry the client secret. Check "tokenUrl"';
const NOT_A_TOKEN_HINT = 'Check that "tokenUrl" is the token endpoint, and that no proxy answers in its place';
const HINTS: Partial<Record<OpenBankingAuthErrorCode, string>> = {
  invalid_client:
    'Check clientId and clientSecret: are they whole, and of this environment? Production and sandbox have different ones',
  invalid_scope:
    'Check that the client has been granted these API scopes, and that the scope names one PSU context, "private" or "corporate"',
  token_request_failed: 'Check the network and proxy settings from this machine to the token host, or try again later',
  token_request_timeout: 'Check the network and proxy settings from this machine to the token host, or try again later',
};

/** Turns what fetch and oauth4webapi throw into an error of ours, of which every word is known to be harmless. */
function translate(
  settings: Settings,
  error: unknown,
  answer: Response | undefined,
  redact: (text: string) => string,
): OpenBankingAuthError {
  if (error instanceof oauth.ResponseBodyError) {
    const oauthError = redact(error.error);
    const description = error.error_description === undefined ? '' : `: ${redact(error.error_description)}`;
    const code: OpenBankingAuthErrorCode =
      oauthError === 'invalid_client' || oauthError === 'invalid_scope'
        ? oauthError
        : oauthError === 'server_error' || oauthError === 'temporarily_unavailable'
          ? 'token_request_failed'
          : 'token_request_rejected';
    return failure(
      settings,
      code,
      `was refused with "${oauthError}" (HTTP ${error.status})${description}`,
      answer,
      HINTS[code],
      oauthError,
    );
  }
  if (
    answer === undefined ||
    !(error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError)
  ) {
    return failure(settings, 'token_request_failed', `failed: ${redact(networkReason(error))}`);
  }
  const code = answer.ok ? 'token_response_invalid' : 'token_request_rejected';
  // The library's own sentences about the answer name members and rules, never values.
  const detail = answer.ok ? `an unusable answer: ${error.message}` : 'a body that is no OAuth error';
  return failure(settings, code, `was answered with HTTP ${answer.status} and ${detail}`, answer, NOT_A_TOKEN_HINT);
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
function fieldsOf(error: unknown): Partial<Record<'cause' | 'errors' | 'message' | 'name' | 'code', unknown>> {
  return typeof error === 'object' && error !== null ? error : {};
}

function failure(
  settings: Settings,
  code: OpenBankingAuthErrorCode,
  problem: string,
  answer?: Response,
  hint: string | undefined = HINTS[code],
  oauthError?: string,
): OpenBankingAuthError {
  const { origin, pathname } = settings.tokenUrl;
  return new OpenBankingAuthError({
    code,
    problem: `The token request to ${origin}${pathname} ${problem}`,
    hint: [hint ?? 'Check "tokenUrl" and the client\'s registration', settings.tokenHint].filter(Boolean).join('. '),
    status: answer?.status,
    oauthError,
    requestId: answer?.headers.get('x-request-id') ?? undefined,
  });
}
