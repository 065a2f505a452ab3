import { KeyObject, webcrypto } from 'node:crypto';
import type { ClientKey, SigningAlgorithm } from '@open-banking-auth/core';

/** A key pair: the private key in each form that a configuration takes, and the public one for the server. */
export interface KeyPair {
  readonly pem: ClientKey;
  readonly jwk: ClientKey;
  /** Cannot be exported. */
  readonly cryptoKey: ClientKey;
  readonly publicJwk: object;
  /** Found in whatever shows the private key. */
  readonly secret: string;
}

export async function generateKey(algorithm: SigningAlgorithm, kid = `of ${algorithm}`): Promise<KeyPair> {
  const bits = algorithm.slice(2);
  const parameters = algorithm.startsWith('ES')
    ? { name: 'ECDSA', namedCurve: `P-${bits.replace('512', '521')}` }
    : {
        name: algorithm.startsWith('PS') ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5',
        hash: `SHA-${bits}`,
        modulusLength: 2_048,
        publicExponent: new Uint8Array([1, 0, 1]),
      };
  const { subtle } = webcrypto;
  const pair = await subtle.generateKey(parameters, true, ['sign', 'verify']);
  const jwk = await subtle.exportKey('jwk', pair.privateKey);
  const der = await subtle.exportKey('pkcs8', pair.privateKey);
  const key = await subtle.importKey('pkcs8', der, parameters, false, ['sign']);
  const pem = KeyObject.from(pair.privateKey).export({ type: 'pkcs8', format: 'pem' });
  const { alg: _alg, ...bare } = jwk;
  return {
    pem: { key: String(pem), kid, algorithm },
    jwk: { key: { ...bare, alg: algorithm, kid } },
    cryptoKey: { key, kid },
    publicJwk: {
      ...(await subtle.exportKey('jwk', pair.publicKey)),
      alg: algorithm,
      kid,
      use: 'sig',
      key_ops: undefined,
    },
    secret: String(jwk.d),
  };
}
