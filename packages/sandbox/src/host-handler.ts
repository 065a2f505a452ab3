import { faultResponse } from './faults/fault-response.js';
import { handleApiRequest } from './hosts/api-host.js';
import { handleForeignRequest } from './hosts/foreign-host.js';
import type { HostRequest, SandboxHost } from './hosts/host.js';
import type { HostResponse } from './hosts/response.js';
import { handleTokenRequest } from './hosts/token-host.js';
import type { ResolvedOptions } from './options.js';
import { fingerprint } from './records/fingerprint.js';
import type { SandboxState } from './sandbox-state.js';
import type { RequestHandler } from './server/request-handler.js';

/** One host's handler: counts and records each request, then responds normally or as a fault demands. */
export function createHostHandler(host: SandboxHost, options: ResolvedOptions, state: SandboxState): RequestHandler {
  const { stats, recorded, faults, delays, page } = state;
  return {
    host,
    onHeaders: (path, headers) => {
      stats.requestArrived(host, headers.authorization);
      return faults.claim(host, path);
    },
    onRequest: ({ method, headers, body, certificate }, target) => {
      const identity = certificate && { certificate: certificate.name };
      if (host !== 'token') recorded.add({ host, method, path: target, headers, body, ...identity });
    },
    wait: (delayMs) => delays.wait(delayMs),
    respond: (request, fault) =>
      fault ? faultResponse(fault, state.unauthorizedShape) : normalResponse(host, request, options, state),
    onResponse: (status) => stats.responseSent(host, status),
    onExchange: (exchange, response, headers) => {
      options.onExchange?.(exchange);
      page?.exchanged(exchange, response, headers.authorization !== undefined);
    },
  };
}

function normalResponse(
  host: SandboxHost,
  request: HostRequest,
  { clients, lifetimeSeconds, certificateDemand }: ResolvedOptions,
  { tokens, stats, unauthorizedShape, page }: SandboxState,
): HostResponse {
  switch (host) {
    case 'token': {
      const onTokenIssued = (scope: string, token: string) => {
        stats.tokenIssued(scope);
        page?.tokenIssued(fingerprint(token), scope, lifetimeSeconds * 1000);
      };
      return handleTokenRequest(request, { clients, lifetimeSeconds, tokens, onTokenIssued });
    }
    case 'api': {
      const demandsCertificate = certificateDemand !== undefined;
      return handleApiRequest(request, { tokens, unauthorizedShape, demandsCertificate });
    }
    case 'foreign':
      return handleForeignRequest();
  }
}
