import { bytesOfBase64 } from '../bytes.js';
import { pattern } from '../config/pattern.js';

/** Encodings inside one another are undone up to this depth: percent codes in base64 in JSON, for example. */
const DEPTH = 4;

/** Shorter pieces of decoded bytes are chance. */
const SHORTEST_PIECE = 4;

/** A text that can be read in more ways than fit in here is meant to be hard to read. */
const MOST_CHARACTERS = 16_384;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', quot: '"', apos: "'", plus: '+', sol: '/', equals: '=' };

// Bytes as percent codes (RFC 3986 section 2.1), quoted-printable or JavaScript's, escapes of JSON, and HTML's references.
const ESCAPES =
  /((?:(?:[%=]|\\x)[\da-f]{2})+)|\\u\{?([\da-f]{4})\}?|&#x([\da-f]{1,6});?|&#(\d{1,7});?|&([a-z]{2,8});/gi;

const PRINTABLE = pattern('[^\\p{C}\\uFFFD]+', 'gu');

/**
 * Everything that a text says in some encoding: itself, and what it decodes to as percent codes, form, HTML, JSON, base64 and
 * hexadecimal, also one in another. `undefined` if that is too much to tell.
 */
export function readingsOf(text: string): ReadonlySet<string> | undefined {
  const found = new Set([text]);
  let newest = [text];
  let characters = text.length;
  for (let depth = 0; depth < DEPTH; depth++) {
    const next = newest.flatMap((reading) => [unescaped(reading), ...fromBase64(reading), ...fromHex(reading)]);
    newest = [...new Set(next)].filter((reading) => reading !== '' && !found.has(reading));
    for (const reading of newest) {
      found.add(reading);
      characters += reading.length;
    }
    if (characters > MOST_CHARACTERS) return undefined;
  }
  return found;
}

function unescaped(text: string): string {
  return text.replace(ESCAPES, (_, bytes, utf16, htmlHex, htmlDecimal, entity) => {
    if (bytes !== undefined) return utf8(bytesOfHex(bytes.replace(/[%=]|\\x/gi, '')));
    if (entity !== undefined) return ENTITIES[entity.toLowerCase()] ?? ' ';
    const point = htmlDecimal === undefined ? Number.parseInt(utf16 ?? htmlHex, 16) : Number(htmlDecimal);
    return point <= 0x10ffff ? String.fromCodePoint(point) : '';
  });
}

/**
 * Base64 and base64url, padded or not, wherever it begins in the text: without the characters that no base64 has, it begins
 * at one of four places in a group.
 */
function fromBase64(text: string): string[] {
  const digits = text
    .replace(/[^\w+/-]+/g, '')
    .replace(/-/g, '+')
    .replace(/_/g, '/');
  return [0, 1, 2, 3].map((skip) => {
    const whole = digits.slice(skip, digits.length - ((digits.length - skip) % 4 === 1 ? 1 : 0));
    return pieces(bytesOfBase64(whole));
  });
}

/** Hexadecimal, with or without separators and prefixes. */
function fromHex(text: string): string[] {
  const digits = text.replace(/0x|[^\da-f]+/gi, '');
  return [0, 1].map((skip) => pieces(bytesOfHex(digits.slice(skip))));
}

function bytesOfHex(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length >> 1 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
}

/** What can be read in bytes; most bytes decoded on suspicion are noise. */
function pieces(bytes: Uint8Array): string {
  const text = utf8(bytes).replaceAll('\0', '');
  return (text.match(PRINTABLE()) ?? []).filter((piece) => piece.length >= SHORTEST_PIECE).join('\n');
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
