import type { InternalAxiosRequestConfig } from 'axios';
import { hideFromInspection } from './hide-from-inspection.js';

type Agents = Pick<InternalAxiosRequestConfig, 'httpAgent' | 'httpsAgent'>;

interface RequestAgent {
  addRequest(request: object, ...details: unknown[]): unknown;
}

const hidingAgents = new WeakMap<RequestAgent, RequestAgent>();

/**
 * axios errors expose `config.httpAgent`, whose sockets lead to other pending requests and their tokens. During a send, a
 * stand-in agent hides every request handed to it; the caller's agent is not modified.
 *
 * @returns a function that restores the caller's agents, if there are any.
 */
export function installHidingAgents(config: Agents): (() => void) | undefined {
  const { httpAgent, httpsAgent } = config;
  if (!isAgent(httpAgent) && !isAgent(httpsAgent)) return undefined;
  if (isAgent(httpAgent)) config.httpAgent = hidingAgentOf(httpAgent);
  if (isAgent(httpsAgent)) config.httpsAgent = hidingAgentOf(httpsAgent);
  return () => {
    if (isAgent(httpAgent)) config.httpAgent = httpAgent;
    if (isAgent(httpsAgent)) config.httpsAgent = httpsAgent;
  };
}

function isAgent(agent: unknown): agent is RequestAgent {
  return typeof agent === 'object' && agent !== null && 'addRequest' in agent;
}

function hidingAgentOf(agent: RequestAgent): RequestAgent {
  const known = hidingAgents.get(agent);
  if (known) return known;
  const hiding: RequestAgent = Object.create(agent, {
    addRequest: {
      value(request: object, ...details: unknown[]) {
        // follow-redirects ties its own object to the request after it has handed the request over.
        queueMicrotask(() => hideFromInspection(request));
        return agent.addRequest(request, ...details);
      },
    },
  });
  hidingAgents.set(agent, hiding);
  return hiding;
}
