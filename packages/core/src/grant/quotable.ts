import { pattern } from '../config/pattern.js';
import { readingsOf } from './readings.js';

/** How much of a foreign text is looked at, and how much is quoted. */
const LONGEST_SEARCHED = 1_024;
const LONGEST_QUOTE = 200;

/** A text that has this many characters in a row in common with a credential is not quoted. */
const WINDOW = 8;

/** Of a shorter credential all but one character; but fewer than this are in ordinary words. */
const SHORTEST_WINDOW = 4;

/** Tokens never seen here: what follows the word "Bearer", and what is too long for a word or a UUID ... */
const TOKEN = /\bBearer[\s:="']{1,9}(?=[a-z]*[\d+/_=~-])[\w.~+/=-]{4}|[a-z\d+=~]{32}/i;

/** ... and in any encoding a JWT. */
const JWT = /\beyJ[\w+/=-]{8}/i;

const UNPRINTABLE = pattern('[\\p{C}\\p{Zl}\\p{Zp}\\s]+', 'gu');
const PUNCTUATION = pattern('[^\\p{L}\\p{N}]+', 'gu');

/** Decides about foreign text. */
export interface Quotable {
  /** The text fit for an error, on one line; `undefined` unless it is plainly harmless. */
  quote(text: string): string | undefined;
  /** Whether the text holds a JWT or a part of a credential, in whatever encoding. */
  holdsCredential(text: string): boolean;
}

/**
 * Whether text of others (a server's description, a network error) may be quoted. Credentials cannot be cut out of it
 * reliably, since servers repeat them encoded and cut off in any way. So a text is quoted whole or not at all.
 *
 * @param credentials Client id and secret: people swap the two.
 */
export function quotableFor(credentials: readonly string[]): Quotable {
  const windows = [...new Set(credentials.flatMap(windowsOf))];
  const holdsCredential = (text: string): boolean => {
    const readings = readingsOf(text.slice(0, LONGEST_SEARCHED).normalize('NFKD'));
    if (readings === undefined) return true;
    return [...readings].some((reading) => {
      const compared = lettersAndDigits(reading);
      return JWT.test(reading) || windows.some((window) => compared.includes(window));
    });
  };
  return {
    holdsCredential,
    quote(text) {
      const line = text.slice(0, LONGEST_SEARCHED).replace(UNPRINTABLE(), ' ').trim();
      if (line === '' || TOKEN.test(line) || holdsCredential(text)) return undefined;
      // Not between the two halves of a character.
      const start = line.slice(0, LONGEST_QUOTE).replace(/[\ud800-\udbff]$/, '');
      return line.length > LONGEST_QUOTE ? `${start}…` : line;
    },
  };
}

/** Forwards and backwards. */
function windowsOf(credential: string): string[] {
  const letters = lettersAndDigits(credential.normalize('NFKD'));
  const size = Math.min(WINDOW, Math.max(SHORTEST_WINDOW, letters.length - 1));
  return [letters, [...letters].reverse().join('')].flatMap((word) =>
    Array.from({ length: Math.max(0, word.length - size + 1) }, (_, at) => word.slice(at, at + size)),
  );
}

/** Spaces and punctuation are what encodings change first. */
function lettersAndDigits(text: string): string {
  return text.replace(PUNCTUATION(), '').toLowerCase();
}
