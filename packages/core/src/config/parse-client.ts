import { invalidConfig, kindOf } from '../errors.js';
import type { ClientAuthentication } from './client.js';
import type { Faults } from './faults.js';
import { parseChoice, parseCredential, parseFunction } from './option.js';
import type { Profile } from './profile.js';
import type { OpenBankingAuthConfig, Settings } from './settings.js';

/** The part of the settings that says who asks for tokens, and how it is proved. */
type ClientSettings = Pick<
  Settings,
  'clientId' | 'clientAuthentication' | 'credential' | 'requestToken' | 'storeSecret'
>;

/** What a way to get tokens does not use. Such an option would be ignored, so it is invalid. */
const UNUSED: Readonly<Record<Settings['clientAuthentication'], readonly (keyof OpenBankingAuthConfig)[]>> = {
  client_secret_post: ['clientKey', 'storeSecret'],
  client_secret_basic: ['clientKey', 'storeSecret'],
  private_key_jwt: ['clientSecret'],
  tls_client_auth: ['clientSecret', 'clientKey'],
  none: [
    'environment',
    'tokenUrl',
    'clientId',
    'clientSecret',
    'clientKey',
    'clientAuthentication',
    'parameters',
    'fetch',
  ],
};

const SHORTEST_STORE_SECRET = 32;
const STORE_HINT = 'Give 32 random characters or more, the same in all processes: openssl rand -base64 32';

export function parseClient(config: OpenBankingAuthConfig, profile: Profile, faults: Faults): () => ClientSettings {
  const { clientAuthentication: given = 'client_secret_post', requestToken } = config;
  const method = faults.read<Settings['clientAuthentication']>('clientAuthentication', given, () =>
    requestToken === undefined
      ? parseChoice(given, profile.methods as ClientAuthentication[], 'clientAuthentication')
      : 'none',
  );
  // With a method that does not exist, the usual one: its options are reported all the same.
  const used = valueOr(method, 'client_secret_post');
  for (const option of UNUSED[used]) {
    faults.read(option, true, () => {
      if (config[option] !== undefined) throw unused(option, used);
    });
  }
  const own = faults.read('requestToken', requestToken, () => parseFunction(requestToken, 'requestToken'));
  const clientId = faults.read('clientId', config.clientId, () =>
    used === 'none' ? '' : parseCredential(config.clientId, 'clientId'),
  );
  const credential = parseCredentialOf(used, config, faults);
  const storeSecret = faults.read('storeSecret', config.storeSecret, () => parseStoreSecret(used, config));
  return () => ({
    requestToken: own(),
    clientId: clientId(),
    clientAuthentication: method(),
    credential: credential(),
    storeSecret: storeSecret(),
  });
}

function parseCredentialOf(
  method: Settings['clientAuthentication'],
  { clientSecret, clientKey, fetch }: OpenBankingAuthConfig,
  faults: Faults,
): () => unknown {
  switch (method) {
    case 'private_key_jwt':
      return faults.read<unknown>('clientKey', clientKey, () => {
        // What is in it is judged when it is first used: reading a key takes time.
        if (typeof clientKey === 'function') return clientKey;
        if (typeof clientKey === 'object' && clientKey !== null) return { ...clientKey };
        throw invalidConfig(`"clientKey" is ${kindOf(clientKey)}`, 'Give { key, kid, algorithm }');
      });
    case 'tls_client_auth':
      return faults.read('fetch', fetch, () => {
        if (fetch !== undefined) return;
        throw invalidConfig(
          '"fetch" is missing: with "tls_client_auth", the certificate travels by it',
          'Give fetch: certificate.fetch, of clientCertificate in "@open-banking-auth/core/node"',
        );
      });
    case 'none':
      return () => undefined;
    default:
      return faults.read<unknown>('clientSecret', clientSecret, () =>
        typeof clientSecret === 'function' ? clientSecret : parseCredential(clientSecret, 'clientSecret'),
      );
  }
}

function parseStoreSecret(
  method: Settings['clientAuthentication'],
  { store, storeSecret, clientId }: OpenBankingAuthConfig,
): string | undefined {
  if (method.startsWith('client_') || (storeSecret === undefined && store === undefined)) return undefined;
  const fault =
    storeSecret === undefined
      ? 'missing: there is no client secret to protect the tokens in "store" with'
      : storeSecret === clientId
        ? 'the client id, which is not a secret'
        : parseCredential(storeSecret, 'storeSecret').length < SHORTEST_STORE_SECRET
          ? 'too short'
          : undefined;
  if (fault !== undefined) throw invalidConfig(`"storeSecret" is ${fault}`, STORE_HINT);
  return storeSecret;
}

function unused(option: string, method: Settings['clientAuthentication']) {
  const use = method === 'none' ? '"requestToken"' : `clientAuthentication "${method}"`;
  return invalidConfig(
    `"${option}" is of no use with ${use}`,
    option === 'clientKey' && method !== 'none'
      ? 'Remove it, or set clientAuthentication: "private_key_jwt"'
      : 'Remove one of them',
  );
}

function valueOr<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
