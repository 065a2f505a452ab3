import type { Grant } from '../access-token.js';
import { isOpenBankingAuthError, kindOf } from '../errors.js';
import { withTimeLimit } from '../web/time-limit.js';
import { LOG_HINT, nameOf } from './client-credential.js';
import type { TokenRequestContext } from './context.js';
import { failure } from './failure.js';
import { grantFrom, tokenFault } from './granted.js';

const RETURN_HINT = 'It must return { accessToken, expiresInSeconds, scope? }';

/** One call of the `requestToken` function. Its own errors can quote secrets: only those of this library are passed on. */
export async function callTokenFunction(
  context: TokenRequestContext,
  run: (request: { readonly scope: string; readonly signal: AbortSignal }) => unknown,
  timeoutMs: number,
): Promise<Grant> {
  const { scope, clock } = context;
  const timedOut = () => failure(context, 'token_request_timeout', `did not return within ${Math.ceil(timeoutMs)} ms`);
  return withTimeLimit(clock, timeoutMs, timedOut, async (signal) => {
    const started = { startedWall: clock.wall(), startedMonotonic: clock.monotonic() };
    let returned: unknown;
    try {
      returned = await run({ scope, signal });
    } catch (error) {
      if (isOpenBankingAuthError(error)) throw error;
      throw failure(context, 'token_request_failed', `threw ${nameOf(error)}`, undefined, LOG_HINT);
    }
    const { accessToken, expiresInSeconds, scope: granted }: Partial<Record<string, unknown>> = Object(returned);
    const fault = returnFault(returned, accessToken, expiresInSeconds, granted);
    if (fault !== undefined) {
      throw failure(context, 'token_response_invalid', `returned ${fault}`, undefined, RETURN_HINT);
    }
    return grantFrom(context, String(accessToken), granted, Number(expiresInSeconds), started);
  });
}

function returnFault(returned: unknown, token: unknown, seconds: unknown, scope: unknown): string | undefined {
  if (typeof returned !== 'object' || returned === null) return kindOf(returned);
  if (typeof token !== 'string') return `"accessToken" as ${kindOf(token)}`;
  if (typeof seconds !== 'number' || !(seconds > 0)) {
    return `"expiresInSeconds" as ${typeof seconds === 'number' ? seconds : kindOf(seconds)}`;
  }
  if (scope !== undefined && typeof scope !== 'string') return `"scope" as ${kindOf(scope)}`;
  return tokenFault(token);
}
