import type { Clock } from '../clock.js';
import { parseCredential } from '../config/option.js';
import type { Settings } from '../config/settings.js';
import { fieldsOf, OpenBankingAuthError } from '../errors.js';
import { withTimeLimit } from '../web/time-limit.js';

/** The name of a class, such as `VaultError`. */
const ERROR_NAME = /^[A-Z][A-Za-z]{0,30}(?:Error|Exception)$|^Error$/;

/** The current client secret. A `clientSecret` function has `limitMs` to return it. */
export async function getSecret(settings: Settings, clock: Clock, limitMs: number): Promise<string> {
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
    // The error's message stays out: a vault client's error can quote the secret.
    const failure = late ? `did not return within ${limitMs} ms` : `threw ${nameOf(error)}`;
    throw new OpenBankingAuthError({
      code: late ? 'token_request_timeout' : 'token_request_failed',
      problem: `No token was requested, because the "clientSecret" function ${failure}`,
      hint: 'Log errors inside that function: they are not repeated here, since they could hold a secret',
    });
  }
  return parseCredential(secret, 'clientSecret (the value that the function returned)');
}

function nameOf(error: unknown): string {
  const { name } = fieldsOf(error);
  if (typeof name !== 'string') return 'something other than an Error';
  return ERROR_NAME.test(name) ? name : 'an error';
}

class SecretTimeout extends Error {}
