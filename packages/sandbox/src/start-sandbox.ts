import { type Answer, json } from './answer.js';
import { answerApiRequest } from './api-host.js';
import { refuseCertificate, sandboxCertificate, tlsOptions } from './client-certificate.js';
import { type ExchangeSteps, exchange } from './exchange.js';
import { faultAnswer } from './fault-answer.js';
import { Faults } from './faults.js';
import type { HostRequest, SandboxHost } from './host.js';
import { IssuedTokens } from './issued-tokens.js';
import { type LoopbackServer, listen } from './loopback-server.js';
import { readOptions, type SandboxOptions } from './options.js';
import { RecordedRequests } from './recorded-requests.js';
import type { Sandbox } from './sandbox.js';
import { StatsCounter } from './stats.js';
import { answerTokenRequest, tokenPath } from './token-host.js';
import { readShape } from './unauthorized.js';
import { Waits } from './waits.js';

/**
 * Starts a local imitation of the platform: a token host, an API host and a foreign host, each a real HTTP server on
 * 127.0.0.1.
 *
 * @param options - see {@link SandboxOptions}; default: one client, tokens of an hour, any free ports
 * @throws TypeError or RangeError when an option is out of its range
 * @throws Error when a port cannot be had
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { clients, firstClient, lifetimeSeconds, onExchange, certificateDemand, ...read } = readOptions(options);
  let { unauthorizedShape } = read;
  const tokens = new IssuedTokens();
  const stats = new StatsCounter();
  const recorded = new RecordedRequests();
  const faults = new Faults();
  const waits = new Waits();

  const normalAnswers: Record<SandboxHost, (request: HostRequest) => Answer> = {
    token: (request) => answerTokenRequest(request, { clients, lifetimeSeconds, tokens, stats }),
    api: (request) =>
      (certificateDemand && refuseCertificate(request.certificate)) ??
      answerApiRequest(request, { tokens, unauthorizedShape }),
    foreign: () => json(200, { foreign: true }),
  };

  const stepsOf = (host: SandboxHost): ExchangeSteps => ({
    host,
    arrived: (path, headers) => {
      stats.arrived(host, headers.authorization);
      return faults.claim(host, path);
    },
    received: ({ method, headers, body, certificate }, target) => {
      const came = certificate && { certificate: certificate.name };
      if (host !== 'token') recorded.add({ host, method, path: target, headers, body, ...came });
    },
    wait: (delayMs) => waits.wait(delayMs),
    answer: (request, fault) => (fault ? faultAnswer(fault, unauthorizedShape) : normalAnswers[host](request)),
    answered: (status) => stats.answered(host, status),
    finished: onExchange,
  });

  const open = (host: SandboxHost, port: number) => {
    const steps = stepsOf(host);
    const tls = host === 'api' && certificateDemand ? tlsOptions(certificateDemand) : undefined;
    return listen(`${host}Port`, port, (request, response) => void exchange(request, response, steps), tls);
  };
  const servers: LoopbackServer[] = [];
  const closeAll = async () => {
    waits.end();
    await Promise.all(servers.map((server) => server.close()));
  };
  const origins = { token: '', api: '', foreign: '' };
  try {
    for (const host of ['token', 'api', 'foreign'] as const) {
      const server = await open(host, read[`${host}Port`]);
      servers.push(server);
      origins[host] = server.origin;
    }
  } catch (error) {
    await closeAll();
    throw error;
  }

  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeAll();
    return closing;
  };
  const tokenUrl = origins.token + tokenPath;
  const { clientId, clientSecret } = firstClient;
  return {
    tokenUrl,
    apiUrl: origins.api,
    foreignUrl: origins.foreign,
    clients,
    config: { tokenUrl, apiOrigins: [origins.api], clientId, clientSecret, scope: 'accountinformation private' },
    clientCertificate: sandboxCertificate,
    get unauthorizedShape() {
      return unauthorizedShape;
    },
    set unauthorizedShape(shape) {
      unauthorizedShape = readShape('unauthorizedShape', shape);
    },
    requests: recorded.list,
    stats: () => stats.snapshot(),
    resetStats: () => {
      stats.reset();
      recorded.clear();
    },
    revokeTokens: () => tokens.refuseAll('TOKEN_INVALID'),
    expireTokens: () => tokens.refuseAll('TOKEN_EXPIRED'),
    fault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
