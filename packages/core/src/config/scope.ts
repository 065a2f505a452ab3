import { invalidConfig, kindOf, type OpenBankingAuthError } from '../errors.js';
import { LONGEST_SCOPE_CHARACTERS } from '../policy.js';
import { looksUnset } from './faults.js';
import { quoted, quotedWords } from './quote.js';

/** The payment service user's role: a private person or somebody acting for a company. */
export type PsuContext = 'private' | 'corporate';

/**
 * For the compiler: a scope of openpayments.io that is written in the code must name a PSU context. What the compiler cannot
 * see through, such as `process.env.…`, is checked at run time only.
 */
export type WithContext<Words extends string> = // A literal is a property that {} lacks; a `string` would be an index signature.
  Record<never, never> extends Record<Words, unknown>
    ? Words
    : Words extends `${string}${PsuContext}${string}`
      ? Words
      : 'The scope needs a PSU context: add "private" or "corporate"';

/** A parsed scope. Two scopes that mean the same are equal in every part. */
export interface Scope {
  /** API scopes, each once, in alphabetical order. */
  readonly api: readonly string[];
  readonly context: PsuContext | undefined;
}

const CONTEXTS: readonly PsuContext[] = ['private', 'corporate'];
const API_SCOPES = ['aspspinformation', 'accountinformation', 'paymentinitiation', 'bankgiroinformation'];

// RFC 6749 section 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

const RULE =
  'Give one or more API scopes and one PSU context, "private" or "corporate", for example "accountinformation private"';

/** The scope of openpayments.io, with its words in their own spelling. `option` is its name in error messages. */
export function openPaymentsWords(value: unknown, option: string): Scope {
  const words = parseWords(value, option, RULE, assertSpelling);
  const contexts = CONTEXTS.filter((context) => words.delete(context));
  if (contexts.length > 1) {
    throw invalidConfig(
      `"${option}" names both PSU contexts, "private" and "corporate"`,
      'A token is for one of them. Configure one, and name the other with the requests that need it: { openBanking: { context: "corporate" } }',
    );
  }
  return { api: [...words].sort(), context: contexts[0] };
}

/** Any scope that RFC 6749 allows. A PSU context in it can be switched, as behind a gateway of openpayments.io. */
export function freeWords(value: unknown, option: string): Scope {
  const rule = 'Give the words that the platform documents, separated by spaces';
  const words = parseWords(value ?? '', option, rule, (word) => {
    if (looksUnset(word)) throw invalidConfig(`"${option}" has the word "${word}"`, 'Check that it is set');
  });
  const contexts = CONTEXTS.filter((context) => words.has(context));
  const context = contexts.length === 1 ? contexts[0] : undefined;
  if (context !== undefined) words.delete(context);
  return { api: [...words].sort(), context };
}

function parseWords(
  value: unknown,
  option: string,
  rule: string,
  assertWord: (word: string, option: string) => void,
): Set<string> {
  const listed: readonly unknown[] | undefined =
    typeof value === 'string' ? [value] : Array.isArray(value) ? value : undefined;
  if (!listed) throw invalidConfig(`"${option}" must be a string or an array of strings, got ${kindOf(value)}`, rule);
  const spaced = listed.flatMap((word, index) => {
    if (typeof word === 'string') return word.split(/\s+/);
    throw invalidConfig(`"${option}[${index}]" must be a string, got ${kindOf(word)}`, rule);
  });
  const { length } = listed.join(' ');
  if (length > LONGEST_SCOPE_CHARACTERS) {
    throw invalidConfig(`"${option}" has ${length} characters`, `${LONGEST_SCOPE_CHARACTERS} are the most. ${rule}`);
  }
  const words = new Set(spaced.filter((word) => word !== ''));
  for (const word of words) {
    assertWord(word, option);
    if (!SCOPE_TOKEN.test(word)) {
      throw invalidConfig(
        `"${option}" holds a character that is not allowed in a scope: ${quoted(word)}`,
        'Scopes consist of printable ASCII characters without quotes and backslashes (RFC 6749 section 3.3)',
      );
    }
  }
  return words;
}

/** A scope of openpayments.io as the token endpoint takes it: API scopes first, then the PSU context. */
export function wholeScope(scope: Scope, option: string): string {
  const given = [...scope.api, ...(scope.context === undefined ? [] : [scope.context])].join(' ');
  if (scope.context === undefined) throw missing(option, given, 'no PSU context');
  if (scope.api.length === 0) throw missing(option, given, 'no API scope');
  return given;
}

/** The platform rejects its words in upper case or joined by commas, and does not say why. */
function assertSpelling(word: string, option: string): void {
  const names: readonly string[] = [...CONTEXTS, ...API_SCOPES];
  const parts = word.split(/[,;+|]/);
  const part = parts.find((candidate) => names.includes(candidate.toLowerCase()));
  if (part === undefined) return;
  const problem = `"${option}" has the word ${JSON.stringify(part)}`;
  if (parts.length > 1)
    throw invalidConfig(`${problem} joined to another`, `Separate words by spaces, not commas. ${RULE}`);
  if (!names.includes(part)) throw invalidConfig(`${problem} in another spelling`, `Write it in lower case. ${RULE}`);
}

export function parseContext(value: unknown, option: string): PsuContext {
  if (value === 'private' || value === 'corporate') return value;
  throw invalidConfig(
    `"${option}" must be "private" or "corporate", got ${quoted(value)}`,
    'Leave it out to use the PSU context of the configured scope',
  );
}

/** The words that the platform's documents do not list. */
export function unrecognisedWords(scope: Scope): readonly string[] {
  return scope.api.filter((word) => !API_SCOPES.includes(word));
}

function missing(option: string, given: string, what: string): OpenBankingAuthError {
  return invalidConfig(`"${option}" is ${quotedWords(given)} and has ${what}`, RULE);
}
