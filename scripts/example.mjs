// Runs one of the examples against the built packages, for instance `npm run example -- axios`.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { build } from 'esbuild';
import { root } from './workspace.cjs';

const name = process.argv[2] ?? '';
const program = name === 'demo' ? `${root}/examples/demo/main.ts` : `${root}/examples/programs/${name}.ts`;
if (name === '' || !existsSync(program)) {
  const known = readdirSync(`${root}/examples/programs`).map((file) => file.replace('.ts', ''));
  console.error(`Name an example: npm run example -- ${known.join('|')}`);
  process.exit(1);
}

// Next to the examples' node_modules, so that the packages resolve as they do for a user.
const outfile = `${root}/examples/dist/${name}.mjs`;
await build({
  entryPoints: [program],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
  logLevel: 'warning',
});

// Far longer than any example takes, so that one that hangs fails.
const args = process.argv.slice(3);
const timeout = args.includes('--page') ? undefined : 30_000;
// Ctrl-C ends the example, in its own way; this process then ends too.
process.on('SIGINT', () => {});
const run = spawnSync(process.execPath, ['--enable-source-maps', outfile, ...args], { stdio: 'inherit', timeout });
if (run.status === null) console.error(`The example did not finish (${run.error?.message ?? run.signal})`);
process.exitCode = run.status ?? 1;
