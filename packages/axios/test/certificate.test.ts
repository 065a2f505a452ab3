import { inspect } from 'node:util';
import { openBankingAuth } from '@open-banking-auth/axios';
import { clientCertificate } from '@open-banking-auth/core/node';
import { sandboxCertificate, startSandbox } from '@open-banking-auth/sandbox';
import { describeCertificate } from '@open-banking-auth/test-kit/certificate-suite';
import { startConnectProxy } from '@open-banking-auth/test-kit/connect-proxy';
import axios from 'axios';
import { axiosIsAtLeast } from './axios-version.js';

describeCertificate({
  name: 'axios, http adapter',
  over(config, { agent }) {
    const api = axios.create({ httpsAgent: agent, validateStatus: null, responseType: 'text' });
    api.interceptors.request.use(openBankingAuth(config));
    return async (url, { method = 'GET', body } = {}) => {
      const response = await api.request<string>({ url, method, data: body });
      return { status: response.status, body: response.data };
    };
  },
  rejected: 'socket hang up',
});

if (axiosIsAtLeast(1, 12, 0))
  describeCertificate({
    name: 'axios, fetch adapter',
    over(config, { fetch }) {
      const api = axios.create({ adapter: 'fetch', env: { fetch }, validateStatus: null, responseType: 'text' });
      api.interceptors.request.use(openBankingAuth(config));
      return async (url, { method = 'GET', body } = {}) => {
        const response = await api.request<string>({ url, method, data: body });
        return { status: response.status, body: response.data };
      };
    },
    rejected: 'other side closed',
  });

const testThroughProxy = axiosIsAtLeast(1, 16, 1) ? test : test.skip;

testThroughProxy('the certificate goes through a proxy, on the replay too', async () => {
  const [sandbox, proxy] = [await startSandbox({ clientCertificate: true }), await startConnectProxy()];
  const { ca, pfx, passphrase } = sandboxCertificate;
  const { agent } = clientCertificate({ pfx, passphrase, ca });
  // By name: under axios' tunnels Node 26 takes no address.
  const baseURL = sandbox.apiUrl.replace('127.0.0.1', 'localhost');
  const api = axios.create({
    baseURL,
    httpsAgent: agent,
    proxy: { protocol: 'http', host: '127.0.0.1', port: proxy.port },
  });
  api.interceptors.request.use(openBankingAuth({ ...sandbox.config, apiOrigins: [baseURL] }));
  await api.get('/echo');
  sandbox.revokeTokens();
  expect((await api.get('/echo')).status).toBe(200);
  expect(sandbox.requests.map(({ certificate }) => certificate)).toEqual(
    Array(3).fill('Open Banking Sandbox client (invented)'),
  );
  expect(proxy.tunnels).toBeGreaterThan(0);
  await sandbox.close();
  await proxy.close();
});

test("neither axios' answers nor its errors show key or passphrase, with our interceptor and without", async () => {
  const sandbox = await startSandbox({ clientCertificate: true });
  const { ca, pfx, passphrase, key } = sandboxCertificate;
  const { agent } = clientCertificate({ pfx, passphrase, ca });
  const plain = axios.create({ baseURL: sandbox.apiUrl, httpsAgent: agent });
  const equipped = axios.create({ baseURL: sandbox.apiUrl, httpsAgent: agent });
  equipped.interceptors.request.use(openBankingAuth(sandbox.config));
  const [answer, unauthorized] = [await equipped.get('/echo'), await plain.get('/echo').catch((error) => error)];
  sandbox.fault({ at: 'api', kind: 'reset' });
  const failures = await Promise.all([equipped, plain].map((api) => api.get('/echo').catch((error) => error)));
  const keyLines = key.split('\n').filter((line) => line.length > 30 && !line.startsWith('-----'));
  const secrets = [passphrase, inspect(pfx).slice(8, 80), pfx.toString('base64').slice(0, 60), ...keyLines];
  for (const outcome of [answer, unauthorized, ...failures]) {
    expect(outcome.config.httpsAgent).toBe(agent);
    const printed = inspect(outcome, { depth: Infinity, showHidden: true, maxArrayLength: null });
    const { config, message } = outcome;
    const json = JSON.stringify([config, message, typeof outcome.toJSON === 'function' ? outcome.toJSON() : '']);
    expect(json).toContain('[Agent with a client certificate]');
    for (const secret of secrets) expect(printed + json).not.toContain(secret);
  }
  await sandbox.close();
});
