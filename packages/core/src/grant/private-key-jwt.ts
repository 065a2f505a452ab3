import type { Clock } from '../clock.js';
import type { PrivateJwk } from '../config/client.js';
import { assertClientKey } from '../config/client-key.js';
import type { Settings } from '../config/settings.js';
import { invalidConfig, kindOf, type OpenBankingAuthError } from '../errors.js';
import type { ClientCredential } from './client-credential.js';
import * as oauth from './oauth.js';

/** From where a clock is off by so much, servers reject assertions. */
const NOTEWORTHY_SKEW_MS = 10_000;

type CryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;
type JsonWebKey = Awaited<ReturnType<typeof exportJwk>>;
type ImportAlgorithm =
  | { readonly name: string; readonly hash: string }
  | { readonly name: string; readonly namedCurve: string };

/** A client key, ready to sign: the library's own import of it, or the caller's `CryptoKey`. */
interface Signer {
  readonly key: CryptoKey;
  readonly kid: string | undefined;
  readonly audience: string | undefined;
  /** Which key it is: its thumbprint (RFC 7638), `kid` and algorithm. */
  readonly id: string;
}

const signers = new WeakMap<object, Promise<Signer>>();

/**
 * Signs each token request with the client's key (RFC 7523). An assertion is good for one minute.
 *
 * @throws OpenBankingAuthError `invalid_config` for a key that cannot be used, quoting nothing of it.
 */
export async function keyCredential(
  { clientId, tokenUrl, store }: Settings,
  clock: Clock,
  given: unknown,
  option: string,
): Promise<ClientCredential> {
  assertClientKey(given, option);
  // Read once, whatever is written to the object later.
  let reading = signers.get(given);
  if (!reading) {
    reading = readKey(given, option);
    signers.set(given, reading);
  }
  const { key, kid, audience, id } = await reading;
  if (store && id.startsWith(UNNAMED)) {
    throw invalidConfig(`"${option}" has no "kid", and its key cannot be exported`, 'With a "store", give its "kid"');
  }
  const sign = oauth.PrivateKeyJwt(
    { key, ...(kid !== undefined && { kid }) },
    {
      [oauth.modifyAssertion](_header, payload) {
        const now = Math.floor(clock.wall() / 1_000);
        Object.assign(payload, { aud: audience ?? tokenUrl?.href, iat: now, nbf: now, exp: now + 60 });
      },
    },
  );
  const hint =
    'Check that the server has the public part of this key for this clientId, under this "kid" and algorithm, and that "audience" is what it expects';
  return {
    id: `${clientId}.${id}`,
    authenticate: sign,
    doubts: (response) => [...clockDoubts(response, clock), hint],
  };
}

/** An assertion that seems to be from the future, or to have expired, is rejected like a wrong key. */
function clockDoubts(response: Response | undefined, clock: Clock): string[] {
  const aheadMs = clock.wall() - Date.parse(response?.headers.get('date') ?? '');
  if (!(Math.abs(aheadMs) >= NOTEWORTHY_SKEW_MS)) return [];
  const how = `${Math.round(Math.abs(aheadMs) / 1_000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'}`;
  return [`This machine's clock is ${how} the server's, which makes its assertions invalid: set it right`];
}

/** Begins the id of a key that neither says which one it is nor can be exported. */
const UNNAMED = '?';

async function readKey(given: { readonly key: string | object }, option: string): Promise<Signer> {
  const { key } = given;
  const { kid = typeof key === 'object' && 'kid' in key ? key.kid : undefined, audience } = given as {
    kid?: unknown;
    audience?: unknown;
  };
  for (const [name, value] of [
    ['kid', kid],
    ['audience', audience],
  ]) {
    if (value !== undefined && (typeof value !== 'string' || value === '')) {
      throw invalidConfig(`"${option}.${name}" is ${value === '' ? 'empty' : kindOf(value)}`, 'It must be a string');
    }
  }
  const signing = isCryptoKey(key) ? ownKey(key, option) : await importKey(given, option);
  const thumbprint = signing.extractable ? await thumbprintOf(signing) : kid === undefined ? UNNAMED : '';
  return {
    key: signing,
    kid: kid as string | undefined,
    audience: audience as string | undefined,
    id: `${thumbprint}.${JSON.stringify(kid ?? null)}.${signing.algorithm.name}`,
  };
}

function isCryptoKey(key: string | object): key is CryptoKey {
  return typeof key === 'object' && 'algorithm' in key && 'usages' in key;
}

function ownKey(key: CryptoKey, option: string): CryptoKey {
  if (key.type !== 'private' || !key.usages.includes('sign')) {
    throw invalidConfig(`"${option}.key" is not a private key for signing`, 'Import it with the usage "sign"');
  }
  if (!['RSASSA-PKCS1-v1_5', 'RSA-PSS', 'ECDSA'].includes(key.algorithm.name)) {
    throw invalidConfig(`"${option}.key" is a key for ${key.algorithm.name}`, 'Import it for one of the algorithms');
  }
  return key;
}

async function importKey(given: object, option: string): Promise<CryptoKey> {
  const { key, algorithm: named } = given as { key: string | PrivateJwk; algorithm?: unknown };
  const own = typeof key === 'string' ? undefined : key.alg;
  const name = named ?? own;
  const algorithm = algorithmOf(name);
  if (!algorithm || (own !== undefined && own !== name)) {
    throw invalidConfig(
      `"${option}.algorithm" is ${typeof name === 'string' ? JSON.stringify(name.slice(0, 20)) : kindOf(name)}${algorithm ? `, and the JWK is for ${JSON.stringify(own)}` : ''}`,
      'Give the one that was registered, such as "PS256", "RS256" or "ES256"',
    );
  }
  if (typeof key !== 'string' && key.use === 'enc') {
    throw invalidConfig(`"${option}.key" is a key for encryption`, 'Give the key for signing ("use": "sig")');
  }
  try {
    if (typeof key === 'string') return await crypto.subtle.importKey('pkcs8', bytesOf(key), algorithm, true, ['sign']);
    const { crv, d, dp, dq, e, kty, n, p, q, qi, x, y } = key;
    const jwk = { crv, d, dp, dq, e, kty, n, p, q, qi, x, y };
    return await crypto.subtle.importKey('jwk', jwk as JsonWebKey, algorithm, true, ['sign']);
  } catch {
    throw unreadable(option, String(name), typeof key === 'string' ? undefined : key.kty);
  }
}

function unreadable(option: string, algorithm: string, kty: string | undefined): OpenBankingAuthError {
  const kind = algorithm.startsWith('ES') ? 'an EC key' : 'an RSA key';
  return invalidConfig(
    `"${option}.key" cannot be read as a key for ${algorithm}${kty === undefined ? '' : ` (its "kty" is ${JSON.stringify(String(kty).slice(0, 20))})`}`,
    `${algorithm} needs ${kind}${kind === 'an EC key' ? ' of the right curve' : ''}. Check that it is of that kind, and complete`,
  );
}

/** The Web Crypto name of a JWS algorithm (RFC 7518 section 3.1). */
function algorithmOf(name: unknown): ImportAlgorithm | undefined {
  const [, family, bits] = /^(RS|PS|ES)(256|384|512)$/.exec(String(name)) ?? [];
  if (family === undefined) return undefined;
  if (family === 'ES') return { name: 'ECDSA', namedCurve: bits === '512' ? 'P-521' : `P-${bits}` };
  return { name: family === 'PS' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash: `SHA-${bits}` };
}

function bytesOf(pem: string): Uint8Array<ArrayBuffer> {
  const base64 = pem.replace(/^.*?-----BEGIN PRIVATE KEY-----(.*?)-----END.*$/s, '$1');
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** RFC 7638: the SHA-256 of the members that make the public key what it is. */
async function thumbprintOf(key: CryptoKey): Promise<string> {
  const { crv, e, kty, n, x, y } = await exportJwk(key);
  const bytes = new TextEncoder().encode(JSON.stringify({ crv, e, kty, n, x, y }));
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function exportJwk(key: CryptoKey) {
  return crypto.subtle.exportKey('jwk', key);
}
