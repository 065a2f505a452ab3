// Type-checks the packed packages: `npm run types` prints the table in docs/tested-with.md. It combines compilers, module
// resolutions, exactOptionalPropertyTypes and peers, and compiles the type tests of the request options and every code
// block of the documentation. Not part of the tests, because it takes minutes.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { published, root } from './workspace.cjs';

const COMPILERS = ['5.4.5', '5.9.3', '6.0.3', '7.0.2'];
const PEERS = [
  ['axios@1.7.0', 'ky@2.0.0'],
  ['axios@1.21.1', 'ky@1.14.3'],
  ['axios@1.21.1', 'ky@2.1.0'],
];
const OTHERS = ['axios-auth-refresh@5.0.2', 'redis@6.3.1', 'ioredis@6.0.0', 'undici@7.30.2', '@types/node@20.19.43'];

/** How a consumer is set up: its compiler options, and whether its files are CommonJS. */
const SETUPS = {
  'node10, CommonJS': { commonjs: true, module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '5.0' },
  'node16, CommonJS': { commonjs: true, module: 'node16', moduleResolution: 'node16' },
  'node16, ESM': { module: 'node16', moduleResolution: 'node16' },
  'nodenext, CommonJS': { commonjs: true, module: 'nodenext', moduleResolution: 'nodenext' },
  'nodenext, ESM': { module: 'nodenext', moduleResolution: 'nodenext' },
  'bundler, ESM': { module: 'esnext', moduleResolution: 'bundler' },
};

const folder = mkdtempSync(`${tmpdir()}/types-matrix-`);

function run(command, ...args) {
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, stdout }));
  });
}

async function install(prefix, ...packages) {
  mkdirSync(`${folder}/${prefix}`, { recursive: true });
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--silent', '--no-save'];
  const { code } = await run('npm', 'install', '--prefix', prefix, ...flags, ...packages);
  if (code !== 0) throw new Error(`npm could not install ${packages.join(' ')}`);
}

/**
 * What a consumer writes, by file name. ky is published as ES modules only, so CommonJS files cannot import it.
 * axios-cache-interceptor is not installed: its types are not what is tested.
 */
function consumers(commonjs) {
  const files = { 'per-request-options.ts': readFileSync(`${root}/examples/test/per-request-options.ts`, 'utf8') };
  // All declarations, also of what CommonJS files cannot use.
  const entries = published.flatMap(({ entries }) => entries.map(({ specifier }) => specifier));
  files['entries.ts'] = entries.map((entry, nth) => `export * as entry${nth} from '${entry}';\n`).join('');
  const pages = ['README.md', ...published.map(({ folder }) => `${folder}/README.md`)];
  for (const page of readdirSync(`${root}/docs`)) if (page.endsWith('.md')) pages.push(`docs/${page}`);
  for (const page of pages) {
    const blocks = readFileSync(`${root}/${page}`, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms);
    for (const [nth, { 1: code }] of [...blocks].entries()) {
      const text = commonjs ? wrapped(code) : `${code}export {};\n`;
      files[`${page.replaceAll(/[/.]/g, '-')}-${nth + 1}.ts`] = text;
    }
  }
  const left = commonjs ? /from '(ky|axios-cache-interceptor)'/ : /from 'axios-cache-interceptor'/;
  return Object.fromEntries(Object.entries(files).filter(([, text]) => !left.test(text)));
}

/** Puts a block into a function, because it may use top-level await, which CommonJS does not have. */
function wrapped(code) {
  const imports = [...code.matchAll(/^import .*?;\n/gms)].map(([line]) => line).join('');
  return `${imports}export async function block() {\n${code.replaceAll(/^import .*?;\n/gms, '')}}\n`;
}

/** Errors in the consumer's files and in the declarations of our packages, not in those of other libraries. */
const ours = (line) =>
  /: error TS/.test(line) && (!line.includes('node_modules') || line.includes('node_modules/@open-banking-auth'));

async function errorsOf(compiler, peers, setup, exactOptionalPropertyTypes) {
  const { commonjs, ...options } = setup;
  const consumer = `${folder}/${peers}/consumer`;
  rmSync(consumer, { recursive: true, force: true });
  mkdirSync(consumer);
  writeFileSync(`${consumer}/package.json`, JSON.stringify({ type: commonjs ? 'commonjs' : 'module' }));
  for (const [name, text] of Object.entries(consumers(commonjs))) writeFileSync(`${consumer}/${name}`, text);
  const compilerOptions = {
    ...options,
    ...(compiler.startsWith('6.') && options.ignoreDeprecations ? { ignoreDeprecations: '6.0' } : {}),
    target: 'es2022',
    lib: ['es2023'],
    types: ['node'],
    strict: true,
    noEmit: true,
    esModuleInterop: true,
    exactOptionalPropertyTypes,
  };
  writeFileSync(`${consumer}/tsconfig.json`, JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const { stdout } = await run(
    process.execPath,
    `compiler-${compiler}/node_modules/typescript/bin/tsc`,
    '-p',
    consumer,
  );
  return stdout.split('\n').filter((line) => ours(line) || /^error TS/.test(line));
}

const tarballs = published.map(({ tarball }) => tarball);
const rows = [];
const details = [];
try {
  for (const compiler of COMPILERS) await install(`compiler-${compiler}`, `typescript@${compiler}`);
  for (const peers of PEERS) await install(peers.join('+'), ...tarballs, ...peers, ...OTHERS);
  for (const [name, setup] of Object.entries(SETUPS)) {
    const cells = [];
    for (const compiler of COMPILERS) {
      let count = 0;
      let removed = false;
      for (const peers of PEERS) {
        for (const exact of [true, false]) {
          const errors = await errorsOf(compiler, peers.join('+'), setup, exact);
          count += errors.length;
          // TS5108: this TypeScript has removed the option.
          removed ||= errors.some((line) => line.includes('error TS5108'));
          if (errors.length > 0 && !removed) {
            details.push(
              [`${name}, TypeScript ${compiler}, ${peers.join(' ')}, exact ${exact}`, ...errors.slice(0, 5)].join(
                '\n  ',
              ),
            );
          }
        }
      }
      cells.push(removed ? 'removed' : count === 0 ? 'ok' : `${count} errors`);
      console.error(`${name}, TypeScript ${compiler}: ${cells.at(-1)}`);
    }
    rows.push(`| ${name} | ${cells.join(' | ')} |`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`| | ${COMPILERS.map((version) => `TypeScript ${version}`).join(' | ')} |`);
console.log(`|---|${COMPILERS.map(() => '---|').join('')}`);
console.log(rows.join('\n'));
console.log(
  `\nEach with ${PEERS.map((peers) => peers.join(' and ')).join('; ')}; exactOptionalPropertyTypes on and off.`,
);
for (const text of details.slice(0, 10)) console.log(`\n${text}`);
process.exitCode = rows.some((row) => row.includes('errors')) ? 1 : 0;
