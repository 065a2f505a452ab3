import { kindOf } from '../errors.js';
import { pattern } from './pattern.js';

/** People put a secret where another option belongs. The longest name that an option takes is shorter than this. */
const LONGEST_WORD = 24;
const LONGEST_ORIGIN = 80;

/** Letters of one case, as in "staging" or "private_key_jwt". A secret has digits, or letters of both cases. */
const PLAIN_WORD = /* @__PURE__ */ pattern('^(?:\\p{Lu}?\\p{Ll}+|\\p{Lu}+)(?:_(?:\\p{Ll}+|\\p{Lu}+))*$', 'u');

/** As in "auth.openbankingplatform.com", with or without a path. */
const PLAIN_HOST = /^[a-z]+(?:[.-][a-z]+)*\.[a-z]{2,12}(?:\/[a-z]+)*\/?$/;

const NOT_SHOWN = 'not shown, since it could be a secret';

/** A wrong value, for an error: in quotes if it cannot be a secret, else by its kind. */
export function quoted(value: unknown): string {
  if (typeof value !== 'string') return kindOf(value);
  return isPlain(value) ? JSON.stringify(value) : `a text of ${value.length} characters, ${NOT_SHOWN}`;
}

/** The same, word by word. */
export function quotedWords(text: string): string {
  const words = text.split(' ').map((word) => (isPlain(word) ? word : '…'));
  return JSON.stringify(words.join(' '));
}

/** What begins with the origin or host of a URL. A host without a dot could be anything that somebody has put behind "https://". */
export function quotedPart({ origin, hostname }: URL, part: string): string {
  const isHost = origin !== 'null' && /[.[]|^localhost$/.test(hostname) && origin.length <= LONGEST_ORIGIN;
  return isHost ? `"${part}"` : `a URL, ${NOT_SHOWN}`;
}

function isPlain(text: string): boolean {
  // Quotes and spaces around a value are a common mistake, and worth showing.
  const bare = text.replace(/^["'`\s]|["'`\s]$/g, '');
  return bare === '' || (bare.length <= LONGEST_WORD && PLAIN_WORD().test(bare)) || isPlainHost(bare);
}

function isPlainHost(text: string): boolean {
  return text.length <= LONGEST_ORIGIN && PLAIN_HOST.test(text);
}
