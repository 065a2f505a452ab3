import type { Grant } from '../access-token.js';
import { invalidConfig, isOpenBankingAuthError, kindOf } from '../errors.js';
import { DEFAULT_LIFETIME_MS, TOKEN_RESPONSE_LIMIT_BYTES } from '../policy.js';
import { readText } from '../web/body.js';
import { withTimeLimit } from '../web/time-limit.js';
import type { TokenRequestContext } from './context.js';
import { failure, NOT_A_TOKEN_HINT, REDIRECT_HINT, translate } from './failure.js';
import { grantFrom, tokenFault } from './granted.js';
import * as oauth from './oauth.js';

/**
 * One attempt at the client credentials grant (RFC 6749 section 4.4), or one call of the function that is in its place.
 * oauth4webapi writes the request and checks the response; its errors can hold the response with a live token, so none of them leaves this file.
 */
export async function requestToken(context: TokenRequestContext, timeoutMs: number): Promise<Grant> {
  const { settings, credential, scope, clock } = context;
  const { tokenUrl, clientId, parameters } = settings;
  if (settings.requestToken) {
    // Most clients ask a token endpoint: this is loaded for the others.
    const { callTokenFunction } = await import('./token-function.js');
    return callTokenFunction(context, settings.requestToken, timeoutMs);
  }
  const timedOut = () =>
    failure(context, 'token_request_timeout', `was not answered within ${Math.ceil(timeoutMs)} ms`);
  return withTimeLimit(clock, timeoutMs, timedOut, async (signal) => {
    let startedWall = 0;
    let startedMonotonic = 0;
    let response: Response | undefined;
    const server = { issuer: tokenUrl?.origin ?? '', token_endpoint: tokenUrl?.href ?? '' };
    const client = { client_id: clientId };
    const form = new URLSearchParams(scope === '' ? {} : { scope });
    for (const [name, value] of parameters) form.append(name, value);
    const options = {
      // https was checked with the configuration, which makes an exception for loopback.
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: async (url: string, init: oauth.CustomFetchOptions<'POST', URLSearchParams>) => {
        startedWall = clock.wall();
        startedMonotonic = clock.monotonic();
        const send = settings.fetch ?? fetch;
        response = await send(url, { ...init, body: init.body.toString(), signal });
        // As from a test double without a result, or an HTTP client that is not fetch.
        if (typeof response?.text === 'function') return readResponse(context, response);
        throw invalidConfig(`"fetch" returned ${kindOf(response)}, and not a Response`, 'Give a function like fetch');
      },
    };
    try {
      const read = await oauth.clientCredentialsGrantRequest(server, client, credential.authenticate, form, options);
      const granted = await oauth.processClientCredentialsResponse(server, client, read);
      const fault = faultOf(granted);
      if (fault !== undefined) {
        throw failure(context, 'token_response_invalid', `was answered with ${fault}`, response, NOT_A_TOKEN_HINT);
      }
      const { access_token: value, expires_in: seconds = DEFAULT_LIFETIME_MS / 1_000 } = granted;
      return grantFrom(context, value, granted.scope, seconds, { startedWall, startedMonotonic });
    } catch (error) {
      throw isOpenBankingAuthError(error) ? error : await translate(context, error, response);
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

/** Faults that oauth4webapi accepts and we do not. */
function faultOf(granted: oauth.TokenEndpointResponse): string | undefined {
  const { access_token: value, expires_in: seconds } = granted;
  if (granted.token_type !== 'bearer') return 'a token that is not of the type "Bearer"';
  if (seconds !== undefined && seconds <= 0) return 'a token that has already expired ("expires_in" is 0)';
  return tokenFault(value);
}
