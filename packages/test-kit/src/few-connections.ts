import { globalAgent } from 'node:http';
import { Agent } from 'undici';
import { replaceDispatcher } from './global-dispatcher.js';

const CONNECTIONS = 50;

/**
 * Whatever is sent meanwhile, by `fetch` or `node:http`, shares a few connections. For a client a thousand requests at
 * once are still that, but opening a thousand sockets would be most of what such a test costs.
 */
export async function overFewConnections<Result>(run: () => Promise<Result>): Promise<Result> {
  const agent = new Agent({ connections: CONNECTIONS });
  const { maxSockets } = globalAgent;
  const restore = replaceDispatcher(agent);
  globalAgent.maxSockets = CONNECTIONS;
  try {
    return await run();
  } finally {
    globalAgent.maxSockets = maxSockets;
    restore();
    await agent.destroy();
  }
}
