// Finds secrets in what was printed by decoding it, not by looking for the forms that somebody has thought of. Written
// apart from core's own search, so that the two do not share a blind spot.

/** Encodings in one another are undone this many times. */
const ROUNDS = 3;

/** Which of the secrets the output discloses: in whatever encoding, backwards, or but for a character at one end. */
export function disclosed(output: string, secrets: Iterable<string>): string[] {
  const texts = decodings(output).map(bare);
  return [...secrets].filter((secret) => {
    const forwards = bare(secret);
    const backwards = [...forwards].reverse().join('');
    const cut = [forwards, backwards].flatMap((word) => [word.slice(1), word.slice(0, -1)]);
    return cut.some((part) => texts.some((text) => text.includes(part)));
  });
}

function decodings(output: string): string[] {
  const all = new Set([/[\uff01-\uff5e]/.test(output) ? output.normalize('NFKC') : output]);
  let newest = [...all];
  for (let round = 0; round < ROUNDS && newest.length > 0; round++) {
    newest = newest.flatMap((text) => [withoutEscapes(text), encodedBytes(text)]).filter((text) => !all.has(text));
    for (const text of newest) all.add(text);
  }
  return [...all];
}

function withoutEscapes(text: string): string {
  if (!/[%&\\]/.test(text)) return text;
  return text
    .replace(/(?:%[\da-f]{2})+/gi, (codes) => Buffer.from(codes.replaceAll('%', ''), 'hex').toString())
    .replace(/\\u([\da-f]{4})|\\x([\da-f]{2})/gi, (_, wide, narrow) =>
      String.fromCharCode(Number(`0x${wide ?? narrow}`)),
    )
    .replace(/&#(x?[\da-f]{1,6});/gi, (_, code) => String.fromCodePoint(Number(`0${code}`) % 0x110000))
    .replace(/&(?:amp|quot|lt|gt|apos);/g, ' ');
}

/** What every run of base64, of hexadecimal digits, and of numbers below 256 decodes to. */
function encodedBytes(text: string): string {
  const found: Buffer[] = [];
  for (const run of runsOf(text, /[\w+/-]{12,}/g)) {
    for (const at of [0, 1, 2, 3]) found.push(Buffer.from(run.slice(at), 'base64'));
  }
  for (const run of runsOf(text, /(?:[\da-f]{2}[\s:,]?){8,}/gi)) {
    const digits = run.replace(/[^\da-f]/gi, '');
    for (const at of [0, 1])
      found.push(Buffer.from(digits.slice(at, digits.length - ((digits.length - at) % 2)), 'hex'));
  }
  for (const run of runsOf(text, /(?:\b\d{1,3}\s*,\s*){8,}\d{1,3}\b/g))
    found.push(Buffer.from(run.split(',').map(Number)));
  // The bytes that are no letters would only be stripped.
  return found.map((bytes) => bytes.toString('latin1').replace(/[^\x20-\x7e]+/g, '')).join('\n');
}

/** Each of them once: what loggers print consists of the same few thousand words. */
const runsOf = (text: string, pattern: RegExp) => new Set(text.match(pattern));

function bare(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '');
}

/** @param shown What was printed, and in which way. */
export function expectNothingDisclosed(
  shown: readonly (readonly [way: string, output: string])[],
  secrets: string[],
): void {
  // Most ways print mostly the same lines.
  const lines = new Set(shown.flatMap(([, output]) => output.split('\n')));
  if (disclosed([...lines].join('\n'), secrets).length === 0) return;
  const found = shown.flatMap(([way, output]) =>
    disclosed(output, secrets).map((secret) => [way, secret, whereabouts(output, secret)]),
  );
  expect(found).toEqual([]);
}

/** The lines that lead to a text in something indented, so that a leak can be traced. */
function whereabouts(shown: string, text: string): string[] {
  const path: string[] = [];
  let indent = Number.POSITIVE_INFINITY;
  for (const line of shown.slice(0, shown.indexOf(text)).split('\n').reverse()) {
    const depth = line.search(/\S|$/);
    if (depth >= indent) continue;
    indent = depth;
    path.unshift(line.trim().slice(0, 100));
  }
  return [...path, text];
}
