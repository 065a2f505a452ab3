import type { PrivateJwk } from '../config/client.js';
import { hintFor, likelyName } from '../config/likely-name.js';
import { invalidConfig, kindOf, type OpenBankingAuthError } from '../errors.js';

/** A client key of which no more is known than what is checked here. */
interface GivenClientKey {
  readonly key: string | PrivateJwk;
  readonly kid?: unknown;
  readonly algorithm?: unknown;
  readonly audience?: unknown;
}

const MEMBERS = ['key', 'kid', 'algorithm', 'audience'];

const SHAPE = 'Give { key, kid, algorithm }, with the key as a CryptoKey, a JWK or PEM';
const READ = "Give the content of the file: readFileSync(path, 'utf8')";
const CONVERT = 'openssl pkcs8 -topk8 -nocrypt -in key.pem -out pkcs8.pem';

/**
 * What can be seen of a client key without reading it.
 *
 * @throws OpenBankingAuthError `invalid_config`, quoting nothing of the key.
 */
export function assertClientKey(value: unknown, option: string): asserts value is GivenClientKey {
  if (typeof value !== 'object' || value === null || !('key' in value)) {
    const isKey = typeof value === 'object' && value !== null && ('kty' in value || 'usages' in value);
    const given = isKey ? 'the key itself' : kindOf(value);
    throw invalidConfig(`"${option}" must be an object with "key", got ${given}`, SHAPE);
  }
  for (const [name, member] of Object.entries(value)) {
    if (MEMBERS.includes(name) || member === undefined) continue;
    const likely = name === 'alg' ? 'algorithm' : likelyName(name, MEMBERS.slice(1));
    throw invalidConfig(`"${option}.${name.slice(0, 60)}" is not an option`, hintFor(likely, 'Remove it'));
  }
  const { key } = value;
  if (typeof key === 'string') return assertPem(key, `${option}.key`);
  if (typeof key !== 'object' || key === null) throw invalidConfig(`"${option}.key" is ${kindOf(key)}`, SHAPE);
  assertKeyObject(key, `${option}.key`);
}

/** A CryptoKey says itself what it is; anything else that is not text must be a JWK. */
function assertKeyObject(key: object, option: string): void {
  if ('usages' in key) {
    if ('type' in key && key.type === 'public') throw publicKey(option);
    return;
  }
  if (ArrayBuffer.isView(key)) throw invalidConfig(`"${option}" is bytes`, `Give text: readFileSync(path, 'utf8')`);
  if ('href' in key) throw invalidConfig(`"${option}" is a URL`, READ);
  if ('asymmetricKeyType' in key) {
    throw invalidConfig(`"${option}" is a KeyObject`, "Give key.export({ type: 'pkcs8', format: 'pem' })");
  }
  if ('keys' in key) throw invalidConfig(`"${option}" is a set of keys`, 'Give the one for signing, out of "keys"');
  if (!('kty' in key)) throw invalidConfig(`"${option}" is an object, but not a JWK: it has no "kty"`, SHAPE);
  if (key.kty === 'oct') {
    throw invalidConfig(`"${option}" is a shared secret ("kty" is "oct")`, 'Give a private key: EC or RSA');
  }
  if (!('d' in key)) throw publicKey(option);
}

function assertPem(text: string, option: string): void {
  if (!text.includes('-----BEGIN')) throw notPem(text.trim(), option);
  if (text.includes('\\n')) {
    throw invalidConfig(
      `"${option}" holds "\\n" as two characters instead of line breaks`,
      "Restore them: text.replaceAll('\\\\n', '\\n')",
    );
  }
  if (text.includes('BEGIN PRIVATE KEY-----')) return;
  if (text.includes('ENCRYPTED')) throw invalidConfig(`"${option}" is encrypted`, `Decrypt it: ${CONVERT}`);
  if (text.includes('PRIVATE KEY-----')) {
    throw invalidConfig(`"${option}" is PEM, but not PKCS#8`, `Convert it: ${CONVERT}`);
  }
  if (text.includes('BEGIN CERTIFICATE-----')) {
    throw invalidConfig(`"${option}" is a certificate`, 'Give the private key that belongs to it');
  }
  throw publicKey(option);
}

function notPem(text: string, option: string): OpenBankingAuthError {
  if (text.startsWith('{')) throw invalidConfig(`"${option}" is a JWK as text`, 'Give the object: JSON.parse(text)');
  if (text.startsWith('MI')) {
    throw invalidConfig(`"${option}" is PEM without its first and last line`, 'Give the whole content of the file');
  }
  const isPath = /\.\w{1,8}$|^(?:[.~]*\/|[a-z]:)/i.test(text);
  return invalidConfig(`"${option}" is text, but not PEM${isPath ? ': it looks like a path' : ''}`, READ);
}

function publicKey(option: string): OpenBankingAuthError {
  return invalidConfig(`"${option}" is public`, 'Give the private key: the server has the public one');
}
