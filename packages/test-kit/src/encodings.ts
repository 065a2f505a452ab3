const base64 = (text: string) => Buffer.from(text).toString('base64');
const hex = (text: string) => Buffer.from(text).toString('hex');
const form = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
const units = (text: string) => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
const escapes = (text: string) =>
  units(text)
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');

/** The ways in which a server, a proxy or a logger repeats a secret. */
export const ENCODINGS: Readonly<Record<string, (secret: string) => string>> = {
  'as it is': (secret) => secret,
  'percent-encoded': encodeURIComponent,
  'percent-encoded in lower case': (secret) => encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
  'as a form': form,
  'as a form that was decoded as a URL': (secret) => secret.replaceAll('+', ' '),
  'percent-encoded twice': (secret) => encodeURIComponent(form(secret)),
  'every byte percent-encoded': (secret) => hex(secret).replace(/../g, '%$&'),
  'as HTML': (secret) => secret.replace(/[^\w]/gu, (character) => `&#${character.codePointAt(0)};`),
  'as HTML in hexadecimal': (secret) =>
    units(secret)
      .map((unit) => `&#x${unit.toString(16)};`)
      .join(''),
  'as JSON': (secret) => JSON.stringify(secret).slice(1, -1),
  'as \\u escapes': escapes,
  'as base64': base64,
  'as base64 without padding': (secret) => base64(secret).replace(/=+$/, ''),
  'as base64url': (secret) => Buffer.from(secret).toString('base64url'),
  'as base64 of the body': (secret) => base64(`grant_type=client_credentials&client_secret=${form(secret)}&scope=x`),
  'as the header of client_secret_basic': (secret) => `Basic ${base64(`${form('some-client')}:${form(secret)}`)}`,
  'as base64 of base64': (secret) => base64(base64(secret)),
  'in hexadecimal': hex,
  'as bytes in hexadecimal': (secret) => hex(secret).replace(/../g, '$& ').toUpperCase(),
  'in lower case': (secret) => secret.toLowerCase(),
  'in upper case': (secret) => secret.toUpperCase(),
  'without its first character': (secret) => secret.slice(1),
  'without its last character': (secret) => secret.slice(0, -1),
  backwards: (secret) => [...secret].reverse().join(''),
  'with a line break in it': (secret) => `${secret.slice(0, 5)}\r\n${secret.slice(5)}`,
  'with an invisible character in it': (secret) => `${secret.slice(0, 5)}\u200b${secret.slice(5)}`,
  'with an accent on each letter': (secret) => [...secret].join('\u0301'),
  'in wide letters': (secret) =>
    secret.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0)),
};
