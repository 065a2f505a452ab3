import type { Grant } from '../access-token.js';
import { isOpenBankingAuthError } from '../errors.js';
import {
  DEFAULT_LIFETIME_MS,
  LONGEST_LIFETIME_MS,
  LONGEST_TOKEN_CHARACTERS,
  TOKEN_RESPONSE_LIMIT_BYTES,
} from '../policy.js';
import { readText } from '../web/body.js';
import { withTimeLimit } from '../web/time-limit.js';
import type { TokenRequestContext } from './context.js';
import { failure, NOT_A_TOKEN_HINT, REDIRECT_HINT, translate } from './failure.js';
import * as oauth from './oauth.js';
import { quotableFor } from './quotable.js';

/** A scope that is longer or holds other characters is invalid (RFC 6749 section 3.3). */
const PRINTABLE = /^[\x20-\x7e]{1,1000}$/;

/**
 * One attempt at the client credentials grant (RFC 6749 section 4.4). oauth4webapi writes the request and checks the
 * response; its errors can hold the response with a live token, so none of them leaves this file.
 */
export async function requestToken(context: TokenRequestContext, timeoutMs: number): Promise<Grant> {
  const { settings, secret, scope, clock } = context;
  const timedOut = () =>
    failure(context, 'token_request_timeout', `was not answered within ${Math.ceil(timeoutMs)} ms`);
  return withTimeLimit(clock, timeoutMs, timedOut, async (signal) => {
    let startedWall = 0;
    let startedMonotonic = 0;
    let response: Response | undefined;
    const server = { issuer: settings.tokenUrl.origin, token_endpoint: settings.tokenUrl.href };
    const client = { client_id: settings.clientId };
    const authenticate =
      settings.clientAuthentication === 'client_secret_basic' ? oauth.ClientSecretBasic : oauth.ClientSecretPost;
    const options = {
      // https was checked with the configuration, which makes an exception for loopback.
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: async (url: string, init: oauth.CustomFetchOptions<'POST', URLSearchParams>) => {
        startedWall = clock.wall();
        startedMonotonic = clock.monotonic();
        const send = settings.fetch ?? fetch;
        response = await send(url, { ...init, body: init.body.toString(), signal });
        return readResponse(context, response);
      },
    };
    try {
      const read = await oauth.clientCredentialsGrantRequest(server, client, authenticate(secret), { scope }, options);
      const granted = await oauth.processClientCredentialsResponse(server, client, read);
      const fault = faultOf(granted);
      if (fault !== undefined) {
        throw failure(context, 'token_response_invalid', `was answered with ${fault}`, response, NOT_A_TOKEN_HINT);
      }
      const { access_token: value, expires_in: seconds } = granted;
      return {
        value,
        scope: granted.scope !== undefined && isHarmless(granted.scope, context, value) ? granted.scope : scope,
        lifetimeMs: seconds === undefined ? DEFAULT_LIFETIME_MS : Math.min(seconds * 1_000, LONGEST_LIFETIME_MS),
        startedWall,
        startedMonotonic,
      };
    } catch (error) {
      throw isOpenBankingAuthError(error) ? error : translate(context, error, response);
    }
  });
}

/** The response in the form in which oauth4webapi reads both tokens and errors: in memory, as JSON, without a challenge. */
async function readResponse(context: TokenRequestContext, response: Response): Promise<Response> {
  const { status } = response;
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    void response.body?.cancel().catch(() => {});
    throw failure(context, 'token_request_rejected', 'was redirected', response, REDIRECT_HINT);
  }
  if (status === 408 || status === 429 || status >= 500) {
    void response.body?.cancel().catch(() => {});
    throw failure(context, 'token_request_failed', `was answered with HTTP ${status}`, response);
  }
  // A caller's own fetch may give a body of another kind than the standard's.
  const { text, complete } =
    response.body && 'getReader' in response.body
      ? await readText(response.body, TOKEN_RESPONSE_LIMIT_BYTES)
      : limited(await response.text());
  const unreadable = !complete
    ? 'a body of more than 64 KiB'
    : text.trim() === ''
      ? 'an empty body'
      : text.trimStart().startsWith('<')
        ? 'HTML instead of JSON'
        : undefined;
  if (unreadable !== undefined || (status !== 200 && status < 400)) {
    const code = status < 400 ? 'token_response_invalid' : 'token_request_rejected';
    const problem = `was answered with HTTP ${status} and ${unreadable ?? 'a body'}`;
    const mayPass = status < 400 && unreadable !== undefined && complete;
    throw failure(context, code, problem, response, NOT_A_TOKEN_HINT, { unreadable: mayPass });
  }
  return new Response(text, { status, headers: { 'content-type': 'application/json' } });
}

function limited(text: string): { readonly text: string; readonly complete: boolean } {
  return { text, complete: text.length <= TOKEN_RESPONSE_LIMIT_BYTES };
}

/** The granted scope is printed with its token. A server could put anything into it. */
function isHarmless(granted: string, { settings, scope, secret }: TokenRequestContext, token: string): boolean {
  if (granted === scope) return true;
  const { holdsCredential } = quotableFor([settings.clientId, secret, token]);
  return PRINTABLE.test(granted) && !holdsCredential(granted);
}

/** Faults that oauth4webapi accepts and we do not. */
function faultOf(granted: oauth.TokenEndpointResponse): string | undefined {
  const { access_token: value, expires_in: seconds } = granted;
  if (granted.token_type !== 'bearer') return 'a token that is not of the type "Bearer"';
  if (seconds !== undefined && seconds <= 0) return 'a token that has already expired ("expires_in" is 0)';
  if (value.length > LONGEST_TOKEN_CHARACTERS) return `a token of more than ${LONGEST_TOKEN_CHARACTERS} characters`;
  if (!/^[\x21-\x7e]+$/.test(value)) return 'a token with characters that no HTTP header can carry';
  return undefined;
}
