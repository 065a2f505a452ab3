import type { InternalAxiosRequestConfig } from 'axios';
import { hideQueue, isQueued, type QueueingAgent } from './hidden-queue.js';
import { hideFromInspection, hideMember, hideTemporarily, isObject, isShown } from './hide-from-inspection.js';
import { hideHeaders } from './sent-request.js';

interface RequestAgent extends QueueingAgent {
  addRequest(request: AgentRequest, options: unknown, ...more: unknown[]): unknown;
  readonly options?: { readonly proxyEnv?: unknown };
}

interface AgentRequest {
  readonly _redirectable?: unknown;
  readonly socket?: AgentSocket | null;
  once(event: 'socket', listener: (socket: AgentSocket) => void): unknown;
  once(event: 'close', listener: () => void): unknown;
}

interface AgentSocket {
  readonly connecting?: boolean;
  once(event: 'connect', listener: () => void): unknown;
}

// Not imported: runtimes without Node's http have no agents to stand in for, and should bundle nothing.
const http = globalThis.process?.getBuiltinModule?.('node:http');
const https = globalThis.process?.getBuiltinModule?.('node:https');
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
        dropAuthorization(options);
        const result = agent.addRequest(request, options, ...more);
        if (isQueued(agent, request) && hideQueue(agent, request))
          request.once('socket', () => process.nextTick(hideFromOthers, request));
        // By then a free socket has been given to the request, and who else wants to know that has been told.
        else process.nextTick(hideFromOthers, request);
        return result;
      },
    },
  });
}

/** Hides what leads to a request, since many requests share a socket. Hiding what is in a request takes far longer. */
function hideFromOthers(request: AgentRequest): void {
  const { socket, _redirectable } = request;
  if (isObject(_redirectable)) hideFromInspection(_redirectable);
  if (socket) {
    hideOnSocket(socket, request);
  } else {
    // It waits somewhere that only its agent knows.
    hideHeaders(request);
    request.once('socket', (given) => hideOnSocket(given, request));
  }
}

function hideOnSocket(socket: AgentSocket, request: AgentRequest): void {
  if (!isShown(socket, '_httpMessage')) return;
  hideMember(socket, '_httpMessage');
  hideMember(socket, 'parser');
  // axios itself notes the request there, by a symbol that it does not export.
  for (const name of Object.getOwnPropertySymbols(socket)) {
    const value: unknown = Reflect.get(socket, name);
    if (value === request || value === request._redirectable) hideMember(socket, name);
  }
  // While it connects, it holds what it is going to write.
  if (socket.connecting) socket.once('connect', hideTemporarily(socket, '_pendingData'));
}

/** A TLS socket keeps the options that it was made with for as long as it lives. The headers are sent from the request. */
function dropAuthorization(options: unknown): void {
  if (!isObject(options) || !('headers' in options) || !isObject(options.headers)) return;
  const headers = options.headers as Readonly<Record<string, unknown>>;
  const others: Record<string, unknown> = {};
  // By a loop: axios' headers are of a kind that V8 spreads slowly.
  for (const name in headers) if (name !== 'Authorization') others[name] = headers[name];
  // Node.js' own copy of the options, made for this request.
  options.headers = others;
}
