import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { inspect } from 'node:util';
import { type ClientKey, createTokenSource, memoryTokenStore } from '@open-banking-auth/core';
import { encryptedKey } from '@open-banking-auth/test-kit/certificates';
import { generateKey, type KeyPair } from './keys.js';
import { HOSTS, refusal, STORE_SECRET } from './plain-source.js';

const client = { ...HOSTS, clientId: 'an application', clientAuthentication: 'private_key_jwt' as const };
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const EC = (name: string) => ({ name, namedCurve: 'P-256' });
const spki = { type: 'spki', format: 'pem' } as const;
const encryptedSec1 = String(
  ec.privateKey.export({ type: 'sec1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'invented' }),
);
const shortRsa = String(
  generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
);
const sec1 = { type: 'sec1', format: 'pem' } as const;

let es256: KeyPair;
let rs256: KeyPair;
beforeAll(async () => {
  [es256, rs256] = await Promise.all([generateKey('ES256'), generateKey('RS256')]);
});

async function problemOf(clientKey: unknown): Promise<string> {
  const calls = jest.fn(async () => new Response());
  const source = createTokenSource({ ...client, fetch: calls, clientKey: clientKey as ClientKey });
  const error: unknown = await source.get().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'invalid_config' });
  expect(calls).not.toHaveBeenCalled();
  const fromFunction = createTokenSource({ ...client, fetch: calls, clientKey: () => clientKey as ClientKey });
  await expect(fromFunction.get()).rejects.toMatchObject({ code: 'invalid_config' });
  const shown = inspect(error, { depth: null, showHidden: true });
  for (const { secret } of [es256, rs256]) expect(shown).not.toContain(secret.slice(0, 20));
  return (error as Error).message;
}

const keyOf = ({ pem, jwk, cryptoKey }: KeyPair) => ({
  pem: pem.key,
  jwk: jwk.key as object,
  cryptoKey: cryptoKey.key,
});

describe('a clientKey', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a path',
      () => ({ key: './client.key', algorithm: 'ES256' }),
      '"clientKey.key" is text, but not PEM: it looks like a path. Give the content of the file',
    ],
    [
      'other text',
      () => ({ key: 'secret', algorithm: 'ES256' }),
      '"clientKey.key" is text, but not PEM. Give the content',
    ],
    [
      'a public key',
      () => ({ key: String(ec.publicKey.export(spki)), algorithm: 'ES256' }),
      '"clientKey.key" is public. Give the private key',
    ],
    ['a path without an extension', () => ({ key: 'C:\\keys\\client', algorithm: 'ES256' }), 'it looks like a path'],
    ['an absolute path', () => ({ key: '/etc/keys/client', algorithm: 'ES256' }), 'it looks like a path'],
    [
      'a URL',
      () => ({ key: new URL('file:///etc/client.key'), algorithm: 'ES256' }),
      'is a URL. Give the content of the file',
    ],
    ['bytes', () => ({ key: Buffer.from('key'), algorithm: 'ES256' }), 'is bytes. Give text: readFileSync(path, '],
    ['a KeyObject', () => ({ key: ec.privateKey, algorithm: 'ES256' }), 'is a KeyObject. Give key.export('],
    [
      'a certificate',
      () => ({ key: '-----BEGIN CERTIFICATE-----', algorithm: 'ES256' }),
      '"clientKey.key" is a certificate. Give the private key that belongs to it',
    ],
    [
      'a JWK as text',
      () => ({ key: JSON.stringify(keyOf(es256).jwk), algorithm: 'ES256' }),
      '"clientKey.key" is a JWK as text. Give the object: JSON.parse(text)',
    ],
    [
      'PEM without its frame',
      () => ({
        key: keyOf(es256)
          .pem.toString()
          .replaceAll(/-----.*-----/g, ''),
        algorithm: 'ES256',
      }),
      '"clientKey.key" is PEM without its first and last line',
    ],
    ['a set of keys', () => ({ key: { keys: [keyOf(es256).jwk] } }), '"clientKey.key" is a set of keys. Give the one'],
    [
      'a shared secret',
      () => ({ key: { kty: 'oct', k: 'x' }, algorithm: 'HS256' }),
      'is a shared secret ("kty" is "oct")',
    ],
    ['another object', () => ({ key: {}, algorithm: 'ES256' }), 'is an object, but not a JWK: it has no "kty"'],
    ['a public JWK', () => ({ key: es256.publicJwk }), '"clientKey.key" is public'],
    [
      'an encrypted key',
      () => ({ key: encryptedKey, algorithm: 'ES256' }),
      '"clientKey.key" is encrypted. Decrypt it: openssl pkcs8',
    ],
    [
      'an encrypted key that is not PKCS#8',
      () => ({ key: encryptedSec1, algorithm: 'ES256' }),
      '"clientKey.key" is encrypted. Decrypt it: openssl pkcs8 -topk8 -nocrypt -in key.pem',
    ],
    [
      'too short',
      () => ({ key: shortRsa, algorithm: 'PS512' }),
      '"clientKey.key" is an RSA key of 1024 bits, and PS512 needs 2048 or more. Generate a longer key',
    ],
    [
      'a CryptoKey for another algorithm',
      () => ({ key: keyOf(rs256).cryptoKey, algorithm: 'PS256' }),
      '"clientKey.algorithm" is "PS256", and the CryptoKey is for "RS256". Leave it out',
    ],
    [
      'with a misspelt kid',
      () => ({ ...es256.pem, keyid: 'x' }),
      '"clientKey.keyid" is not an option. Did you mean "kid"',
    ],
    [
      'with alg',
      () => ({ key: keyOf(es256).pem, alg: 'ES256' }),
      '"clientKey.alg" is not an option. Did you mean "algorithm"',
    ],
    [
      'not PKCS#8',
      () => ({ key: String(ec.privateKey.export(sec1)), algorithm: 'ES256' }),
      '"clientKey.key" is PEM, but not PKCS#8. Convert it: openssl pkcs8 -topk8',
    ],
    [
      'with "\\n" as two characters',
      () => ({ key: '-----BEGIN PRIVATE KEY-----\\nMII', algorithm: 'ES256' }),
      '"\\n" as two characters',
    ],
    [
      'damaged',
      () => ({ key: '-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----', algorithm: 'ES256' }),
      '"clientKey.key" cannot be read as a key for ES256',
    ],
    [
      'of the wrong kind',
      () => ({ key: keyOf(rs256).pem, algorithm: 'ES256' }),
      'ES256 needs an EC key of the right curve',
    ],
    [
      'of the wrong kind, as JWK',
      () => ({ key: { ...keyOf(es256).jwk, alg: undefined }, algorithm: 'PS256' }),
      '"clientKey.key" cannot be read as a key for PS256 (its "kty" is "EC"). PS256 needs an RSA key',
    ],
    [
      'of another curve',
      () => ({ key: { ...keyOf(es256).jwk, alg: undefined }, algorithm: 'ES384' }),
      'ES384 needs an EC key of the right curve',
    ],
    ['for encryption', () => ({ key: { ...keyOf(rs256).jwk, use: 'enc' } }), '"clientKey.key" is a key for encryption'],
    [
      'without an algorithm',
      () => ({ key: keyOf(es256).pem }),
      '"clientKey.algorithm" is undefined. Give the one that was registered',
    ],
    [
      'with an algorithm of another kind',
      () => ({ key: keyOf(es256).pem, algorithm: 'HS256' }),
      '"clientKey.algorithm" is "HS256"',
    ],
    [
      'with two algorithms',
      () => ({ key: keyOf(rs256).jwk, algorithm: 'PS256' }),
      '"clientKey.algorithm" is "PS256", and the JWK is for "RS256"',
    ],
    [
      'with a kid that is a number',
      () => ({ key: keyOf(es256).jwk, kid: 1 }),
      '"clientKey.kid" is a number. It must be a string',
    ],
    ['with an empty audience', () => ({ key: keyOf(es256).jwk, audience: '' }), '"clientKey.audience" is empty'],
    [
      'the JWK itself',
      () => keyOf(es256).jwk,
      '"clientKey" must be an object with "key", got the key itself. Give { key, kid, algorithm }',
    ],
    ['a number', () => ({ key: 1, algorithm: 'ES256' }), '"clientKey.key" is a number'],
  ])('that is %s is invalid, and the error says what and why without quoting it', async (_, clientKey, says) => {
    expect(await problemOf(clientKey())).toContain(says);
  });

  test.each<[string, { name: string }, webcrypto.KeyUsage[], string]>([
    ['for verifying', EC('ECDSA'), ['verify'], 'is public'],
    ['for encryption', EC('ECDH'), ['deriveBits'], 'is not a private key for signing'],
    ['of a kind without a name here', { name: 'Ed25519' }, ['sign'], 'is a key for Ed25519, which is not supported'],
  ])('that is a CryptoKey %s is invalid', async (_, algorithm, usages, says) => {
    const pair = (await webcrypto.subtle.generateKey(
      algorithm,
      false,
      ['ECDH'].includes(algorithm.name) ? usages : ['sign', 'verify'],
    )) as webcrypto.CryptoKeyPair;
    expect(await problemOf({ key: usages.includes('verify') ? pair.publicKey : pair.privateKey })).toContain(says);
  });

  test('that is a CryptoKey of another runtime is invalid, and no network error', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    const key = { type: 'private', extractable: false, usages: ['sign'], algorithm };
    expect(await problemOf({ key })).toContain('"clientKey.key" cannot sign with ES256. Give a CryptoKey of this');
  });

  test('that is missing, or text, is invalid at once', () => {
    expect(refusal({ ...client })).toContain('"clientKey" is undefined. Give { key, kid, algorithm }');
    expect(refusal({ ...client, clientKey: 'key.pem' })).toContain('"clientKey" is a string');
  });

  test('beside a client secret is invalid, and so is a secret beside it', () => {
    expect(refusal({ ...HOSTS, clientId: 'x', clientSecret: 'y', clientKey: {} })).toContain(
      '"clientKey" is of no use with clientAuthentication "client_secret_post". Remove one of them',
    );
    expect(refusal({ ...client, clientKey: {}, clientSecret: 'y' })).toContain('"clientSecret" is of no use');
  });

  test('that cannot be exported and has no kid cannot name a token in a store, and the error says so', async () => {
    const { key } = es256.cryptoKey;
    const source = createTokenSource({
      ...client,
      clientKey: { key } as ClientKey,
      store: memoryTokenStore(),
      storeSecret: STORE_SECRET,
    });
    await expect(source.get()).rejects.toThrow(
      '"clientKey" has no "kid", and its key cannot be exported. With a "store"',
    );
  });

  test('is read once, and never written to', async () => {
    const assertions: string[] = [];
    const clientKey = { ...es256.jwk };
    const source = createTokenSource({
      ...client,
      clientKey,
      fetch: async (_url, init) => {
        assertions.push(String(new URLSearchParams(String(init?.body)).get('client_assertion')));
        return new Response('{"access_token":"t","token_type":"Bearer"}');
      },
    });
    Object.assign(clientKey, { key: 'gone', kid: 'changed' });
    await source.get();
    const [header = '', claims = ''] = (assertions[0] ?? '')
      .split('.')
      .map((part) => atob(part.replaceAll('-', '+').replaceAll('_', '/')));
    expect(JSON.parse(header)).toEqual({ alg: 'ES256', kid: 'of ES256' });
    const { iat, jti, ...rest } = JSON.parse(claims);
    expect(rest).toEqual({ iss: client.clientId, sub: client.clientId, aud: HOSTS.tokenUrl, nbf: iat, exp: iat + 60 });
    expect(jti).toMatch(/^[\da-f-]{36}$/);
  });
});
