import { spawnSync } from 'node:child_process';
import { pnpm } from './pnpm.mjs';
import { root } from './workspace.cjs';

// A workspace of its own, with its own lockfile: what it measures beside us is nothing that tests should install.
pnpm('--dir', 'bench', 'install', '--frozen-lockfile', '--prefer-offline');

const { status } = spawnSync(process.execPath, ['--expose-gc', 'main.mjs', ...process.argv.slice(2)], {
  cwd: `${root}/bench`,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
