import { bytesOf } from '../bytes.js';
import type { Clock } from '../clock.js';
import type { Settings } from '../config/settings.js';
import { invalidConfig } from '../errors.js';
import type { ClientCredential } from './client-credential.js';
import { readClientKey, type Signer } from './client-key.js';

/** How long an assertion is good for: long enough for a slow connection, too short to be of use to a thief. */
const LIFETIME_S = 60;

/** From where a clock is off by so much, servers reject assertions. */
const NOTEWORTHY_SKEW_MS = 10_000;

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const HINT =
  'Check that the server has the public half of this key for this clientId, under this "kid" and algorithm, and that "audience" is what it expects';

/** Keys that do not change, by the setting that holds them. */
const fixed = new WeakMap<object, Promise<Signer>>();

/**
 * Signs each token request with the client's key (RFC 7523 section 2.2).
 *
 * @throws OpenBankingAuthError `invalid_config` for a key that cannot be used, quoting nothing of it.
 */
export async function keyCredential(
  { clientId, tokenUrl, store, credential }: Settings,
  clock: Clock,
  given: unknown,
  option: string,
): Promise<ClientCredential> {
  let reading = typeof credential === 'object' && credential !== null ? fixed.get(credential) : undefined;
  if (!reading) {
    reading = readClientKey(given, option);
    if (typeof credential === 'object' && credential !== null) fixed.set(credential, reading);
  }
  const signer = await reading;
  const { kid, audience, algorithm, thumbprint } = signer;
  if (store && thumbprint === undefined && kid === undefined) {
    throw invalidConfig(`"${option}" has no "kid", and its key cannot be exported`, 'With a "store", give its "kid"');
  }
  let assertion = '';
  return {
    id: JSON.stringify([thumbprint, kid, algorithm]),
    get secret() {
      return assertion;
    },
    async authenticate(_server, _client, body) {
      const now = Math.floor(clock.wall() / 1_000);
      const jti = crypto.randomUUID();
      const aud = audience ?? tokenUrl?.href;
      const claims = { iss: clientId, sub: clientId, aud, jti, iat: now, nbf: now, exp: now + LIFETIME_S };
      body.set('client_id', clientId);
      body.set('client_assertion_type', ASSERTION_TYPE);
      assertion = await sign(signer, claims, option);
      body.set('client_assertion', assertion);
    },
    advice: async (response) => [...clockDoubts(response, clock), HINT],
  };
}

/** A JWS in its compact form (RFC 7515 section 7.1). */
async function sign({ key, kid, algorithm }: Signer, claims: object, option: string): Promise<string> {
  const text = [{ alg: algorithm, kid }, claims].map((part) => base64url(bytesOf(JSON.stringify(part)))).join('.');
  const bits = Number(algorithm.slice(2));
  // Each algorithm takes what is its own of this (RFC 7518 sections 3.4 and 3.5), and ignores the rest.
  const parameters = { name: key.algorithm.name, hash: `SHA-${bits}`, saltLength: bits / 8 };
  const signature = await crypto.subtle.sign(parameters, key, bytesOf(text)).catch(() => {
    throw invalidConfig(
      `"${option}.key" cannot sign with ${algorithm}`,
      "Give a CryptoKey of this runtime's own crypto",
    );
  });
  return `${text}.${base64url(new Uint8Array(signature))}`;
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll(/[+/=]/g, (letter) => ({ '+': '-', '/': '_' })[letter] ?? '');
}

/** An assertion that seems to be from the future, or to have expired, is rejected like a wrong key. */
function clockDoubts(response: Response, clock: Clock): string[] {
  const aheadMs = clock.wall() - Date.parse(response.headers.get('date') ?? '');
  if (!(Math.abs(aheadMs) >= NOTEWORTHY_SKEW_MS)) return [];
  const how = `${Math.round(Math.abs(aheadMs) / 1_000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'}`;
  return [`This machine's clock is ${how} the server's, which makes its assertions invalid: set it right`];
}
