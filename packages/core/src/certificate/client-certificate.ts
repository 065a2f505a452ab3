import { Agent, type AgentOptions } from 'node:https';
import type { SecureContext } from 'node:tls';
import { inspect } from 'node:util';
import { type Clock, systemClock } from '../clock.js';
import { IDLE_CONNECTION_MS } from '../policy.js';
import { certificateFetch } from './certificate-fetch.js';
import { type ClientCertificateOptions, readKeyMaterial } from './key-material.js';
import { expiryOf } from './validity.js';

/**
 * A client certificate in the forms that HTTP clients accept. Made once, by {@link clientCertificate}; neither it nor its
 * parts show key or passphrase, however they are printed or copied.
 */
export interface ClientCertificate {
  /** For axios: `axios.create({ httpsAgent: certificate.agent })`. Keeps connections as Node's own global agent does. */
  readonly agent: Agent;
  /**
   * For everything that takes a `fetch`: `openBankingFetch(config, { fetch: certificate.fetch })`, ky's `fetch`, and the
   * configuration's `fetch` if the token endpoint requires a certificate too. It is the built-in `fetch` over connections of
   * its own, which needs the package undici. A `dispatcher` given with a call is not used.
   *
   * @throws OpenBankingAuthError `invalid_config` (it rejects) when undici is missing or too old.
   */
  readonly fetch: typeof fetch;
  /** For everything that takes options of `node:tls`, such as a proxy's agent. Keeps the key out of JavaScript's reach. */
  readonly secureContext: SecureContext;
  /** When the certificate expires. From then on the server rejects new connections: replace it before. */
  readonly expiresAt: Date;
}

/**
 * Reads and checks the client certificate that the platform's production API requires. A new certificate needs a new
 * object: files are not watched.
 *
 * @param options `{ pfx, passphrase }`, the file from the platform's portal, or `{ cert, key, passphrase? }` as PEM; both
 * with `ca` for a server whose authority Node does not know.
 * @param runtime For tests: time.
 * @throws OpenBankingAuthError `invalid_config` when something cannot be read or does not fit, when the passphrase is
 * wrong or missing, and when the certificate has expired or is not valid yet.
 *
 * @see https://nodejs.org/api/tls.html#tlscreatesecurecontextoptions
 * @example
 * ```ts
 * const certificate = clientCertificate({
 *   pfx: readFileSync('client.pfx'),
 *   passphrase: process.env.OPEN_BANKING_PFX_PASSPHRASE,
 * });
 * ```
 */
export function clientCertificate(
  options: ClientCertificateOptions,
  runtime: { readonly clock?: Clock } = {},
): ClientCertificate {
  const secureContext = readKeyMaterial(options);
  return Object.freeze({
    agent: new CertificateAgent({
      secureContext,
      // The settings of Node's global agent, which axios uses if it is given no agent.
      keepAlive: true,
      scheduling: 'lifo',
      timeout: IDLE_CONNECTION_MS,
    }),
    fetch: certificateFetch(secureContext),
    secureContext,
    expiresAt: expiryOf(secureContext, runtime.clock ?? systemClock),
  });
}

/**
 * It gets a context rather than the key: Node's agent keeps its options in `options`, where every error and response of
 * axios shows them. Its connections and TLS sessions do not belong in a log either.
 */
class CertificateAgent extends Agent {
  constructor(options: AgentOptions) {
    super(options);
    const shown = '[Agent with a client certificate]';
    Object.defineProperty(this, inspect.custom, { value: () => shown });
    Object.defineProperty(this, 'toJSON', { value: () => shown });
  }
}
