import type { Clock } from '../clock.js';
import { parseCredential } from '../config/option.js';
import type { Settings } from '../config/settings.js';
import { ERROR_NAME, fieldsOf, OpenBankingAuthError, type OpenBankingAuthErrorCode } from '../errors.js';
import { withTimeLimit } from '../web/time-limit.js';
import * as oauth from './oauth.js';

/** Of the operating system, such as `ENOENT`: most secrets that cannot be read are files. */
const ERRNO = /^E[A-Z]{2,12}$/;

/** What to do when a function of the application's failed. */
export const LOG_HINT = 'Log errors inside that function: they are not repeated here, since they could hold a secret';

/** What proves, in one token request, that the client is this client. */
export interface ClientCredential {
  /** Differs for another credential: the secret itself, or which key it is; empty if the method has none. */
  readonly id: string;
  /** What no text may hold: the secret, or the last assertion; empty if nothing secret travels. */
  readonly secret: string;
  readonly authenticate: oauth.ClientAuth;
  /** What to do if it was rejected, as sentences for a hint. */
  advice(response: Response): Promise<readonly string[]>;
}

/** The current credential. A `clientSecret` or `clientKey` function has `limitMs` to return it. */
export async function getCredential(settings: Settings, clock: Clock, limitMs: number): Promise<ClientCredential> {
  const { clientAuthentication: method, credential } = settings;
  if (method === 'none' || method === 'tls_client_auth') return WITHOUT;
  const option = method === 'private_key_jwt' ? 'clientKey' : 'clientSecret';
  const isFunction = typeof credential === 'function';
  const given: unknown = isFunction ? await call(() => credential(), option, clock, limitMs) : credential;
  const name = isFunction ? `${option} (the value that the function returned)` : option;
  if (method === 'private_key_jwt') {
    // Most clients have a secret: this is loaded for those that have a key.
    const { keyCredential } = await import('./private-key-jwt.js');
    return keyCredential(settings, clock, given, name);
  }
  const secret = isFunction ? parseCredential(given, name) : String(given);
  return {
    id: secret,
    secret,
    authenticate: (method === 'client_secret_basic' ? clientSecretBasic : oauth.ClientSecretPost)(secret),
    advice: () => settings.profile.clientAdvice(settings, secret),
  };
}

/**
 * Id and secret as a form is serialised (RFC 6749 section 2.3.1), and no more. oauth4webapi's own also encodes `-`, `_` and
 * `.`, which is the same to servers that decode, and wrong to the many that do not.
 */
function clientSecretBasic(secret: string): oauth.ClientAuth {
  return (_server, { client_id: id }, _body, headers) => {
    const [username, password] = [id, secret].map((text) => `${new URLSearchParams({ '': text })}`.slice(1));
    headers.set('authorization', `Basic ${btoa(`${username}:${password}`)}`);
  };
}

const WITHOUT: ClientCredential = {
  id: '',
  secret: '',
  authenticate: oauth.None(),
  advice: async () => ['Check clientId, and that the certificate in "fetch" is the one that was registered with it'],
};

function call(
  run: () => unknown,
  option: 'clientSecret' | 'clientKey',
  clock: Clock,
  limitMs: number,
): Promise<unknown> {
  const failure = (code: OpenBankingAuthErrorCode, problem: string) =>
    new OpenBankingAuthError({
      code,
      problem: `No token was requested, because the "${option}" function ${problem}`,
      hint: LOG_HINT,
    });
  const timedOut = () => failure('token_request_timeout', `did not return within ${limitMs} ms`);
  return withTimeLimit(clock, limitMs, timedOut, async () => {
    try {
      return await run();
    } catch (error) {
      // The error's message stays out: a vault client's error can quote the secret.
      throw failure('token_request_failed', `threw ${nameOf(error)}`);
    }
  });
}

/** What was thrown, in words that cannot hold a secret. */
export function nameOf(error: unknown): string {
  const { name, code } = fieldsOf(error);
  if (typeof name !== 'string') return 'something other than an Error';
  const errno = typeof code === 'string' && ERRNO.test(code) ? ` (${code})` : '';
  return (ERROR_NAME.test(name) ? name : 'an error') + errno;
}
