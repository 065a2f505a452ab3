import http, { Agent } from 'node:http';
import https, { Agent as SecureAgent } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { openBankingAuth } from '@open-banking-auth/axios';
import { installAuthRefresh } from '@open-banking-auth/axios/auth-refresh';
import { createTokenSource } from '@open-banking-auth/core';
import { CONFIG, granted, settle, until } from '@open-banking-auth/test-kit/token-endpoint';
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';

// Accepts connections and says nothing: requests stay where they are.
const sockets: Socket[] = [];
let server: Server;
let port: number;

beforeEach(async () => {
  server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

/** As error trackers do it: every own enumerable member, whatever it says about itself. */
function walk(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value === 'string') return `${value}\n`;
  if (typeof value !== 'object' || value === null || seen.has(value)) return '';
  seen.add(value);
  if (Buffer.isBuffer(value)) return `${value}\n`;
  return Object.values(value)
    .map((member) => walk(member, seen))
    .join('');
}

/** As a logger writes JSON: without what refers back to itself. */
function json(value: object): string {
  const seen = new Set<unknown>();
  const { toJSON: _, ...own }: { toJSON?: unknown } = { ...value };
  return JSON.stringify(own, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null) return member;
    if (seen.has(member)) return undefined;
    seen.add(member);
    return member;
  });
}

const SINKS: Record<string, (error: object) => string> = {
  'inspect at depth 6': (error) => inspect(error, { depth: 6 }),
  // Beyond that are 40 MB of what TLS keeps.
  'inspect at depth 14': (error) => inspect(error, { depth: 14, maxArrayLength: null, maxStringLength: null }),
  'inspect of what is hidden': (error) => inspect(error, { depth: 8, showHidden: true }),
  'a logger that writes JSON': json,
  'a walk through all own members': (error) => walk(error),
};

const shownBy = (error: object) =>
  Object.entries(SINKS)
    .filter(([, show]) => show(error).includes('token-1'))
    .map(([sink]) => sink);

interface Case {
  readonly scheme: 'http' | 'https';
  readonly name: string;
  readonly agent?: () => Agent;
  readonly config?: AxiosRequestConfig;
}

const cases: Case[] = (['http', 'https'] as const).flatMap((scheme) => {
  const Kind = scheme === 'http' ? Agent : SecureAgent;
  return [
    { scheme, name: 'the global agent' },
    { scheme, name: 'the global agent, without redirects', config: { maxRedirects: 0 } },
    { scheme, name: 'an agent of the caller with keep-alive', agent: () => new Kind({ keepAlive: true }) },
    { scheme, name: 'an agent of the caller without keep-alive', agent: () => new Kind({ keepAlive: false }) },
    { scheme, name: 'an agent whose sockets are all taken', agent: () => new Kind({ maxTotalSockets: 1 }) },
  ];
});

describe.each(cases)('an error of another request, over $scheme and $name', ({ scheme, agent: makeAgent, config }) => {
  /** The error of a request without us that fails while `start` has requests under way on the same agent. */
  async function errorBeside(start: (api: AxiosInstance, url: string) => unknown, stage: 'connecting' | 'sent') {
    const agent = makeAgent?.() ?? (scheme === 'http' ? http : https).globalAgent;
    const own = makeAgent ? { httpAgent: agent, httpsAgent: agent } : {};
    const api = axios.create({ adapter: 'http', proxy: false, ...own, ...config });
    const controller = new AbortController();
    api.defaults.signal = controller.signal;
    start(api, `${scheme}://127.0.0.1:${port}/psd2`);
    const name = `127.0.0.1:${port}:`;
    const isOurs = (key: string) => key.startsWith(name);
    await until(() => Object.keys(agent.sockets).some(isOurs));
    if (stage === 'sent') {
      await until(() => sockets.length > 0);
      await settle();
    }
    // Of a socket that gets none, where there are none left.
    const failing = new AbortController();
    const failed = axios
      .get(`${scheme}://127.0.0.1:1/`, { adapter: 'http', proxy: false, ...own, ...config, signal: failing.signal })
      .catch((error: unknown) => error);
    if (makeAgent?.().maxTotalSockets === 1) failing.abort();
    const error = await failed;
    const shown = shownBy(error as object);
    controller.abort();
    agent.destroy();
    return shown;
  }

  const twice = (api: AxiosInstance, url: string, request: AxiosRequestConfig = {}) => {
    for (let n = 0; n < 2; n++) void api.post(url, { amount: 1 }, request).catch(() => {});
  };
  const source = async () => {
    const tokens = createTokenSource({
      ...CONFIG,
      apiOrigins: [`${scheme}://127.0.0.1:${port}`],
      fetch: async () => granted(1),
    });
    await tokens.get();
    return tokens;
  };

  test.each(['connecting', 'sent'] as const)('shows no token of ours while they are %s', async (stage) => {
    const tokens = await source();
    const shown = await errorBeside((api, url) => {
      api.interceptors.request.use(openBankingAuth(tokens));
      twice(api, url);
    }, stage);
    expect(shown).toEqual([]);
  });

  test('shows none of ours through axios-auth-refresh', async () => {
    const tokens = await source();
    const shown = await errorBeside((api, url) => {
      installAuthRefresh(api, tokens);
      twice(api, url);
    }, 'sent');
    expect(shown).toEqual([]);
  });

  test('but does show that of a request by hand: the search finds what is there', async () => {
    const headers = { Authorization: 'Bearer token-1' };
    const shown = await errorBeside((api, url) => twice(api, url, { headers }), 'connecting');
    expect(shown).toEqual(expect.arrayContaining(['inspect at depth 14', 'a walk through all own members']));
  });
});

describe('the agent of a request', () => {
  async function underWay(agent: Agent) {
    const tokens = createTokenSource({
      ...CONFIG,
      apiOrigins: [`http://127.0.0.1:${port}`],
      fetch: async () => granted(1),
    });
    await tokens.get();
    const controller = new AbortController();
    const api = axios.create({ adapter: 'http', proxy: false, httpAgent: agent, signal: controller.signal });
    api.interceptors.request.use(openBankingAuth(tokens));
    const calls = [1, 2].map((amount) => api.post(`http://127.0.0.1:${port}/psd2`, { amount }).catch(() => {}));
    await until(() => sockets.length > 0);
    await settle();
    return async () => {
      controller.abort();
      await Promise.all(calls);
      agent.destroy();
    };
  }

  test('shows no token of a request that it has handed on to an agent of its own, where it waits', async () => {
    const inner = new Agent({ maxSockets: 1 });
    const addRequest = (request: object, options: object) =>
      Reflect.apply(Object(inner).addRequest, inner, [request, options]);
    const outer = Object.assign(new Agent(), { inner, addRequest });
    const stop = await underWay(outer);
    expect(Object.values(inner.requests).flat()).toHaveLength(1);
    expect(shownBy(outer)).toEqual([]);
    await stop();
  });

  test('is left as it is, unless requests wait in it: then they are not shown, and still there for those who ask', async () => {
    const ample = new Agent();
    const before = Object.keys(ample);
    const stopAmple = await underWay(ample);
    expect(Object.keys(ample)).toEqual(before);
    await stopAmple();
    const scarce = new Agent({ maxSockets: 1 });
    const stopScarce = await underWay(scarce);
    expect(Object.keys(scarce)).toEqual(before.filter((name) => name !== 'requests'));
    expect(Object.values(scarce.requests).flat()).toHaveLength(1);
    await stopScarce();
    expect(Object.keys(scarce)).toEqual(before);
  });
});
