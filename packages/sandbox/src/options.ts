import { type CertificateDemand, readDemand } from './client-certificate.js';
import type { SandboxExchange } from './exchange.js';
import { readShape, type UnauthorizedShape } from './unauthorized.js';

/** An application that the token host knows. */
export interface SandboxClient {
  /** The client id. The platform's are UUIDs; any text that is not empty will do here. */
  readonly clientId: string;
  /** The client secret. Any text that is not empty. */
  readonly clientSecret: string;
  /**
   * The API scopes that this client may ask for, without the PSU context. Others are answered with `invalid_scope`.
   * Default: all that are known, which are `aspspinformation`, `accountinformation`, `paymentinitiation` and
   * `bankgiroinformation`.
   */
  readonly scopes?: readonly string[];
}

/** Options of {@link startSandbox}. */
export interface SandboxOptions {
  /** The clients that get tokens. At least one. Default: one, with a UUID and a secret that contains `+`, `/` and `=`. */
  readonly clients?: readonly SandboxClient[];
  /**
   * The lifetime of the tokens issued, in seconds, above 0. Fractions are allowed: `0.5` gives tokens that live half a
   * second. Sent as `expires_in` just as it is given here. Default: 3600.
   */
  readonly lifetimeSeconds?: number;
  /** The port of the token host, 0 to 65535. Default: 0, any free port. */
  readonly tokenPort?: number;
  /** The port of the API host, 0 to 65535. Default: 0, any free port. */
  readonly apiPort?: number;
  /** The port of the foreign host, 0 to 65535. Default: 0, any free port. */
  readonly foreignPort?: number;
  /** How the API host words a 401 about a token. Default: `'tpp'`. Can be changed later on the {@link Sandbox}. */
  readonly unauthorizedShape?: UnauthorizedShape;
  /**
   * Whether the API host speaks https and demands a client certificate, and how; `true` means `'handshake'`. One that it
   * accepts is on the {@link Sandbox}. Default: `false`, plain http.
   */
  readonly clientCertificate?: boolean | CertificateDemand;
  /** Called once for each finished request, for a log. What it gets never contains a token or a secret. */
  readonly onExchange?: (exchange: SandboxExchange) => void;
}

export const knownScopes: readonly string[] = [
  'aspspinformation',
  'accountinformation',
  'paymentinitiation',
  'bankgiroinformation',
];

// The secret has the three characters that a client gets wrong when it does not form-encode its request.
const defaultClient: SandboxClient = {
  clientId: '5a9d6b0e-7c1f-4e2a-9b38-0d4f6c1e2a70',
  clientSecret: 'invented+for/the+local/sandbox==',
};

export interface ReadOptions {
  readonly clients: readonly SandboxClient[];
  readonly firstClient: SandboxClient;
  readonly lifetimeSeconds: number;
  readonly tokenPort: number;
  readonly apiPort: number;
  readonly foreignPort: number;
  readonly unauthorizedShape: UnauthorizedShape;
  readonly certificateDemand: CertificateDemand | undefined;
  readonly onExchange: ((exchange: SandboxExchange) => void) | undefined;
}

export function readOptions(options: SandboxOptions): ReadOptions {
  const clients = (options.clients ?? [defaultClient]).map(readClient);
  const [firstClient] = clients;
  if (!firstClient)
    throw new TypeError('"clients" is empty: give at least one client, or leave it out for the default one');
  const ids = new Set(clients.map((client) => client.clientId));
  if (ids.size !== clients.length) throw new TypeError('"clients" has two entries with the same clientId: remove one');
  return {
    clients,
    firstClient,
    lifetimeSeconds: readLifetime(options.lifetimeSeconds ?? 3600),
    tokenPort: readPort('tokenPort', options.tokenPort ?? 0),
    apiPort: readPort('apiPort', options.apiPort ?? 0),
    foreignPort: readPort('foreignPort', options.foreignPort ?? 0),
    unauthorizedShape: readShape('unauthorizedShape', options.unauthorizedShape ?? 'tpp'),
    certificateDemand: readDemand(options.clientCertificate ?? false),
    onExchange: options.onExchange,
  };
}

function readClient(client: SandboxClient, index: number): SandboxClient {
  for (const name of ['clientId', 'clientSecret'] as const) {
    // The value is not quoted: it may be a real secret, given here by mistake.
    if (typeof client[name] !== 'string' || client[name] === '')
      throw new TypeError(`"clients[${index}].${name}" must be a text that is not empty`);
  }
  return Object.freeze({ ...client });
}

function readLifetime(seconds: number): number {
  if (Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new RangeError(`"lifetimeSeconds" must be a number of seconds above 0, got ${String(seconds)}`);
}

function readPort(option: string, port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new RangeError(`"${option}" must be a whole number from 0 (any free port) to 65535, got ${String(port)}`);
}
