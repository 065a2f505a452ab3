import { inspect } from 'node:util';
import { disclosed } from '../src/disclosures.js';
import { ENCODINGS } from '../src/encodings.js';

const SECRET = 'pLq8+Zr/3mXv9Tn=Kc2Wd5Yb7GhJ4sF0';
const noise = `${'the quick brown fox: {"a": [1, 2, 3]} %41 &amp; 0x00 YWJj\n'.repeat(50)}`;

test.each([
  ...Object.entries(ENCODINGS),
  ['as a buffer that is printed', (secret: string) => inspect(Buffer.from(secret))] as const,
  ['as a buffer in JSON', (secret: string) => JSON.stringify(Buffer.from(secret))] as const,
  ['as an array of bytes', (secret: string) => inspect(new Uint8Array(Buffer.from(secret)))] as const,
])('the sweep finds a secret %s', (_, encode) => {
  expect(disclosed(`${noise} value=${encode(SECRET)}; ${noise}`, [SECRET, 'another-secret'])).toEqual([SECRET]);
});

test('the sweep finds nothing where nothing is', () => {
  expect(disclosed(noise, [SECRET])).toEqual([]);
});
