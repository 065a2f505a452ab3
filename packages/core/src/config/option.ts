import { invalidConfig, kindOf } from '../errors.js';
import { LONGEST_TIMEOUT_MS, SHORTEST_TIMEOUT_MS } from '../policy.js';
import { looksUnset } from './faults.js';
import { hintFor, likelyName } from './likely-name.js';
import { quoted } from './quote.js';

/** The control characters of Unicode, by all that are none: the class `\p{Cc}` would take longer to load than the rest of this file. */
const CONTROL_CHARACTER = /[^\x20-\x7e\xa0-\uffff]/;

/** A client id or secret. Never quoted in a message: people swap id and secret. */
export function parseCredential(value: unknown, option: string): string {
  const source = "Copy it from the platform's portal; if it comes from an environment variable, check that it is set";
  if (typeof value !== 'string') {
    const hint = looksUnset(value) ? source : 'Give it as text: await a promise, and read a file as "utf8"';
    throw invalidConfig(`"${option}" must be a string, got ${kindOf(value)}`, hint);
  }
  if (value.trim() === '') throw invalidConfig(`"${option}" is empty`, source);
  if (looksUnset(value)) throw invalidConfig(`"${option}" is the text "${value.trim()}"`, source);
  if (/^\s|\s$/.test(value)) {
    throw invalidConfig(`"${option}" begins or ends with a space or line break`, 'Trim it where it is read');
  }
  if (/^(["'`]).*\1$/.test(value)) {
    throw invalidConfig(`"${option}" is in quotes`, 'Remove them: some shells and readers of .env files keep them');
  }
  if (CONTROL_CHARACTER.test(value)) {
    throw invalidConfig(`"${option}" holds a control character`, 'Check how it is read: it was damaged on the way');
  }
  return value;
}

/** For functions that take few options. `of` is the function's name. */
export function assertOptions(options: unknown, names: readonly string[], of: string): void {
  const hint = `Give { ${names.join(', ')} }`;
  if (typeof options !== 'object' || options === null)
    throw invalidConfig(`The options of ${of} are ${kindOf(options)}`, hint);
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    throw invalidConfig(`"${name.slice(0, 60)}" is not an option of ${of}`, hintFor(likelyName(name, names), hint));
  }
}

export function parseChoice<T extends string>(value: unknown, choices: readonly T[], option: string): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  throw invalidConfig(
    `"${option}" is ${quoted(value)}`,
    `It must be ${choices.map((candidate) => `"${candidate}"`).join(' or ')}`,
  );
}

export function parseTimeout(value: unknown): number {
  const rule = `It must be a number of milliseconds, ${SHORTEST_TIMEOUT_MS} to ${LONGEST_TIMEOUT_MS}`;
  if (typeof value !== 'number') throw invalidConfig(`"timeoutMs" is ${kindOf(value)}`, rule);
  if (value >= SHORTEST_TIMEOUT_MS && value <= LONGEST_TIMEOUT_MS) return value;
  const seconds = value >= 1 && value < SHORTEST_TIMEOUT_MS ? `. If you mean seconds, give ${value * 1_000}` : '';
  throw invalidConfig(`"timeoutMs" is ${value}`, rule + seconds);
}

export function parseBoolean(value: unknown, option: string): boolean {
  if (typeof value === 'boolean') return value;
  throw invalidConfig(`"${option}" is ${kindOf(value)}`, 'It must be true or false');
}

export function parseFunction<T>(value: T, option: string): T {
  if (value === undefined || typeof value === 'function') return value;
  throw invalidConfig(`"${option}" is ${kindOf(value)}`, 'It must be a function');
}
