import { bytesOfBase64, hexOf, sha256 } from '../bytes.js';
import type { PrivateJwk } from '../config/client.js';
import { invalidConfig, kindOf, type OpenBankingAuthError } from '../errors.js';
import { assertClientKey } from './client-key-faults.js';

/** RFC 7518 sections 3.3 and 3.5. */
const SHORTEST_RSA_BITS = 2_048;

type CryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;
type JsonWebKey = Awaited<ReturnType<typeof exportJwk>>;
type ImportAlgorithm =
  | { readonly name: string; readonly hash: string }
  | { readonly name: string; readonly namedCurve: string };

/** A client key, ready to sign: the library's own import of it, or the caller's `CryptoKey`. */
export interface Signer {
  readonly key: CryptoKey;
  readonly kid: string | undefined;
  readonly audience: string | undefined;
  /** By its name in JOSE (RFC 7518 section 3.1). */
  readonly algorithm: string;
  /** The thumbprint of its public half (RFC 7638); undefined if it cannot be exported. */
  readonly thumbprint: string | undefined;
}

/**
 * Reads a `clientKey`.
 *
 * @throws OpenBankingAuthError `invalid_config` for a key that cannot be used, quoting nothing of it.
 */
export async function readClientKey(given: unknown, option: string): Promise<Signer> {
  assertClientKey(given, option);
  const { key, algorithm } = given;
  const kid = optionalText(given.kid ?? Reflect.get(Object(key), 'kid'), `${option}.kid`);
  const audience = optionalText(given.audience, `${option}.audience`);
  const read = isCryptoKey(key) ? ownKey(key, algorithm, option) : await importKey(key, algorithm, option);
  const { modulusLength: bits } = read.key.algorithm as { modulusLength?: number };
  if (bits !== undefined && bits < SHORTEST_RSA_BITS) {
    throw invalidConfig(
      `"${option}.key" is an RSA key of ${bits} bits, and ${read.algorithm} needs ${SHORTEST_RSA_BITS} or more`,
      'Generate a longer key, and register its public half with the server',
    );
  }
  const thumbprint = read.key.extractable ? await thumbprintOf(read.key) : undefined;
  return { ...read, kid, audience, thumbprint };
}

function optionalText(value: unknown, option: string): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw invalidConfig(`"${option}" is ${value === '' ? 'empty' : kindOf(value)}`, 'It must be a string');
}

function isCryptoKey(key: string | object): key is CryptoKey {
  return typeof key === 'object' && 'algorithm' in key && 'usages' in key;
}

function ownKey(key: CryptoKey, chosen: unknown, option: string): Pick<Signer, 'key' | 'algorithm'> {
  if (key.type !== 'private' || !key.usages.includes('sign')) {
    throw invalidConfig(`"${option}.key" is not a private key for signing`, 'Import it with the usage "sign"');
  }
  const { name, hash, namedCurve } = key.algorithm as { name: string; hash?: { name: string }; namedCurve?: string };
  const family = name === 'ECDSA' ? 'ES' : name === 'RSA-PSS' ? 'PS' : name === 'RSASSA-PKCS1-v1_5' ? 'RS' : undefined;
  const bits = /\d+$/.exec(hash?.name ?? namedCurve ?? '')?.[0].replace('521', '512');
  const algorithm = `${family}${bits}`;
  if (chosen !== undefined && chosen !== algorithm) {
    throw invalidConfig(
      `"${option}.algorithm" is ${named(chosen)}, and the CryptoKey is for "${algorithm}"`,
      'Leave it out, or import the key for that algorithm',
    );
  }
  if (algorithmOf(algorithm)) return { key, algorithm };
  throw invalidConfig(
    `"${option}.key" is a key for ${[name, hash?.name ?? namedCurve].join(' ').trim()}, which is not supported`,
    'Import it for RSA-PSS or RSASSA-PKCS1-v1_5 with SHA-256 or more, or for ECDSA',
  );
}

async function importKey(
  key: string | PrivateJwk,
  chosen: unknown,
  option: string,
): Promise<Pick<Signer, 'key' | 'algorithm'>> {
  const own = typeof key === 'string' ? undefined : key.alg;
  const name = chosen ?? own;
  const algorithm = algorithmOf(name);
  if (!algorithm || (own !== undefined && own !== name)) {
    throw invalidConfig(
      `"${option}.algorithm" is ${algorithm ? `"${name}", and the JWK is for ${named(own)}` : named(name)}`,
      'Give the one that was registered, such as "PS256", "RS256" or "ES256"',
    );
  }
  if (typeof key !== 'string' && key.use === 'enc') {
    throw invalidConfig(`"${option}.key" is a key for encryption`, 'Give the key for signing ("use": "sig")');
  }
  const { subtle } = crypto;
  try {
    const imported =
      typeof key === 'string'
        ? await subtle.importKey('pkcs8', bytesOfPem(key), algorithm, true, ['sign'])
        : await subtle.importKey('jwk', keyMembers(key), algorithm, true, ['sign']);
    return { key: imported, algorithm: String(name) };
  } catch {
    throw unreadable(option, String(name), typeof key === 'string' ? undefined : key.kty);
  }
}

/** Without what else a JWK says of its use, which could forbid this one. */
function keyMembers({ crv, d, dp, dq, e, kty, n, p, q, qi, x, y }: PrivateJwk): JsonWebKey {
  return { crv, d, dp, dq, e, kty, n, p, q, qi, x, y } as JsonWebKey;
}

function unreadable(option: string, algorithm: string, kty: string | undefined): OpenBankingAuthError {
  const [kind, curve] = algorithm.startsWith('ES') ? ['an EC key', ' of the right curve'] : ['an RSA key', ''];
  return invalidConfig(
    `"${option}.key" cannot be read as a key for ${algorithm}${kty === undefined ? '' : ` (its "kty" is ${named(kty)})`}`,
    `${algorithm} needs ${kind}${curve}. Check that it is of that kind, and complete`,
  );
}

/** A name that cannot be a secret, in quotes; of anything else the kind. */
function named(name: unknown): string {
  return typeof name === 'string' && /^[a-z]{2,8}\d{0,3}$/i.test(name) ? `"${name}"` : kindOf(name);
}

/** The Web Crypto name of a JWS algorithm (RFC 7518 section 3.1). */
function algorithmOf(name: unknown): ImportAlgorithm | undefined {
  const [, family, bits] = /^(RS|PS|ES)(256|384|512)$/.exec(String(name)) ?? [];
  if (family === undefined) return undefined;
  if (family === 'ES') return { name: 'ECDSA', namedCurve: bits === '512' ? 'P-521' : `P-${bits}` };
  return { name: family === 'PS' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash: `SHA-${bits}` };
}

function bytesOfPem(pem: string): Uint8Array<ArrayBuffer> {
  return bytesOfBase64(pem.replace(/^.*?-----BEGIN PRIVATE KEY-----(.*?)-----END.*$/s, '$1'));
}

/** RFC 7638: the SHA-256 of the members that make the public key what it is. */
async function thumbprintOf(key: CryptoKey): Promise<string> {
  const { crv, e, kty, n, x, y } = await exportJwk(key);
  return hexOf(await sha256(JSON.stringify({ crv, e, kty, n, x, y })));
}

function exportJwk(key: CryptoKey) {
  return crypto.subtle.exportKey('jwk', key);
}
