import { invalidConfig, kindOf } from '../errors.js';

const SHAPE = 'Give { key, kid, algorithm }, with the key as a CryptoKey, a JWK or PEM';
const READ = "Give the content of the file: readFileSync(path, 'utf8')";

/**
 * What can be seen of a client key without reading it.
 *
 * @throws OpenBankingAuthError `invalid_config`, quoting nothing of the key.
 */
export function assertClientKey(value: unknown, option: string): asserts value is { readonly key: string | object } {
  if (typeof value !== 'object' || value === null || !('key' in value)) {
    throw invalidConfig(`"${option}" must be an object with "key", got ${kindOf(value)}`, SHAPE);
  }
  const { key } = value;
  if (typeof key === 'string') return assertPem(key, `${option}.key`);
  if (typeof key !== 'object' || key === null) throw invalidConfig(`"${option}.key" is ${kindOf(key)}`, SHAPE);
  const isPublic = 'kty' in key ? !('d' in key) : 'type' in key && key.type === 'public';
  if (isPublic) throw publicKey(`${option}.key`);
}

function assertPem(text: string, option: string): void {
  if (!text.includes('-----BEGIN')) {
    throw invalidConfig(`"${option}" is text, but not PEM${/\.\w+$/.test(text) ? ': it looks like a path' : ''}`, READ);
  }
  if (text.includes('\\n')) {
    throw invalidConfig(
      `"${option}" holds "\\n" as two characters instead of line breaks`,
      "Restore them: text.replaceAll('\\\\n', '\\n')",
    );
  }
  if (text.includes('BEGIN PRIVATE KEY-----')) return;
  if (text.includes('ENCRYPTED')) {
    throw invalidConfig(`"${option}" is encrypted`, 'Decrypt it: openssl pkcs8 -in key.pem -out plain.pem');
  }
  if (text.includes('PRIVATE KEY-----')) {
    throw invalidConfig(
      `"${option}" is PEM, but not PKCS#8`,
      'Convert it: openssl pkcs8 -topk8 -nocrypt -in key.pem -out pkcs8.pem',
    );
  }
  throw publicKey(option);
}

function publicKey(option: string) {
  return invalidConfig(`"${option}" is public`, 'Give the private key: the server has the public one');
}
