import http from 'node:http';
import https from 'node:https';
import { inspect } from 'node:util';
import { createTokenSource, type TokenSource } from '@open-banking-auth/core';
import { type Sandbox, sandboxCertificate, startSandbox } from '@open-banking-auth/sandbox';
import { expectNothingDisclosed } from './disclosures.js';
import { SINKS, sinksOf } from './sinks.js';
import { until } from './token-endpoint.js';

/** Agents of `node:http` to send with; undefined for the global ones. */
export type Agents = { readonly httpAgent: http.Agent; readonly httpsAgent: http.Agent } | undefined;

/**
 * Everything that a logger does with an error. Not to any depth: from an agent all of the process can be reached; and not
 * through getters of what is hidden, of which one on IncomingMessage.prototype breaks all later requests when it is read.
 */
const LOGGERS: typeof SINKS = {
  'inspect() to a depth of 6': (value) => inspect(value, { depth: 6, maxStringLength: null, maxArrayLength: null }),
  ...Object.fromEntries(
    Object.entries(SINKS).filter(([sink]) => !/to any depth|hidden|spread|causes|config/.test(sink)),
  ),
};

type Send = (url: string, signal: AbortSignal) => Promise<unknown>;

export interface ClientBesideOthers {
  readonly name: string;
  over(source: TokenSource, agents: Agents): Send;
  /** The same client without our part, as the rest of the application has it. Default: `node:http` alone. */
  readonly plain?: (agents: Agents) => Send;
  /** Only with these agents; by default with all of them. */
  readonly agents?: readonly string[];
}

const { ca, cert, key } = sandboxCertificate;
const TLS = { ca, cert, key };

/** Where requests meet: on the global agents, as they are or replaced, and on agents of the application. */
const AGENTS: Readonly<Record<string, { readonly global: boolean; readonly options?: http.AgentOptions }>> = {
  'the global agent': { global: true },
  'a global agent without keep-alive': { global: true, options: { keepAlive: false } },
  'an agent with keep-alive': { global: false, options: { keepAlive: true } },
  'an agent without keep-alive': { global: false, options: { keepAlive: false } },
  'an agent of one socket': { global: false, options: { keepAlive: true, maxSockets: 1 } },
};

/** Another request of the application, by `node:http`: its error, or its response, with all that hangs on it. */
function otherRequest(url: string, agents: Agents, signal: AbortSignal): Promise<unknown> {
  const module = url.startsWith('https:') ? https : http;
  const agent = url.startsWith('https:') ? agents?.httpsAgent : agents?.httpAgent;
  return new Promise((resolve) => {
    const request = module.get(url, { ...(agent ? { agent } : {}), signal });
    request.on('error', (error) => resolve(Object.assign(error, { request })));
    request.on('response', (response) => {
      response.resume().on('error', () => {});
      resolve(Object.assign(new Error('HTTP 500'), { request, response }));
    });
  });
}

/** While requests with a token are under way, nothing that is printed of other requests shows the token. */
export function describeOthersErrors({ name, over, plain, agents: named }: ClientBesideOthers): void {
  const tried = Object.entries(AGENTS)
    .filter(([agent]) => named?.includes(agent) ?? true)
    .map(([agent, given], nth) => [agent, { ...given, loggers: sinksOf(nth, LOGGERS) }] as const);
  describe.each(['http', 'https'])(
    `${name}: errors of other requests show no token of ours under way, over %s`,
    (scheme) => {
      let sandbox: Sandbox;
      let stop: AbortController;
      const globals = [http.globalAgent, https.globalAgent] as const;
      const options = { ...https.globalAgent.options };
      beforeEach(async () => {
        sandbox = await startSandbox(scheme === 'https' ? { clientCertificate: 'handshake' } : {});
        stop = new AbortController();
        // The certificate of the sandbox is not one that Node.js trusts.
        https.globalAgent.options = { ...options, ...TLS };
      });
      afterEach(async () => {
        stop.abort();
        [http.globalAgent, https.globalAgent] = globals;
        https.globalAgent.options = options;
        await sandbox.close();
      });

      test.each(tried)('on %s', async (_, { global, options: agentOptions, loggers }) => {
        const made = agentOptions && {
          httpAgent: new http.Agent(agentOptions),
          httpsAgent: new https.Agent({ ...agentOptions, ...TLS }),
        };
        if (made && global) [http.globalAgent, https.globalAgent] = [made.httpAgent, made.httpsAgent];
        const agents = global ? undefined : made;
        const agent =
          scheme === 'https' ? (made?.httpsAgent ?? https.globalAgent) : (made?.httpAgent ?? http.globalAgent);

        const tokens = createTokenSource(sandbox.config);
        const { value } = await tokens.get();
        const at = (path: string) => `${sandbox.apiUrl}${path}`;
        sandbox.fault({ kind: 'hang', at: 'api', path: '/hanging' });
        sandbox.fault({ kind: 'status', status: 500, at: 'api', path: '/failing' });
        sandbox.fault({ kind: 'reset', at: 'api', path: '/resetting' });

        const before = otherRequest(at('/hanging'), agents, stop.signal);
        await until(() => sandbox.stats().apiRequests === 1);
        const ours = [over(tokens, agents), over(tokens, agents)].map((send) => send(at('/hanging'), stop.signal));
        for (const each of ours) each.catch(() => {});
        const isQueued = () => Object.values(agent.requests).flat().length > 0;
        await until(() => sandbox.stats().apiRequests === 3 || isQueued());

        const found: unknown[] = [agent];
        if (agent.maxSockets > 1) {
          for (const path of ['/failing', '/resetting']) {
            found.push(await otherRequest(at(path), agents, stop.signal));
            if (plain) found.push(await plain(agents)(at(path), stop.signal).catch((error: unknown) => error));
          }
        }
        const search = (values: readonly unknown[]) => {
          const shown = loggers.map(([sink, show]) => [sink, values.map(show).join('\n')] as const);
          expectNothingDisclosed(shown, [value]);
        };
        search(found);
        stop.abort();
        search([await before]);
        await Promise.allSettled(ours);
      });
    },
  );
}
