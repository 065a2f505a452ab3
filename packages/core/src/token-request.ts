import type { Grant } from './access-token.js';
import { readText } from './body.js';
import { isOpenBankingAuthError } from './errors.js';
import * as oauth from './oauth.js';
import {
  DEFAULT_LIFETIME_MS,
  LONGEST_LIFETIME_MS,
  LONGEST_TOKEN_CHARACTERS,
  TOKEN_ANSWER_LIMIT_BYTES,
} from './policy.js';
import { withTimeLimit } from './time-limit.js';
import {
  asUnreadable,
  type FailedRequest,
  failure,
  NOT_A_TOKEN_HINT,
  REDIRECT_HINT,
  translate,
} from './token-failure.js';

/** A scope that is longer, or holds other characters, is none (RFC 6749 section 3.3). */
const PRINTABLE = /^[\x20-\x7e]{1,1000}$/;

/** One attempt at a token request. */
export interface TokenRequest extends FailedRequest {
  readonly scope: string;
  readonly timeoutMs: number;
}

/**
 * Asks the token endpoint for a token by the client credentials grant (RFC 6749 section 4.4). oauth4webapi writes the
 * request and checks the answer; what it throws can hold the answer with a live token, so nothing of it gets out of here.
 */
export async function requestToken(request: TokenRequest): Promise<Grant> {
  const { settings, secret, scope, clock, timeoutMs } = request;
  const tooLate = () => failure(request, 'token_request_timeout', `was not answered within ${Math.ceil(timeoutMs)} ms`);
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
            return readAnswer(request, answer);
          },
        },
      );
      const granted = await oauth.processClientCredentialsResponse(server, client, response);
      const fault = faultOf(granted);
      if (fault !== undefined) {
        throw failure(request, 'token_response_invalid', `was answered with ${fault}`, answer, NOT_A_TOKEN_HINT);
      }
      const { access_token: value, expires_in: seconds } = granted;
      return {
        value,
        scope: granted.scope !== undefined && PRINTABLE.test(granted.scope) ? granted.scope : scope,
        lifetimeMs: seconds === undefined ? DEFAULT_LIFETIME_MS : Math.min(seconds * 1_000, LONGEST_LIFETIME_MS),
        startedWall,
        startedMonotonic,
      };
    } catch (error) {
      throw isOpenBankingAuthError(error) ? error : translate(request, error, answer);
    }
  });
}

/** The answer in the form in which oauth4webapi reads both tokens and errors: in memory, as JSON, without a challenge. */
async function readAnswer(request: TokenRequest, answer: Response): Promise<Response> {
  const { status } = answer;
  if (answer.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    void answer.body?.cancel().catch(() => {});
    throw failure(request, 'token_request_rejected', 'was redirected', answer, REDIRECT_HINT);
  }
  if (status === 408 || status === 429 || status >= 500) {
    void answer.body?.cancel().catch(() => {});
    throw failure(request, 'token_request_failed', `was answered with HTTP ${status}`, answer);
  }
  // A fetch of the caller's may give a body of another kind than the standard's.
  const { text, complete } =
    answer.body && 'getReader' in answer.body
      ? await readText(answer.body, TOKEN_ANSWER_LIMIT_BYTES)
      : { text: await answer.text(), complete: true };
  const what = !complete
    ? 'a body of more than 1 MiB'
    : text.trim() === ''
      ? 'an empty body'
      : text.trimStart().startsWith('<')
        ? 'HTML instead of JSON'
        : undefined;
  if (what !== undefined || (status !== 200 && status < 400)) {
    const code = status < 400 ? 'token_response_invalid' : 'token_request_rejected';
    const problem = `was answered with HTTP ${status} and ${what ?? 'a body'}`;
    const error = failure(request, code, problem, answer, NOT_A_TOKEN_HINT);
    throw status < 400 && what !== undefined && complete ? asUnreadable(error) : error;
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
