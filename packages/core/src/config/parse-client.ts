import { invalidConfig, kindOf, type OpenBankingAuthError } from '../errors.js';
import type { Faults } from './faults.js';
import { parseChoice, parseCredential, parseFunction } from './option.js';
import type { Profile } from './profile.js';
import type { OpenBankingAuthConfig, Settings } from './settings.js';

type Method = Settings['clientAuthentication'];
type Option = keyof OpenBankingAuthConfig;

/** The part of the settings that says who asks for tokens, and how it is proved. */
type ClientSettings = Pick<
  Settings,
  'clientId' | 'clientAuthentication' | 'credential' | 'requestToken' | 'storeSecret'
>;

/** The option that proves who the client is, and those that a way to get tokens does not use: they would be ignored. */
const OPTIONS: Readonly<Record<Method, readonly [proof: Option, ...unused: Option[]]>> = {
  client_secret_post: ['clientSecret', 'clientKey', 'storeSecret'],
  client_secret_basic: ['clientSecret', 'clientKey', 'storeSecret'],
  private_key_jwt: ['clientKey', 'clientSecret'],
  tls_client_auth: ['fetch', 'clientSecret', 'clientKey'],
  none: [
    'requestToken',
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

export function parseClient(config: OpenBankingAuthConfig, profile: Profile, faults: Faults): () => ClientSettings {
  const { clientAuthentication = 'client_secret_post', requestToken } = config;
  // With a method that does not exist, the usual one: its options are reported all the same.
  let method: Method = requestToken === undefined ? 'client_secret_post' : 'none';
  if (requestToken === undefined) {
    faults.read('clientAuthentication', () => {
      method = parseChoice(clientAuthentication, profile.methods, 'clientAuthentication');
    });
  }
  const [proof, ...unused] = OPTIONS[method];
  for (const option of unused) if (config[option] !== undefined) faults.read(option, () => failUnused(option, method));
  faults.read('requestToken', parseFunction);
  const clientId = faults.read('clientId', (id) => (method === 'none' ? '' : parseCredential(id, 'clientId')));
  const credential = faults.read(proof, (value) => parseProof(method, value));
  const storeSecret = faults.read('storeSecret', () => parseStoreSecret(method, config));
  return () => ({
    requestToken,
    clientId: clientId(),
    clientAuthentication: method,
    credential: credential(),
    storeSecret: storeSecret(),
  });
}

function parseProof(method: Method, value: unknown): unknown {
  if (method === 'none') return undefined;
  if (method === 'tls_client_auth') {
    if (value !== undefined) return undefined;
    throw invalidConfig(
      '"fetch" is missing: it sends the certificate',
      'Give fetch: certificate.fetch, of clientCertificate in "@open-banking-auth/core/node"',
    );
  }
  if (typeof value === 'function') return value;
  if (method !== 'private_key_jwt') return parseCredential(value, 'clientSecret');
  // What is in it is judged when it is first used: reading a key takes time.
  if (typeof value === 'object' && value !== null) return { ...value };
  throw invalidConfig(`"clientKey" is ${kindOf(value)}`, 'Give { key, kid, algorithm }');
}

function parseStoreSecret(method: Method, { store, storeSecret, clientId }: OpenBankingAuthConfig): string | undefined {
  if (OPTIONS[method].includes('storeSecret') || (storeSecret === undefined && store === undefined)) return undefined;
  const fault =
    storeSecret === undefined
      ? 'missing: without a client secret, it protects the tokens in "store"'
      : storeSecret === clientId
        ? 'the client id'
        : parseCredential(storeSecret, 'storeSecret').length < SHORTEST_STORE_SECRET && 'too short';
  if (!fault) return storeSecret;
  throw invalidConfig(
    `"storeSecret" is ${fault}`,
    `Give ${SHORTEST_STORE_SECRET} random characters or more, the same in all processes: openssl rand -base64 32`,
  );
}

function failUnused(option: Option, method: Method): OpenBankingAuthError {
  const use = method === 'none' ? '"requestToken"' : `clientAuthentication "${method}"`;
  const other = option === 'clientKey' && method !== 'none' ? ', or give clientAuthentication: "private_key_jwt"' : '';
  throw invalidConfig(`"${option}" is of no use with ${use}`, `Remove one of them${other}`);
}
