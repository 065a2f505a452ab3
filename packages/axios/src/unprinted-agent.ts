import type { InternalAxiosRequestConfig } from 'axios';
import { unprinted } from './unprinted.js';

type Agents = Pick<InternalAxiosRequestConfig, 'httpAgent' | 'httpsAgent'>;

interface RequestAgent {
  addRequest(request: object, ...details: unknown[]): unknown;
}

const stands = new WeakMap<RequestAgent, RequestAgent>();

/**
 * A caller's agent is part of the config that every error shows, and leads to the requests that others have under way: an
 * error as JSON would show their tokens. So each of ours is marked as it is handed to the agent. The agent itself is not
 * touched; this stands in for it for the time of the send.
 *
 * @returns what puts the caller's own back, if there are any.
 */
export function markRequestsOf(config: Agents): (() => void) | undefined {
  const { httpAgent, httpsAgent } = config;
  if (!isAgent(httpAgent) && !isAgent(httpsAgent)) return undefined;
  if (isAgent(httpAgent)) config.httpAgent = standIn(httpAgent);
  if (isAgent(httpsAgent)) config.httpsAgent = standIn(httpsAgent);
  return () => {
    if (isAgent(httpAgent)) config.httpAgent = httpAgent;
    if (isAgent(httpsAgent)) config.httpsAgent = httpsAgent;
  };
}

function isAgent(agent: unknown): agent is RequestAgent {
  return typeof agent === 'object' && agent !== null && 'addRequest' in agent;
}

function standIn(agent: RequestAgent): RequestAgent {
  const known = stands.get(agent);
  if (known) return known;
  const stand: RequestAgent = Object.create(agent, {
    addRequest: {
      value(request: object, ...details: unknown[]) {
        // follow-redirects ties its own object to the request once it has been handed over.
        queueMicrotask(() => unprinted(request));
        return agent.addRequest(request, ...details);
      },
    },
  });
  stands.set(agent, stand);
  return stand;
}
