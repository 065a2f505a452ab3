/** What a regular expression or a decoder can stumble over, if it comes often enough. */
export const HOSTILE_PIECES: readonly string[] = [
  ' ',
  '\t\r\n',
  'Bearer ',
  `Bearer${' '.repeat(40)}`,
  'Bearer a="',
  'a=',
  'a = ',
  'a, ',
  'a   ',
  '\\',
  '\\"',
  '"',
  '%25',
  '%2',
  '=41',
  '&#65;',
  '&amp',
  '\\u0041',
  '\\x41',
  'eyJ',
  'eyJhbGciOiJSUzI1NiJ9.',
  'QUJD',
  '41',
  '0x',
  '(',
  '1',
  '<',
  '[',
  '{"a":',
  '{},',
  '"code" ',
  'issuer',
  'alert_bad_',
  'socket hang',
  '-----BEGIN ',
  '://@',
  '127.',
  'private ',
  '\u0000',
  '\u2028',
  '\ufdfa',
  '\ud800',
  '\u{1f3e6}',
];

/** Processor time of the quickest of several runs, in milliseconds: other programs on the machine do not count. */
export async function cpuMs(run: () => unknown, runs = 3): Promise<number> {
  let quickest = Number.POSITIVE_INFINITY;
  for (let n = 0; n < runs; n++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    quickest = Math.min(quickest, (user + system) / 1_000);
  }
  return quickest;
}

/** What a piece of foreign text may cost the event loop. */
export const MOST_MS = 50;
