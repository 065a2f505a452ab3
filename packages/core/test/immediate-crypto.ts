import { createCipheriv, createDecipheriv, createHmac, hkdfSync, KeyObject, type webcrypto } from 'node:crypto';
import { hashImmediately } from './immediate-hashing.js';

type Key = webcrypto.CryptoKey;
interface Aead {
  readonly iv: Uint8Array;
  readonly additionalData: Uint8Array;
}
const TAG_BYTES = 16;

/** As `hashImmediately`, for all that a shared token needs: sealing, opening and naming without another thread. */
export function cryptoImmediately(): void {
  hashImmediately();
  const raw = (key: Key) => KeyObject.from(key).export();
  const buffer = (bytes: Uint8Array) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const operations = {
    sign: async (_algorithm: unknown, key: Key, bytes: Uint8Array) =>
      buffer(createHmac('sha256', raw(key)).update(bytes).digest()),
    deriveBits: async ({ salt, info }: { salt: Uint8Array; info: Uint8Array }, key: Key, bits: number) =>
      hkdfSync('sha256', raw(key), salt, info, bits / 8),
    async encrypt({ iv, additionalData }: Aead, key: Key, bytes: Uint8Array) {
      const cipher = createCipheriv('aes-256-gcm', raw(key), iv).setAAD(additionalData);
      return buffer(Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]));
    },
    async decrypt({ iv, additionalData }: Aead, key: Key, bytes: Uint8Array) {
      const decipher = createDecipheriv('aes-256-gcm', raw(key), iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(additionalData).setAuthTag(bytes.subarray(-TAG_BYTES));
      return buffer(Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]));
    },
  };
  beforeAll(() => {
    for (const [name, value] of Object.entries(operations)) {
      Object.defineProperty(crypto.subtle, name, { configurable: true, value });
    }
  });
  afterAll(() => {
    for (const name of Object.keys(operations)) Reflect.deleteProperty(crypto.subtle, name);
  });
}
