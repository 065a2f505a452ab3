import { invalidConfig, kindOf } from '../errors.js';
import { ENVIRONMENTS, type Environment } from './platform.js';
import { quoted, quotedPart } from './quote.js';

/** The token endpoint, as a complete URL. The example in an error is that of `environment`. */
export function parseTokenUrl(value: unknown, { tokenUrl }: Environment): URL {
  const example = `the complete token URL, for example "${tokenUrl}"`;
  if (value === undefined) {
    throw invalidConfig(
      'Neither "environment" nor "tokenUrl" is given',
      `Give environment: "production" or "sandbox", or as "tokenUrl" ${example}`,
    );
  }
  const url = parseUrl(value, 'tokenUrl', `Give ${example}`);
  if (url.pathname === '/') {
    throw invalidConfig(
      `"tokenUrl" is the bare host ${quotedPart(url, url.host)}`,
      `Give ${example}. Some of the platform's documents call the bare host AUTH_HOST, others the complete URL`,
    );
  }
  if (Object.values(ENVIRONMENTS).some(({ apiOrigin }) => url.origin === apiOrigin)) {
    throw invalidConfig(`"tokenUrl" is on the API's host ${JSON.stringify(url.host)}`, `Give ${example}`);
  }
  return url;
}

/** The origins that may receive the token. The example in an error is that of `environment`. */
export function parseOrigins(value: unknown, { apiOrigin }: Environment): ReadonlySet<string> {
  const example = `for example ["${apiOrigin}"]`;
  if (value === undefined) {
    throw invalidConfig(
      '"apiOrigins" is missing, and without "environment" it has no default',
      `List the origins that may receive the token, ${example}`,
    );
  }
  if (!Array.isArray(value) || value.length === 0) {
    throw invalidConfig(
      `"apiOrigins" must be an array with at least one origin, got ${Array.isArray(value) ? 'an empty one' : kindOf(value)}`,
      `List the origins that may receive the token, ${example}`,
    );
  }
  return new Set(
    value.map((origin: unknown, index) => {
      const option = `apiOrigins[${index}]`;
      if (typeof origin === 'string' && origin.includes('*')) {
        throw invalidConfig(`"${option}" has a wildcard, which never matches`, `Name each origin, ${example}`);
      }
      const url = parseUrl(origin, option, `Give an origin, ${example}`);
      if (url.pathname !== '/' || url.search !== '') {
        throw invalidConfig(
          `"${option}" is ${quotedPart(url, `${url.origin}/…`)}, which has more than an origin`,
          `Give ${quotedPart(url, url.origin)}: a token is for a whole origin, not for a path`,
        );
      }
      return url.origin;
    }),
  );
}

function parseUrl(value: unknown, option: string, hint: string): URL {
  if (typeof value !== 'string' && !(typeof value === 'object' && value !== null && 'href' in value)) {
    throw invalidConfig(`"${option}" must be a URL, got ${kindOf(value)}`, hint);
  }
  let url: URL;
  try {
    url = new URL(String(value));
  } catch {
    throw invalidConfig(`"${option}" is ${quoted(String(value))}, which is not a complete URL`, hint);
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw invalidConfig(`"${option}" holds credentials or a fragment`, hint);
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw invalidConfig(
      `"${option}" is ${quotedPart(url, url.origin)}, which is not https`,
      `Use https: secrets and tokens cross this connection. Plain http is accepted only for loopback. ${hint}`,
    );
  }
  return url;
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
