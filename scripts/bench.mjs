import { spawnSync } from 'node:child_process';
import { pnpm } from './pnpm.mjs';
import { root } from './workspace.cjs';

// bench/ is a workspace with a lockfile of its own, so that nobody installs the other libraries just to run the tests.
pnpm('--dir', 'bench', 'install', '--frozen-lockfile', '--prefer-offline');

const { status } = spawnSync(process.execPath, ['--expose-gc', 'main.mjs', ...process.argv.slice(2)], {
  cwd: `${root}/bench`,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
