import { inspect } from 'node:util';
import { assertOptions } from '@open-banking-auth/core/client';
import { type CertificateDemand, resolveDemand } from './certificate/client-certificate.js';
import { DEFAULT_CLIENT, type SandboxClient } from './hosts/client.js';
import { assertShape, type UnauthorizedShape } from './hosts/unauthorized.js';
import type { SandboxExchange } from './records/exchange.js';

/** Options of {@link startSandbox}. */
export interface SandboxOptions {
  /**
   * The clients that can get tokens. At least one. Default: one, with a UUID and a secret that contains `+`, `/` and
   * `=`.
   */
  readonly clients?: readonly SandboxClient[];
  /**
   * The lifetime of issued tokens, in seconds, above 0. Fractions are allowed: with `0.5`, tokens live half a second.
   * Sent unchanged as `expires_in`. Default: 3600.
   */
  readonly lifetimeSeconds?: number;
  /** The port of the token host, 0 to 65535. Default: 0, any free port. */
  readonly tokenPort?: number;
  /** The port of the API host, 0 to 65535. Default: 0, any free port. */
  readonly apiPort?: number;
  /** The port of the foreign host, 0 to 65535. Default: 0, any free port. */
  readonly foreignPort?: number;
  /**
   * The shape of the API host's 401 responses to rejected tokens. Can be changed later on the {@link Sandbox}.
   * Default: `'tpp'`.
   */
  readonly unauthorizedShape?: UnauthorizedShape;
  /**
   * Whether and how the API host demands a client certificate, over https; `true` means `'handshake'`. The
   * {@link Sandbox} has a certificate that is accepted. Default: `false`, plain http.
   */
  readonly clientCertificate?: boolean | CertificateDemand;
  /** Whether to serve a page that shows live what happens, at the sandbox's `pageUrl`. Default: `false`. */
  readonly page?: boolean;
  /** Called once for each finished request, for a log. Never receives a token or a secret. */
  readonly onExchange?: (exchange: SandboxExchange) => void;
}

/** Every option, so that the compiler notices one that is missing here. */
const OPTIONS: Readonly<Record<keyof SandboxOptions, true>> = {
  clients: true,
  lifetimeSeconds: true,
  tokenPort: true,
  apiPort: true,
  foreignPort: true,
  unauthorizedShape: true,
  clientCertificate: true,
  page: true,
  onExchange: true,
};

/** {@link SandboxOptions} after checks and defaults. */
export interface ResolvedOptions {
  readonly clients: readonly SandboxClient[];
  readonly firstClient: SandboxClient;
  readonly lifetimeSeconds: number;
  readonly tokenPort: number;
  readonly apiPort: number;
  readonly foreignPort: number;
  readonly unauthorizedShape: UnauthorizedShape;
  readonly certificateDemand: CertificateDemand | undefined;
  readonly page: boolean;
  readonly onExchange: ((exchange: SandboxExchange) => void) | undefined;
}

/**
 * Checks the options and adds the defaults.
 *
 * @throws TypeError or RangeError when an option is invalid, OpenBankingAuthError when there is no such option; the message
 * names it
 */
export function resolveOptions(options: SandboxOptions): ResolvedOptions {
  assertOptions(options, Object.keys(OPTIONS), 'startSandbox');
  const clients = (options.clients ?? [DEFAULT_CLIENT]).map(copyClient);
  const [firstClient] = clients;
  if (!firstClient) throw new TypeError('"clients" is empty: give at least one client, or omit it for the default one');
  const ids = new Set(clients.map((client) => client.clientId));
  if (ids.size !== clients.length) throw new TypeError('"clients" has two entries with the same clientId: remove one');
  const lifetimeSeconds = options.lifetimeSeconds ?? 3600;
  assertLifetime(lifetimeSeconds);
  const tokenPort = options.tokenPort ?? 0;
  assertPort('tokenPort', tokenPort);
  const apiPort = options.apiPort ?? 0;
  assertPort('apiPort', apiPort);
  const foreignPort = options.foreignPort ?? 0;
  assertPort('foreignPort', foreignPort);
  const unauthorizedShape = options.unauthorizedShape ?? 'tpp';
  assertShape('unauthorizedShape', unauthorizedShape);
  if (options.page !== undefined && typeof options.page !== 'boolean')
    throw new TypeError(`"page" must be true or false, got ${String(options.page)}`);
  return {
    clients,
    firstClient,
    lifetimeSeconds,
    tokenPort,
    apiPort,
    foreignPort,
    unauthorizedShape,
    certificateDemand: resolveDemand(options.clientCertificate ?? false),
    page: options.page ?? false,
    onExchange: options.onExchange,
  };
}

function copyClient(client: SandboxClient, index: number): SandboxClient {
  for (const name of ['clientId', 'clientSecret'] as const) {
    // The value is never quoted: it may be a real secret, given here by mistake.
    if (typeof client[name] !== 'string' || client[name] === '')
      throw new TypeError(`"clients[${index}].${name}" must be a non-empty string`);
  }
  return Object.freeze({ ...client });
}

function assertLifetime(seconds: number): void {
  if (!(Number.isFinite(seconds) && seconds > 0))
    throw new RangeError(`"lifetimeSeconds" must be a number of seconds above 0, got ${inspect(seconds)}`);
}

function assertPort(option: string, port: number): void {
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new RangeError(`"${option}" must be a whole number from 0 (any free port) to 65535, got ${inspect(port)}`);
}
