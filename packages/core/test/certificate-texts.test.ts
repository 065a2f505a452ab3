import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { sourcesOfEntries } from '@open-banking-auth/test-kit/entries';
import { buildSync } from 'esbuild';

interface Seen {
  readonly client: string;
  readonly version: string;
  readonly certificate: string;
  /** From the outermost error to the last cause. */
  readonly chain: readonly { readonly name: string; readonly message: string; readonly code?: string }[];
}

// In a process of its own: under Jest errors cross realms, and read differently.
const program = `
  import axios from 'axios';
  import ky from 'ky';
  import formerKy from 'ky1';
  import { Agent as UndiciAgent } from 'undici';
  import { Agent } from 'node:https';
  import { createSecureContext } from 'node:tls';
  import { sandboxCertificate } from '../sandbox/src/certificate/client-certificate.ts';
  import { foreignCert, foreignKey } from '@open-banking-auth/test-kit/certificates';
  import { startTlsServer } from '@open-banking-auth/test-kit/tls-server';

  const { ca } = sandboxCertificate;
  const chainOf = (error) =>
    error ? [{ name: error.name, message: error.message, code: error.code }, ...chainOf(error.cause)] : [];
  const seen = [];
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const server = await startTlsServer({ rejectUnauthorized: true, minVersion: version, maxVersion: version });
    for (const [certificate, identity] of [['none', {}], ['foreign', { cert: foreignCert, key: foreignKey }]]) {
      const secureContext = createSecureContext({ ca, ...identity });
      const dispatcher = new UndiciAgent({ connect: { secureContext } });
      const send = (input, init) => fetch(input, { ...init, dispatcher });
      const httpsAgent = new Agent({ secureContext });
      const clients = {
        axios: () => axios.get(server.url, { httpsAgent }),
        'axios, fetch adapter': () => axios.get(server.url, { adapter: 'fetch', env: { fetch: send } }),
        fetch: () => send(server.url),
        'ky 2': () => ky(server.url, { fetch: send, retry: 0 }),
        'ky 1.14': () => formerKy(server.url, { fetch: send, retry: 0 }),
      };
      for (const [client, call] of Object.entries(clients)) {
        const chain = await call().then(() => [], chainOf);
        seen.push({ client, version, certificate, chain });
      }
    }
    await server.close();
  }
  console.log(JSON.stringify(seen));
`;

test('docs/certificate.md has what each client shows without a certificate and with one that is rejected', async () => {
  const { outputFiles } = buildSync({
    stdin: { contents: program, resolveDir: `${__dirname}/..`, loader: 'ts' },
    alias: sourcesOfEntries(),
    nodePaths: ['axios', 'ky'].map((name) => `${__dirname}/../../${name}/node_modules`),
    bundle: true,
    platform: 'node',
    format: 'esm',
    // What axios requires is CommonJS, and requires modules of Node.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    write: false,
  });
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-'], { timeout: 20_000 });
  run.child.stdin?.end(outputFiles[0]?.text);
  const seen: Seen[] = JSON.parse((await run).stdout);
  expect(seen).toHaveLength(20);

  const page = readFileSync(`${__dirname}/../../../docs/certificate.md`, 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('|'));
  for (const { client, version, certificate, chain } of seen) {
    const family = client === 'axios' ? 'axios' : "`fetch`, ky, axios' `fetch` adapter";
    const newest = rows.findIndex((row) => row.startsWith(`| ${family} | 1.3 |`));
    const cells = rows[version === 'TLSv1.3' ? newest : newest + 1]?.split(' | ') ?? [];
    const told = cells[certificate === 'none' ? 2 : 3];
    const inner = chain.at(-1);
    const text = /alert [\w ]+/.exec(inner?.message ?? '')?.[0] ?? inner?.message;
    const where = { client, version, certificate };
    expect({ ...where, told }).toEqual({ ...where, told: expect.stringContaining(String(text)) });
    expect({ ...where, told }).toEqual({ ...where, told: expect.stringContaining(`\`${inner?.code}\``) });
    // axios over http has one error, the others wrap it.
    const outer = `${chain[0]?.name}: ${chain[0]?.message.replace(/https:.*/, 'https://…')}`;
    if (client !== 'axios') expect(page).toContain(`\`${outer}\``);
  }
}, 30_000);
