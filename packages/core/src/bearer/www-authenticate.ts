import { LONGEST_HEADER_CHARACTERS } from '../policy.js';

/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** Lower case: schemes are case-insensitive. */
  readonly scheme: string;
  /** By lower-case name, values without their quotes. */
  readonly parameters: ReadonlyMap<string, string>;
}

// RFC 9110 section 11.6.1. A challenge is a scheme, then parameters separated by commas; the next challenge is separated
// by a comma too, and is distinguished by not being followed by "=".
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const PARAMETER = new RegExp(`(${TOKEN})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))`, 'y');
const SCHEME = new RegExp(`(${TOKEN})(?=[ \\t,]|$)[ \\t]*`, 'y');
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
const SEPARATORS = /[ \t,]+/y;

/**
 * Parses a `WWW-Authenticate` header, also several joined by commas. Parsing stops at the first malformed part, and after
 * what no server can send.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const text = header.slice(0, LONGEST_HEADER_CHARACTERS);
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let at = 0;
  const peek = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const match = peek(pattern);
    if (match) at += match[0].length;
    return match;
  };
  for (;;) {
    take(SEPARATORS);
    if (at === text.length) return challenges;
    const parameter = challenges.length > 0 ? take(PARAMETER) : null;
    if (parameter) {
      const [, name = '', quoted, plain = ''] = parameter;
      challenges.at(-1)?.parameters.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain);
      continue;
    }
    const scheme = take(SCHEME);
    if (!scheme) return challenges;
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters: new Map() });
    // "Negotiate dG9rZW4=": a scheme's single token68 in place of parameters.
    if (!peek(PARAMETER)) take(TOKEN68);
  }
}
