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
const PARAMETER = new RegExp(`^(${TOKEN})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))`);
const SCHEME = new RegExp(`^(${TOKEN})(?=[ \\t,]|$)[ \\t]*`);
const TOKEN68 = /^[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/;
const SEPARATORS = /^[ \t,]+/;

/** Parses a `WWW-Authenticate` header, also several joined by commas. Parsing stops at the first malformed part. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let rest = header;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const match = pattern.exec(rest);
    if (match) rest = rest.slice(match[0].length);
    return match;
  };
  for (;;) {
    take(SEPARATORS);
    if (rest === '') return challenges;
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
    if (!PARAMETER.test(rest)) take(TOKEN68);
  }
}
