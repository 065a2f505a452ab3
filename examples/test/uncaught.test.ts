import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { aliasesOfEntries } from '@open-banking-auth/test-kit/entries';
import { IN_FULL } from '@open-banking-auth/test-kit/in-full';
import { build } from 'esbuild';

// What Node itself prints of an error that nobody catches. A program of its own, since it ends with the error.
const PROGRAM = `
import axios from 'axios';
import ky from 'ky';
import { openBankingAuth as forAxios } from '@open-banking-auth/axios';
import { openBankingFetch, createTokenSource } from '@open-banking-auth/core';
import { openBankingAuth as forKy } from '@open-banking-auth/ky';
import { startSandbox } from '@open-banking-auth/sandbox';

const [, , client, failure] = process.argv;
const sandbox = await startSandbox();
const { clientSecret } = sandbox.config;
const secrets = [clientSecret, encodeURIComponent(clientSecret), btoa(clientSecret)];
const fault = {
  'token request rejected': { kind: 'wrong-secret', at: 'token' },
  'token unreadable': { kind: 'body', at: 'token', body: '{"access_token":"eyJcanary.canary' },
  '401 always': { kind: 'unauthorized', at: 'api' },
  '500': { kind: 'status', status: 500, at: 'api' },
  reset: { kind: 'reset', at: 'api' },
}[failure];
sandbox.fault(fault);
const tokens = createTokenSource({
  ...sandbox.config,
  async fetch(url, init) {
    const response = await fetch(url, init);
    const body = await response.text();
    secrets.push(...(body.match(/eyJ[\\w.-]+/g) ?? []));
    return new Response(body, response);
  },
});
const send = {
  axios(url) {
    axios.interceptors.request.use(forAxios(tokens));
    return axios.get(url);
  },
  ky: (url) => ky.extend(forKy(tokens))(url, { retry: 0 }),
  async fetch(url) {
    const response = await openBankingFetch(tokens)(url);
    throw Object.assign(new Error('HTTP ' + response.status), { response });
  },
}[client];
process.on('exit', () => process.send(secrets));
await send(sandbox.apiUrl + '/psd2/aspspinformation/v1/aspsps');
`;

const folder = mkdtempSync(join(tmpdir(), 'uncaught-'));
const program = join(folder, 'program.mjs');
beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: PROGRAM, resolveDir: __dirname, loader: 'ts' },
    alias: aliasesOfEntries(),
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  writeFileSync(program, outputFiles[0]?.text ?? '');
});
afterAll(() => rmSync(folder, { recursive: true }));

const FAILURES = ['token request rejected', '401 always', 'token unreadable', '500', 'reset'];

test.each(
  ['axios', 'ky', 'fetch'].flatMap((client) =>
    FAILURES.slice(0, IN_FULL || client === 'axios' ? undefined : 2).map((failure) => [client, failure]),
  ),
)('%s, %s: what Node prints of an uncaught error holds no secret', async (client = '', failure = '') => {
  const child = fork(program, [client, failure], { silent: true, execArgv: [] });
  const secrets: string[] = [];
  child.on('message', (message) => secrets.push(...(message as string[])));
  const closed = once(child, 'close');
  if (!child.stdout || !child.stderr) throw new Error('The child has no output to read');
  const printed = (await Promise.all([text(child.stdout), text(child.stderr)])).join('');
  const [status] = await closed;
  expect(status).toBe(1);
  expect(printed).toMatch(/Error/);
  expect(secrets.length).toBeGreaterThanOrEqual(failure === 'token request rejected' ? 3 : 4);
  expect(secrets.filter((secret) => printed.includes(secret))).toEqual([]);
});
