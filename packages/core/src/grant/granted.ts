import type { Grant } from '../access-token.js';
import { LONGEST_LIFETIME_MS, LONGEST_TOKEN_CHARACTERS } from '../policy.js';
import type { TokenRequestContext } from './context.js';
import { quotableFor } from './quotable.js';

/** A scope that is longer or holds other characters is invalid (RFC 6749 section 3.3). */
const PRINTABLE = /^[\x20-\x7e]{1,1000}$/;

/** A token as it was granted, with limits to what is believed of it. */
export function grantFrom(
  context: TokenRequestContext,
  value: string,
  granted: unknown,
  seconds: number,
  started: Pick<Grant, 'startedWall' | 'startedMonotonic'>,
): Grant {
  return {
    value,
    scope: typeof granted === 'string' && isHarmless(granted, context, value) ? granted : context.scope,
    lifetimeMs: Math.min(seconds * 1_000, LONGEST_LIFETIME_MS),
    ...started,
  };
}

/** The granted scope is printed with its token. A server could put anything into it. */
function isHarmless(granted: string, context: TokenRequestContext, token: string): boolean {
  if (granted === context.scope) return true;
  const { holdsCredential } = quotableFor([context.settings.clientId, context.credential.secret, token]);
  return PRINTABLE.test(granted) && !holdsCredential(granted);
}

/** What keeps a token from being sent. */
export function tokenFault(value: string): string | undefined {
  if (value.length > LONGEST_TOKEN_CHARACTERS) return `a token of more than ${LONGEST_TOKEN_CHARACTERS} characters`;
  if (!/^[\x21-\x7e]+$/.test(value)) return 'a token with characters that no HTTP header can carry';
  return undefined;
}
