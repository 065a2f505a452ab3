import { createHash } from 'node:crypto';

/**
 * Hashes without another thread, for the tests of a file: how many turns that takes nobody knows, so that under a fake
 * clock a test would depend on how busy the machine is.
 */
export function hashImmediately(): void {
  const digest = async (_algorithm: unknown, bytes: Uint8Array) => {
    const hash = createHash('sha256').update(bytes).digest();
    return hash.buffer.slice(hash.byteOffset, hash.byteOffset + hash.length);
  };
  beforeAll(() => {
    Object.defineProperty(crypto.subtle, 'digest', { configurable: true, value: digest });
  });
  afterAll(() => {
    Reflect.deleteProperty(crypto.subtle, 'digest');
  });
}
