import http from 'node:http';

/** The same number for every client, so that ten thousand concurrent requests queue up instead of testing the kernel. */
const CONNECTIONS = 64;

// The built-in fetch takes the dispatchers of its own major version and no others.
const { Agent, setGlobalDispatcher } = await (Number.parseInt(process.versions.undici, 10) >= 8
  ? import('undici')
  : import('undici7'));

/** For `node:http`, and with it axios, and for the built-in `fetch`. */
export function limitConnections() {
  http.globalAgent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  setGlobalDispatcher(new Agent({ connections: CONNECTIONS }));
  globalThis.benchConnections = CONNECTIONS;
}
