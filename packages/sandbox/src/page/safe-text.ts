const LONGEST = 240;

/** How much of a text is looked at. */
const LONGEST_READ = 1_024;

/** Three parts with dots between: a token as the platform's. */
const TOKEN = /[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;

/** Longer than a UUID, and nothing that people write. */
const OPAQUE = /[\w+=~%-]{40,}/g;

/** Text of an event, for the page: shortened, and without anything that looks like a token. */
export function safeText(text: string): string {
  // Half a word could be half a token.
  const read = text.length > LONGEST_READ ? `${text.slice(0, LONGEST_READ).replace(/(?<!\S)\S+$/, '')}…` : text;
  // Control characters could reorder the text of a line.
  const safe = read
    .replace(TOKEN, '…')
    .replace(OPAQUE, '…')
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ');
  return safe.length > LONGEST ? `${safe.slice(0, LONGEST)}…` : safe;
}

/** A word, a version, a bank or a UUID. Anything else could be a secret in some encoding. */
const PLAIN = /^(?:[A-Za-z]{1,24}(?:[-_][A-Za-z]{1,24}){0,3}|v\d{1,3}|psd2|[A-Z]{6}[A-Z\d]{2}(?:[A-Z\d]{3})?)?$/;
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** So many characters in a row of a secret are a part of it. */
const PART = 5;

/** Paths for the page, of requests that may have a token or a secret in them by mistake. */
export class SafePaths {
  readonly #parts = new Set<string>();

  constructor(secrets: readonly string[]) {
    for (const secret of secrets) {
      const forwards = bare(secret);
      for (const word of [forwards, [...forwards].reverse().join('')])
        for (let at = 0; at + PART <= word.length; at += 1) this.#parts.add(word.slice(at, at + PART));
    }
  }

  /** The path with `…` in place of each segment that is not plainly harmless. */
  show(path: string): string {
    const segments = path.split('/', 13).map((segment) => (this.#isHarmless(segment) ? segment : '…'));
    return segments.length > 12 ? `${segments.slice(0, 12).join('/')}/…` : segments.join('/');
  }

  #isHarmless(segment: string): boolean {
    if (!PLAIN.test(segment) && !UUID.test(segment)) return false;
    const word = bare(segment);
    for (let at = 0; at + PART <= word.length; at += 1) if (this.#parts.has(word.slice(at, at + PART))) return false;
    return true;
  }
}

const bare = (text: string) => text.toLowerCase().replace(/[^a-z\d]/g, '');
