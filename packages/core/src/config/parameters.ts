import { invalidConfig, kindOf } from '../errors.js';
import { looksUnset } from './faults.js';

/** The form fields that this library writes itself. */
const OWN = /^(?:grant_type|scope|client_(?:id|secret|assertion|assertion_type))$/;

/** More form fields of the token request, in the order of their names: they are part of the token's name. */
export function parseParameters(value: unknown): (readonly [string, string])[] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null || Symbol.iterator in value) {
    throw invalidConfig(`"parameters" is ${kindOf(value)}`, 'Give names and values, such as { audience: "https://…" }');
  }
  const parameters: [string, string][] = [];
  for (const name of Object.keys(value).sort()) {
    if (OWN.test(name)) {
      throw invalidConfig(
        `"parameters" has "${name}", which this library writes itself`,
        'Use the option for it; for another grant, "requestToken"',
      );
    }
    const given: unknown = Reflect.get(value, name);
    // An empty list is one of unset variables too.
    for (const text of Array.isArray(given) && given.length > 0 ? given : [given]) {
      if (typeof text !== 'string' || looksUnset(text)) {
        throw invalidConfig(
          `"parameters.${name.slice(0, 60)}" is ${typeof text !== 'string' ? kindOf(text) : `"${text.trim()}"`}`,
          'It must be a string or an array of strings: check that the variable behind it is set',
        );
      }
      parameters.push([name, text]);
    }
  }
  return parameters;
}
