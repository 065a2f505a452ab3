import { invalidConfig } from '../errors.js';

/** What a variable without a token, an object or a promise becomes in a template string. */
const WITHOUT_TOKEN = /^(?:bearer\s*)?(?:undefined|null|\[object \w+\])$|^bearer$/i;

/**
 * For `hasAuthorization` of a `ClientAdapter`, when the caller gave an `Authorization` of their own: `true`, since it then
 * wins.
 *
 * @throws OpenBankingAuthError `invalid_config` when a token is missing in it, as in `Bearer undefined`.
 */
export function ownAuthorization(header: unknown): true {
  if (typeof header !== 'string' || !WITHOUT_TOKEN.test(header.trim())) return true;
  throw invalidConfig(
    `The request has a header of its own, "Authorization: ${header.trim()}", and it has no token`,
    'Remove it: the token is added for you. If you do set it yourself, use (await tokens.get()).authorization',
  );
}
