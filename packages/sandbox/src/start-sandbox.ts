import { assertNodeVersion } from '@open-banking-auth/core/client';
import { sandboxCertificate, tlsOptions } from './certificate/client-certificate.js';
import { createHostHandler } from './host-handler.js';
import { SANDBOX_HOSTS, type SandboxHost } from './hosts/host.js';
import { TOKEN_PATH } from './hosts/token-host.js';
import { assertShape } from './hosts/unauthorized.js';
import { type ResolvedOptions, resolveOptions, type SandboxOptions } from './options.js';
import { LiveHistory } from './page/live-history.js';
import { openPage } from './page/live-page.js';
import type { PageServer } from './page/page-server.js';
import type { Sandbox } from './sandbox.js';
import { SandboxState } from './sandbox-state.js';
import { type LoopbackServer, listen } from './server/loopback-server.js';
import { handleRequest } from './server/request-handler.js';

/**
 * Starts a local imitation of the platform: a token host, an API host and a foreign host, each a real HTTP server on
 * 127.0.0.1.
 *
 * @param options - see {@link SandboxOptions}; default: one client, tokens that live an hour, free ports
 * @throws TypeError or RangeError when an option is invalid, OpenBankingAuthError when there is no such option
 * @throws Error when a port cannot be used, or when Node is older than 20.19
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  assertNodeVersion();
  const resolved = resolveOptions(options);
  const secrets = resolved.clients.map(({ clientSecret }) => clientSecret);
  const state = new SandboxState(resolved.unauthorizedShape, resolved.page ? new LiveHistory(secrets) : undefined);
  const servers = await openServers(resolved, state);
  let closing: Promise<void> | undefined;
  let page: PageServer | undefined;
  const close = () => {
    closing ??= Promise.all([closeServers(servers.opened, state), page?.close()]).then(() => {});
    return closing;
  };
  const sandbox = createSandbox(servers.origins, resolved, state, close);
  try {
    page = await openPage(sandbox, state);
  } catch (error) {
    await close();
    throw error;
  }
  return Object.defineProperty(sandbox, 'pageUrl', { value: page?.url, enumerable: true });
}

type Origins = Record<SandboxHost, string>;

interface Servers {
  readonly opened: readonly LoopbackServer[];
  readonly origins: Readonly<Origins>;
}

/** Opens all three servers, or none. */
async function openServers(options: ResolvedOptions, state: SandboxState): Promise<Servers> {
  const opened: LoopbackServer[] = [];
  const origins: Origins = { token: '', api: '', foreign: '' };
  try {
    for (const host of SANDBOX_HOSTS) {
      const server = await openServer(host, options, state);
      opened.push(server);
      origins[host] = server.origin;
    }
  } catch (error) {
    await closeServers(opened, state);
    throw error;
  }
  return { opened, origins };
}

function openServer(host: SandboxHost, options: ResolvedOptions, state: SandboxState): Promise<LoopbackServer> {
  const handler = createHostHandler(host, options, state);
  const { certificateDemand } = options;
  const tls = host === 'api' && certificateDemand ? tlsOptions(certificateDemand) : undefined;
  const portOption = `${host}Port` as const;
  return listen(
    portOption,
    options[portOption],
    (incoming, outgoing) => void handleRequest(incoming, outgoing, handler),
    tls,
  );
}

async function closeServers(servers: readonly LoopbackServer[], state: SandboxState): Promise<void> {
  state.delays.cancel();
  await Promise.all(servers.map((server) => server.close()));
}

function createSandbox(
  origins: Readonly<Origins>,
  { clients, firstClient: { clientId, clientSecret } }: ResolvedOptions,
  state: SandboxState,
  close: () => Promise<void>,
): Sandbox {
  const { tokens, stats, recorded, faults, page } = state;
  const tokenUrl = origins.token + TOKEN_PATH;
  return {
    pageUrl: undefined,
    tokenUrl,
    apiUrl: origins.api,
    foreignUrl: origins.foreign,
    clients,
    config: { tokenUrl, apiOrigins: [origins.api], clientId, clientSecret, scope: 'accountinformation private' },
    clientCertificate: sandboxCertificate,
    get unauthorizedShape() {
      return state.unauthorizedShape;
    },
    set unauthorizedShape(shape) {
      assertShape('unauthorizedShape', shape);
      state.unauthorizedShape = shape;
      page?.shapeChanged(shape);
    },
    requests: recorded.list,
    stats: () => stats.snapshot(),
    resetStats: () => {
      stats.reset();
      recorded.clear();
    },
    revokeTokens: () => {
      page?.tokensRejected('revoked');
      return tokens.rejectAll('TOKEN_INVALID');
    },
    expireTokens: () => {
      page?.tokensRejected('expired');
      return tokens.rejectAll('TOKEN_EXPIRED');
    },
    fault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
