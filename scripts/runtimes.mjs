// Runs the packed packages on every runtime that npm can install: `npm run runtimes` prints the table in
// docs/tested-with.md. Not part of the tests, because it takes minutes. The runtimes are pinned here and not in the
// lockfile, which would then list a dozen large binaries for every platform.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { build } from 'esbuild';
import { startSandbox } from '../packages/sandbox/dist/esm/index.js';
import { published, root } from './workspace.cjs';

/** The oldest and the newest release of each line that `engines` allows. */
const NODE = ['20.19.0', '20.20.2', '22.12.0', '22.23.3', '24.0.0', '24.21.0', '26.0.0', '26.10.0'];
const BUN = '1.4.5';
const DENO = '2.9.6';
const MINIFLARE = '4.20260730.0';
/** miniflare requires Node 22 or newer. */
const NODE_FOR_MINIFLARE = '24.21.0';
const LIBRARIES = ['axios@1.21.1', 'axios-auth-refresh@5.0.2', 'ky@2.1.0'];

/** Longer than any single command takes. */
const LIMIT_MS = 120_000;

const platform = `${process.platform}-${process.arch}`;
const libc = process.platform === 'linux' ? '-glibc' : '';
const folder = mkdtempSync(`${tmpdir()}/runtimes-`);

/** Runs a command and returns the last line that it printed. */
async function lastLine(command, ...args) {
  const child = spawn(command, args, { cwd: folder, timeout: LIMIT_MS, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      printed[name] += text;
    });
  }
  const failed = once(child, 'error').then(([error]) => Promise.reject(error));
  const [code] = await Promise.race([once(child, 'close'), failed]);
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${printed.stderr.trim().slice(-400)}`);
  return printed.stdout.trim().split('\n').at(-1);
}

const install = (prefix, ...packages) =>
  lastLine(
    'npm',
    'install',
    '--prefix',
    prefix,
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--silent',
    ...packages,
  );

const npx = (spec, ...command) => lastLine('npx', '--yes', '--package', spec, '--', ...command);

/**
 * Lets the jobs, which run in other processes, configure and query the sandbox. Also an API and a token endpoint on one
 * origin, where the API redirects to the token endpoint.
 */
async function startControl(sandbox) {
  const banks = `${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`;
  const responses = {
    '/config': () => ({ config: sandbox.config, banks, echo: `${sandbox.apiUrl}/echo` }),
    '/stats': () => sandbox.stats(),
    '/expire': () => sandbox.expireTokens() ?? {},
    '/reset': () => sandbox.resetStats() ?? {},
    '/connect/token': () => ({ access_token: 'gateway-token', token_type: 'Bearer', expires_in: 3600 }),
    '/bearer-tokens': () => bearerTokens.splice(0),
  };
  const bearerTokens = [];
  const server = createServer((request, response) => {
    if (/^Bearer /.test(request.headers.authorization)) bearerTokens.push(request.url);
    response.setHeader('content-type', 'application/json');
    if (request.url === '/redirect') response.writeHead(302, { location: '/connect/token' });
    response.end(JSON.stringify(responses[request.url]?.() ?? null));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, server };
}

async function onNode(version, control) {
  const spec = `node-${platform}@${version}`;
  const esm = JSON.parse(await npx(spec, 'node', 'command-line.mjs', control));
  const cjs = JSON.parse(await npx(spec, 'node', 'common-js.cjs', control));
  return { ...esm, ...cjs };
}

async function onBun(control) {
  await install('bun', `@oven/bun-${platform}@${BUN}`);
  return JSON.parse(
    await lastLine(`${folder}/bun/node_modules/@oven/bun-${platform}/bin/bun`, 'command-line.mjs', control),
  );
}

async function onDeno(control) {
  await install('deno', `@deno/${platform}${libc}@${DENO}`);
  const deno = `${folder}/deno/node_modules/@deno/${platform}${libc}/deno`;
  return JSON.parse(
    await lastLine(deno, 'run', '--allow-all', '--node-modules-dir=manual', 'command-line.mjs', control),
  );
}

async function onWorkerd(control) {
  await install('miniflare', `miniflare@${MINIFLARE}`);
  await build({
    entryPoints: [`${folder}/worker.mjs`],
    outfile: `${folder}/worker.bundle.mjs`,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['node:*'],
    logLevel: 'warning',
  });
  cpSync(`${folder}/workerd.mjs`, `${folder}/miniflare/workerd.mjs`);
  const node = `node-${platform}@${NODE_FOR_MINIFLARE}`;
  return JSON.parse(await npx(node, 'node', 'miniflare/workerd.mjs', control, 'worker.bundle.mjs'));
}

function table(rows) {
  const columns = [...new Set(rows.flatMap(([, outcomes]) => Object.keys(outcomes)))];
  return [
    `| runtime | ${columns.join(' | ')} |`,
    `|---|${columns.map(() => '---|').join('')}`,
    ...rows.map(([name, outcomes]) => `| ${name} | ${columns.map((column) => outcomes[column] ?? '').join(' | ')} |`),
  ].join('\n');
}

const sandbox = await startSandbox();
const control = await startControl(sandbox);
const runs = [
  ...NODE.map((version) => [`Node.js ${version}`, () => onNode(version, control.url)]),
  [`Bun ${BUN}`, () => onBun(control.url)],
  [`Deno ${DENO}`, () => onDeno(control.url)],
  [`workerd (miniflare ${MINIFLARE})`, () => onWorkerd(control.url)],
];
const rows = [];
const missing = [];
try {
  for (const name of readdirSync(`${root}/scripts/runtimes`))
    cpSync(`${root}/scripts/runtimes/${name}`, `${folder}/${name}`);
  for (const name of ['bun', 'deno', 'miniflare']) mkdirSync(`${folder}/${name}`);
  await install('.', ...published.map(({ tarball }) => tarball), ...LIBRARIES);
  for (const [name, run] of runs) {
    console.error(name);
    try {
      rows.push([name, await run()]);
    } catch (error) {
      missing.push(`${name}: ${error.message}`);
    }
  }
} finally {
  control.server.close();
  control.server.closeAllConnections();
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(table(rows));
for (const line of missing) console.log(`\nNot available, or failed: ${line}`);
const wrong = ([name, { 'it says': said, ...outcomes }]) =>
  !(name.includes(said) || said === 'Cloudflare-Workers') ||
  Object.values(outcomes).some((outcome) => !['ok', 'not there'].includes(outcome));
process.exitCode = rows.some(wrong) || missing.length > 0 ? 1 : 0;
