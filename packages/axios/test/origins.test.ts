import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { openBankingAuth } from '@open-banking-auth/axios';
import { installAuthRefresh } from '@open-banking-auth/axios/auth-refresh';
import type { TokenSource } from '@open-banking-auth/core';
import { type Arrival, arrivingFetch, describeOrigins } from '@open-banking-auth/test-kit/origins-suite';
import { describeRedirects } from '@open-banking-auth/test-kit/redirects-suite';
import { CONFIG } from '@open-banking-auth/test-kit/token-endpoint';
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { axiosIsAtLeast } from './axios-version.js';

// The http adapter is sent to real servers. Every name leads to them.
let arrived: (arrival: Arrival) => void = () => {};
const servers: Server[] = [];
const portOf = (nth: number) => (servers[nth]?.address() as AddressInfo | undefined)?.port ?? 0;

beforeAll(async () => {
  for (let n = 0; n < 2; n++) {
    const server = createServer(({ headers }, response) => {
      arrived({ origin: `http://${headers.host}`, authorization: headers.authorization });
      response.end('{}');
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
});
afterAll(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

const intercept = (api: AxiosInstance, source: TokenSource): unknown =>
  api.interceptors.request.use(openBankingAuth(source));

for (const [name, config, install = intercept] of [
  ['axios, http adapter', () => ({})],
  ['axios-auth-refresh, http adapter', () => ({}), installAuthRefresh],
  ['axios, http adapter without redirects', () => ({ maxRedirects: 0 })],
  ['axios, http adapter, with the API as baseURL', () => ({ baseURL: `http://api.localhost:${portOf(0)}/` })],
  [
    'axios, http adapter, with the API as baseURL for every URL',
    () => ({ baseURL: `http://api.localhost:${portOf(0)}/`, allowAbsoluteUrls: false }),
  ],
] satisfies [string, () => AxiosRequestConfig, typeof intercept?][]) {
  describeOrigins({
    name,
    based: 'baseURL' in config(),
    cautious: 'allowAbsoluteUrls' in config(),
    // axios takes it for a path, and a path alone cannot be sent.
    rejects: ['baseURL' in config() ? '' : 'backslashes for slashes'],
    ports: () => ({ api: portOf(0), foreign: portOf(1) }),
    over(source, listener) {
      arrived = listener;
      const api = axios.create({
        adapter: 'http',
        proxy: false,
        lookup: (_name, _options, done) => done(null, '127.0.0.1', 4),
        ...config(),
      });
      install(api, source);
      return (url) => api.get(url);
    },
  });
}

if (axiosIsAtLeast(1, 12, 0))
  describeOrigins({
    name: 'axios, fetch adapter',
    rejects: ['backslashes for slashes'],
    over(source, listener) {
      const api = axios.create({ adapter: 'fetch', env: { fetch: arrivingFetch(listener) } });
      api.interceptors.request.use(openBankingAuth(source));
      return (url) => api.get(url);
    },
  });

for (const adapter of axiosIsAtLeast(1, 12, 0) ? ['http', 'fetch'] : ['http']) {
  describeRedirects({
    name: `axios, ${adapter} adapter`,
    over(source) {
      const api = axios.create({ adapter });
      intercept(api, source);
      return (url, body) => (body === undefined ? api.get(url) : api.post(url, body));
    },
  });
}

describe('through a proxy', () => {
  const throughProxy = async (origin: string, answer: (request: string) => string) => {
    const heard: string[] = [];
    const proxy = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        heard.push(bytes.toString('latin1'));
        socket.end(answer(bytes.toString('latin1')));
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const api = axios.create({ adapter: 'http', proxy: { host: '127.0.0.1', port, protocol: 'http' } });
    const grant = { access_token: 'token-1', token_type: 'Bearer', expires_in: 3600 };
    const fetch = async () => Response.json(grant);
    api.interceptors.request.use(openBankingAuth({ ...CONFIG, apiOrigins: [origin], fetch }));
    const outcome = await api.get(`${origin}/psd2`).catch((error: unknown) => error);
    proxy.close();
    return { heard: heard.join(''), outcome };
  };

  const testThroughTunnel = axiosIsAtLeast(1, 16, 1) ? test : test.skip;

  testThroughTunnel('an https API is reached by CONNECT, so that the proxy never sees the token', async () => {
    const { heard } = await throughProxy('https://api.test.invalid', () => 'HTTP/1.1 502 Bad Gateway\r\n\r\n');
    expect(heard).toMatch(/^CONNECT api\.test\.invalid:443 /);
    expect(heard).not.toContain('token-1');
  });

  test('a proxy that redirects a plain http API elsewhere does not take the token along', async () => {
    const { heard } = await throughProxy('http://api.localhost:1', (request) =>
      request.startsWith('GET http://api.localhost:1/')
        ? 'HTTP/1.1 302 Found\r\nLocation: http://evil.localhost:1/x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
        : 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    );
    const [atApi, elsewhere] = heard.split('GET http://evil.localhost:1/x');
    expect(atApi).toContain('token-1');
    expect(elsewhere).toContain('evil.localhost');
    expect(elsewhere).not.toContain('token-1');
  });
});
