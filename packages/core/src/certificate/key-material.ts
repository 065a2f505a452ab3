import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { types } from 'node:util';
import { invalidConfig, kindOf, type OpenBankingAuthError } from '../errors.js';

/** A certificate with its key in one file, as the platform's portal provides it. */
export interface PfxCertificate {
  /** The content of the `.pfx` or `.p12` file (PKCS#12), not its path: `readFileSync('client.pfx')`. */
  readonly pfx: Uint8Array;
  /** The passphrase of the pfx. Typed with `undefined` so that `process.env.…` fits as it is. */
  readonly passphrase: string | undefined;
  /**
   * Certificates, as PEM, of the authorities to trust for the server, in place of those that Node knows. For servers of
   * your own. Default: Node's.
   */
  readonly ca?: Pem | readonly Pem[] | undefined;
  readonly cert?: undefined;
  readonly key?: undefined;
}

/** A certificate and its key as PEM. */
export interface PemCertificate {
  /** The content of the certificate file, with the certificates of its issuers behind it if there are any. */
  readonly cert: Pem;
  /** The content of the private key's file. */
  readonly key: Pem;
  /** The passphrase of the key. Default: the key is not encrypted. */
  readonly passphrase?: string | undefined;
  /** As in {@link PfxCertificate}. */
  readonly ca?: Pem | readonly Pem[] | undefined;
  readonly pfx?: undefined;
}

/** The input of {@link clientCertificate}. The content of files, never a path. */
export type ClientCertificateOptions = PfxCertificate | PemCertificate;

type Pem = string | Uint8Array;

const READ = 'Give the content of the file: readFileSync(path)';

/**
 * A TLS context with certificate and key. OpenSSL's errors are translated, since they name no option.
 *
 * @throws OpenBankingAuthError `invalid_config` with the problem and the remedy, quoting nothing of the input.
 */
export function readKeyMaterial(options: ClientCertificateOptions): SecureContext {
  if (typeof options !== 'object' || options === null) {
    throw invalidConfig(
      `The options of clientCertificate must be an object, got ${kindOf(options)}`,
      'Give { pfx, passphrase } or { cert, key }',
    );
  }
  const { pfx, cert, key, passphrase, ca } = options;
  if ((pfx === undefined) === (cert === undefined && key === undefined)) {
    throw invalidConfig(
      pfx === undefined ? 'Neither "pfx" nor "cert" and "key" are given' : 'Both "pfx" and "cert" or "key" are given',
      'Give either { pfx, passphrase } or { cert, key }',
    );
  }
  if (passphrase !== undefined && typeof passphrase !== 'string') {
    throw invalidConfig(`"passphrase" must be a string, got ${kindOf(passphrase)}`, 'Give the text, or leave it out');
  }
  const trusted = ca === undefined ? {} : { ca: readAuthorities(ca) };
  return pfx === undefined ? fromPem(cert, key, passphrase, trusted) : fromPfx(pfx, passphrase, trusted);
}

interface Trusted {
  readonly ca?: string[];
}

function fromPfx(given: unknown, passphrase: string | undefined, trusted: Trusted): SecureContext {
  const pfx = readPfx(given);
  try {
    return createSecureContext({ ...trusted, pfx, ...(passphrase !== undefined && { passphrase }) });
  } catch (error) {
    throw pfxError(reasonOf(error), passphrase);
  }
}

function readPfx(pfx: unknown): Buffer {
  if (typeof pfx === 'string') {
    if (isBase64(pfx)) {
      throw invalidConfig('"pfx" is base64 text', "Decode it: Buffer.from(text, 'base64')");
    }
    throw isPath(pfx)
      ? invalidConfig('"pfx" is the path of a file', READ)
      : invalidConfig('"pfx" is text, and a pfx is binary', `${READ}, without an encoding`);
  }
  const bytes = readBytes(pfx, 'pfx', 'a Buffer');
  const text = bytes.toString('latin1', 0, 200);
  if (text.includes('-----BEGIN')) {
    throw invalidConfig('"pfx" holds PEM', 'Give it as "cert" and "key"');
  }
  if (isBase64(text)) {
    throw invalidConfig('"pfx" holds base64', "Decode it: Buffer.from(text, 'base64')");
  }
  return bytes;
}

/** The reasons are those of Node 20 to 26, word for word. */
function pfxError(reason: string, passphrase: string | undefined): OpenBankingAuthError {
  if (reason.includes('mac verify failure')) return passphraseError('"pfx"', passphrase);
  if (reason.includes('Unsupported PKCS12')) {
    return invalidConfig(
      '"pfx" is encrypted in a way that OpenSSL 3, and so Node, no longer reads (RC2, as used by older tools)',
      'Convert it: openssl pkcs12 -legacy -in old.pfx -out client.pem, then openssl pkcs12 -export -in client.pem -out client.pfx; and delete client.pem',
    );
  }
  const missing = /Unable to load (private key|certificate) from PFX/.exec(reason)?.[1];
  if (missing !== undefined) {
    return invalidConfig(`"pfx" holds no ${missing}`, 'Export it once more, with certificate and private key');
  }
  if (/too (?:small|weak)/.test(reason)) return unusable(reason);
  return invalidConfig(
    `"pfx" is not a PKCS#12 file, or is damaged (${reason})`,
    `${READ}, without an encoding. To inspect the file: openssl pkcs12 -info -noout -in client.pfx`,
  );
}

function fromPem(
  givenCert: unknown,
  givenKey: unknown,
  passphrase: string | undefined,
  trusted: Trusted,
): SecureContext {
  const cert = readPem(givenCert, 'cert', 'CERTIFICATE', 'openssl x509 -inform der -in client.cer -out client.pem');
  const key = readPem(givenKey, 'key', 'PRIVATE KEY', 'openssl pkey -inform der -in client.key -out client.pem');
  assertReadable(cert, 'cert');
  // OpenSSL itself does not notice a key of another kind: an RSA key beside a certificate of an elliptic curve.
  if (!new X509Certificate(cert).checkPrivateKey(readKey(key, passphrase))) {
    throw invalidConfig(
      '"key" is not the private key of "cert"',
      'Give a matching pair. If "cert" holds several certificates, the client\'s own must be the first',
    );
  }
  try {
    return createSecureContext({ ...trusted, cert, key, ...(passphrase !== undefined && { passphrase }) });
  } catch (error) {
    throw unusable(reasonOf(error));
  }
}

function readKey(key: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key, ...(passphrase !== undefined && { passphrase }) });
  } catch (error) {
    if (key.includes('ENCRYPTED')) throw passphraseError('"key"', passphrase);
    throw invalidConfig(`"key" cannot be read (${reasonOf(error)})`, READ);
  }
}

/** Readable, but not accepted: since Node 24, RSA keys of fewer than 2048 bits. */
function unusable(reason: string): OpenBankingAuthError {
  return invalidConfig(
    `The client certificate cannot be used with Node ${process.version} (${reason})`,
    'Get one with an RSA key of 2048 bits or more, or of an elliptic curve',
  );
}

function readPem(given: unknown, option: 'cert' | 'key' | 'ca', label: string, convert: string): string {
  const text =
    typeof given === 'string' ? given : readBytes(given, option, 'a string or a Buffer with PEM').toString('latin1');
  if (text.includes('-----BEGIN') && text.includes('\\n')) {
    throw invalidConfig(
      `"${option}" holds "\\n" as two characters instead of line breaks, as environment variables often do`,
      "Restore the line breaks: text.replaceAll('\\\\n', '\\n')",
    );
  }
  if (text.includes(`${label}-----`)) return text;
  if (text.includes('-----BEGIN')) {
    throw invalidConfig(`"${option}" is PEM, but holds no ${label}`, 'Are "cert" and "key" mixed up?');
  }
  if (typeof given === 'string' && isPath(given)) throw invalidConfig(`"${option}" is the path of a file`, READ);
  throw invalidConfig(
    `"${option}" is not PEM: there is no "-----BEGIN ${label}-----" in it`,
    `${READ}. If it is binary (DER), convert it: ${convert}`,
  );
}

function readAuthorities(given: unknown): string[] {
  return (Array.isArray(given) ? given : [given]).map((entry: unknown) => {
    const ca = readPem(entry, 'ca', 'CERTIFICATE', 'openssl x509 -inform der -in ca.cer -out ca.pem');
    assertReadable(ca, 'ca');
    return ca;
  });
}

/** OpenSSL skips unreadable certificates in `ca`, and the server would be distrusted for no apparent reason. */
function assertReadable(pem: string, option: 'cert' | 'ca'): void {
  for (const part of pem.split(/(?=-----BEGIN )/)) {
    if (!part.includes('CERTIFICATE-----')) continue;
    try {
      new X509Certificate(part);
    } catch (error) {
      throw invalidConfig(`"${option}" holds a certificate that cannot be read (${reasonOf(error)})`, READ);
    }
  }
}

function readBytes(given: unknown, option: string, rule: string): Buffer {
  // Not by `instanceof`, which fails for bytes of another realm: a test runner's, a worker's.
  if (!types.isUint8Array(given)) throw invalidConfig(`"${option}" must be ${rule}, got ${kindOf(given)}`, READ);
  if (given.length === 0) throw invalidConfig(`"${option}" is empty`, READ);
  return Buffer.from(given.buffer, given.byteOffset, given.length);
}

function passphraseError(of: string, passphrase: string | undefined): OpenBankingAuthError {
  return passphrase === undefined
    ? invalidConfig(
        `${of} is encrypted, and "passphrase" is missing`,
        'Give the passphrase; if it comes from an environment variable, check that it is set',
      )
    : invalidConfig(
        `"passphrase" does not fit ${of}`,
        'Check that it is complete, without a line break at its end, and the one that was set when the file was made',
      );
}

/** The last part of `error:05800074:x509 certificate routines::key values mismatch`. OpenSSL never quotes its input. */
function reasonOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
  return message.split(':').at(-1)?.trim() || 'no reason given';
}

function isBase64(text: string): boolean {
  // Every pfx begins with the bytes 0x30 0x82 or 0x30 0x80.
  return /^\s*MI[\w+/=\s]{30,}$/.test(text);
}

function isPath(text: string): boolean {
  return text.length < 1_000 && !/[\r\n]/.test(text) && /[/\\]|\.\w{2,5}$/.test(text);
}
