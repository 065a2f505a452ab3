import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { createTokenSource } from '@open-banking-auth/core';
import { type Sandbox, startSandbox } from '@open-banking-auth/sandbox';
import axios, { type AxiosRequestConfig } from 'axios';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { ProxyAgent, fetch as undiciFetch } from 'undici';
import { ways } from './equipped.js';

/** A forward proxy: absolute URLs, and tunnels by CONNECT. */
async function startProxy() {
  const seen: string[] = [];
  const server = createServer((incoming, outgoing) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    const { method, headers, url = '' } = incoming;
    incoming.pipe(
      httpRequest(url, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      }),
    );
  });
  server.on('connect', (incoming, client) => {
    seen.push(`CONNECT ${incoming.url}`);
    const { hostname, port } = new URL(`http://${incoming.url}`);
    const target = connect(Number(port), hostname, () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
    target.pipe(client).pipe(target);
    for (const end of [target, client]) {
      end.on('error', () => {});
      end.on('close', () => {
        target.destroy();
        client.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { port, seen, close };
}

let sandbox: Sandbox;
let proxy: Awaited<ReturnType<typeof startProxy>>;
beforeEach(async () => {
  sandbox = await startSandbox();
  proxy = await startProxy();
});
afterEach(async () => {
  proxy.close();
  await sandbox.close();
});

describe.each(ways)('a proxy, %s', (_, ours) => {
  test.each<[string, (port: number) => AxiosRequestConfig, RegExp]>([
    ["axios' `proxy`", (port) => ({ proxy: { host: '127.0.0.1', port } }), /^GET http:\/\/127\.0\.0\.1:\d+\/psd2\//],
    [
      'https-proxy-agent',
      (port) => ({ proxy: false, httpAgent: new HttpsProxyAgent(`http://127.0.0.1:${port}`) }),
      /^CONNECT 127\.0\.0\.1:\d+$/,
    ],
  ])('%s: requests go through it, and one that is unauthorized is sent again', async (_name, config, line) => {
    const api = axios.create(config(proxy.port));
    const source = createTokenSource(sandbox.config);
    ours(api, source);
    await source.get();
    sandbox.revokeTokens();
    const { status } = await api.get(`${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`);
    expect(status).toBe(200);
    expect(proxy.seen).toEqual([expect.stringMatching(line), expect.stringMatching(line)]);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 2, apiRequests: 2 });
  });

  test('the token request goes through it where the configuration has a fetch that does', async () => {
    const dispatcher = new ProxyAgent(`http://127.0.0.1:${proxy.port}`);
    // Its types and those of the global fetch describe the same by different classes.
    const fetch = ((url: string, init: object) => undiciFetch(url, { ...init, dispatcher })) as typeof globalThis.fetch;
    const api = axios.create();
    ours(api, { ...sandbox.config, fetch });
    expect((await api.get(`${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`)).status).toBe(200);
    expect(proxy.seen).toEqual([expect.stringContaining(new URL(sandbox.tokenUrl).host)]);
    await dispatcher.close();
  });
});
