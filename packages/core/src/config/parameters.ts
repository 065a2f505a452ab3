import { invalidConfig, kindOf } from '../errors.js';

/** The form fields that this library writes itself, and the options behind them. */
const OWN: ReadonlyMap<string, string> = new Map([
  ['grant_type', 'It is always "client_credentials". For another grant, use the option "requestToken"'],
  ['scope', 'Use the option "scope"'],
  ['client_id', 'Use the option "clientId"'],
  ['client_secret', 'Use the option "clientSecret"'],
  ['client_assertion', 'Use the options "clientAuthentication" and "clientKey"'],
  ['client_assertion_type', 'Use the options "clientAuthentication" and "clientKey"'],
]);

/** More form fields of the token request, in the order of their names: they are part of the token's name. */
export function parseParameters(value: unknown): (readonly [string, string])[] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof URLSearchParams) {
    throw invalidConfig(`"parameters" is ${kindOf(value)}`, 'Give names and values, such as { audience: "https://…" }');
  }
  const parameters: [string, string][] = [];
  for (const name of Object.keys(value).sort()) {
    const own = OWN.get(name);
    if (own !== undefined) throw invalidConfig(`"parameters" has "${name}", which this library writes itself`, own);
    const given: unknown = Reflect.get(value, name);
    for (const text of Array.isArray(given) ? given : [given]) {
      if (typeof text !== 'string' || text === '') {
        throw invalidConfig(
          `"parameters.${name.slice(0, 60)}" ${text === '' ? 'is empty' : `must be a string or an array of strings, got ${kindOf(text)}`}`,
          'Leave it out, or check that the variable behind it is set',
        );
      }
      parameters.push([name, text]);
    }
  }
  return parameters;
}
