import type { InternalAxiosRequestConfig } from 'axios';
import { hideFromInspection, hideTemporarily } from './hide-from-inspection.js';

interface RequestAgent {
  addRequest(request: AgentRequest, options: unknown, ...more: unknown[]): unknown;
  readonly options?: { readonly proxyEnv?: unknown };
}

interface AgentRequest {
  once(event: 'socket', listener: (socket: AgentSocket) => void): unknown;
}

interface AgentSocket {
  readonly connecting?: boolean;
  once(event: 'connect', listener: () => void): unknown;
}

// Not imported: runtimes without Node's http have no agents to stand in for, and should bundle nothing.
const http = globalThis.process?.getBuiltinModule?.('node:http');
const https = globalThis.process?.getBuiltinModule?.('node:https');
const AUTHORIZATION = 'authorization';
const hidingAgents = new WeakMap<RequestAgent, RequestAgent>();

/**
 * Every error of the http adapter shows its agent, whose sockets lead to all other pending requests and their tokens. So
 * each agent, also the global ones, is represented by a stand-in that hides every request handed to it. The agent itself
 * is not modified.
 */
export function useHidingAgents(sent: InternalAxiosRequestConfig): void {
  const { httpAgent, httpsAgent, proxy } = sent;
  const plain = hidingAgentOf(httpAgent ?? http?.globalAgent, proxy);
  const secure = hidingAgentOf(httpsAgent ?? https?.globalAgent, proxy);
  if (plain) sent.httpAgent = plain;
  if (secure) sent.httpsAgent = secure;
}

function hidingAgentOf(agent: unknown, proxy: unknown): RequestAgent | undefined {
  if (!isAgent(agent)) return undefined;
  // With `proxy: false` axios replaces an agent that has a proxy of its own, and refuses stand-ins.
  if (proxy === false && agent.options?.proxyEnv) return undefined;
  let hiding = hidingAgents.get(agent);
  if (!hiding) {
    hiding = standInFor(agent);
    hidingAgents.set(agent, hiding).set(hiding, hiding);
  }
  return hiding;
}

function isAgent(agent: unknown): agent is RequestAgent {
  return typeof agent === 'object' && agent !== null && 'addRequest' in agent;
}

function standInFor(agent: RequestAgent): RequestAgent {
  return Object.create(agent, {
    addRequest: {
      value(request: AgentRequest, options: unknown, ...more: unknown[]) {
        hideFromInspection(request);
        // follow-redirects ties its own object to the request after it has handed the request over.
        queueMicrotask(() => hideFromInspection(request));
        request.once('socket', hideWhileConnecting);
        return agent.addRequest(request, withoutAuthorization(options), ...more);
      },
    },
  });
}

/** While a socket connects, it holds what it is going to write. */
function hideWhileConnecting(socket: AgentSocket): void {
  if (!socket.connecting) return;
  socket.once('connect', hideTemporarily(socket, '_pendingData'));
}

/** A TLS socket keeps the options that it was made with for as long as it lives. The headers are sent from the request. */
function withoutAuthorization(options: unknown): unknown {
  if (typeof options !== 'object' || options === null || !('headers' in options)) return options;
  const { headers } = options;
  if (typeof headers !== 'object' || headers === null) return options;
  const others: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.length !== AUTHORIZATION.length || name.toLowerCase() !== AUTHORIZATION) others[name] = value;
  }
  return Object.assign(Object.create(Object.getPrototypeOf(options)), options, { headers: others });
}
