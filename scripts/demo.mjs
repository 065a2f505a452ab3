import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { root } from './pnpm.mjs';

// Beside the examples' node_modules, from where the packages resolve as they do for a user.
const outfile = `${root}/examples/dist/demo.mjs`;
await build({
  entryPoints: [fileURLToPath(new URL('../examples/demo/main.ts', import.meta.url))],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
  logLevel: 'warning',
});

// Longer than it ever takes: a demo that hangs is to fail, not to stay.
const run = spawnSync(process.execPath, ['--enable-source-maps', outfile], { stdio: 'inherit', timeout: 30_000 });
if (run.status === null) console.error(`The demo did not come to its end (${run.error?.message ?? run.signal})`);
process.exitCode = run.status ?? 1;
