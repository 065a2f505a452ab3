import { bytesOf, bytesOfBase64, hexOf } from '../bytes.js';
import type { Settings } from '../config/settings.js';
import { LONGEST_SEALED_CHARACTERS } from '../policy.js';

/** Names and seals the store's values for one client secret. */
export interface Seal {
  /** The key of a scope's token in the store. */
  keyOf(scope: string): Promise<string>;
  seal(key: string, content: object): Promise<string>;
  /** The content, or `undefined` if this seal did not make the value for this key, or made it in another format. */
  open(key: string, sealed: string): Promise<Readonly<Record<string, unknown>> | undefined>;
}

/** First byte of every value, and part of every key, so that another format and this one do not overwrite each other. */
const FORMAT = 1;
const IV_BYTES = 12;
const KEY_BYTES = 32;

/**
 * Makes the seal for the current secret: from the secret itself, or where that is a key or there is none, from `storeSecret`.
 * Keys are derived once per secret, and held only in closures.
 */
export function sealFactory(settings: Settings): (secret: string) => Promise<Seal> {
  let last: { readonly secret: string; readonly seal: Promise<Seal> } | undefined;
  return (secret) => {
    if (last?.secret !== secret) last = { secret, seal: deriveSeal(settings, secret) };
    return last.seal;
  };
}

/**
 * Two keys from the secret by HKDF-SHA-256 (RFC 5869), for AES-256-GCM and for HMAC-SHA-256. HKDF is not a password
 * hash: it relies on the secret being long and random, as those of the platform are.
 *
 * Since the name of a token is an HMAC under the secret too, another secret of the same client has another entry in the
 * store: while a secret is rotated, and where two applications share a store, none overwrites what another cannot open. And
 * a reader of the store cannot find out whose tokens these are.
 */
async function deriveSeal(settings: Settings, secret: string): Promise<Seal> {
  const { storeSecret } = settings;
  const { subtle } = crypto;
  const ikm = await subtle.importKey('raw', bytesOf(storeSecret ?? secret), 'HKDF', false, ['deriveBits']);
  const salt = new Uint8Array();
  const info = bytesOf(`@open-banking-auth/core token store ${FORMAT}`);
  const bits = await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, ikm, 2 * KEY_BYTES * 8);
  const sealKey = await subtle.importKey('raw', bits.slice(0, KEY_BYTES), 'AES-GCM', false, ['encrypt', 'decrypt']);
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const nameKey = await subtle.importKey('raw', bits.slice(KEY_BYTES), hmac, false, ['sign']);

  return {
    async keyOf(scope) {
      const name = await subtle.sign('HMAC', nameKey, bytesOf(nameOf(settings, secret, scope)));
      return hexOf(new Uint8Array(name));
    },

    async seal(key, content) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const cipher = { name: 'AES-GCM', iv, additionalData: bytesOf(key) };
      const sealed = await subtle.encrypt(cipher, sealKey, bytesOf(JSON.stringify(content)));
      return btoa(String.fromCharCode(FORMAT, ...iv, ...new Uint8Array(sealed)));
    },

    async open(key, sealed) {
      if (sealed.length > LONGEST_SEALED_CHARACTERS) return undefined;
      try {
        const bytes = bytesOfBase64(sealed);
        if (bytes[0] !== FORMAT) return undefined;
        const iv = bytes.subarray(1, 1 + IV_BYTES);
        const cipher = { name: 'AES-GCM', iv, additionalData: bytesOf(key) };
        const opened = await subtle.decrypt(cipher, sealKey, bytes.subarray(1 + IV_BYTES));
        return Object(JSON.parse(new TextDecoder().decode(opened)));
      } catch {
        return undefined;
      }
    },
  };
}

/** All that one token has and another has not. What other platforms need comes last, so that the usual name is short. */
function nameOf(settings: Settings, secret: string, scope: string): string {
  const { tokenUrl, clientId, clientAuthentication, parameters, storeSecret } = settings;
  const origin = tokenUrl?.href ?? [...settings.apiOrigins].sort().join(' ');
  const usual = [FORMAT, origin, clientId, clientAuthentication, scope];
  if (parameters.length === 0 && storeSecret === undefined) return JSON.stringify(usual);
  return JSON.stringify([...usual, parameters, storeSecret === undefined ? '' : secret]);
}
