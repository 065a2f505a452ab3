import type { Clock } from './clock.js';
import { parseCredential, type Settings } from './config.js';
import { OpenBankingAuthError } from './errors.js';
import { withTimeLimit } from './time-limit.js';
import { fieldsOf } from './token-failure.js';

/** The client secret of the moment. A function is given `limitMs` to say it. */
export async function readSecret(settings: Settings, clock: Clock, limitMs: number): Promise<string> {
  const { clientSecret } = settings;
  if (typeof clientSecret === 'string') return clientSecret;
  let secret: unknown;
  try {
    secret = await withTimeLimit(
      clock,
      limitMs,
      () => new SecretTimeout(),
      async () => clientSecret(),
    );
  } catch (error) {
    const late = error instanceof SecretTimeout;
    // Its message stays out: a vault client's error can hold what it was asked for.
    const did = late
      ? `did not answer within ${limitMs} ms`
      : `threw ${fieldsOf(error).name ?? 'something that is no Error'}`;
    throw new OpenBankingAuthError({
      code: late ? 'token_request_timeout' : 'token_request_failed',
      problem: `No token was requested, because the "clientSecret" function ${did}`,
      hint: 'Log what it does in that function: its errors are not repeated here, since they could hold a secret',
    });
  }
  return parseCredential(secret, 'clientSecret (the value that the function returned)');
}

class SecretTimeout extends Error {}
