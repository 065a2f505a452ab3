import { spawnSync } from 'node:child_process';
import { readJson, root } from './workspace.cjs';

/** The pnpm that package.json pins, as an argument for npx, so that it need not be installed globally. */
export const pinnedPnpm = readJson('package.json').packageManager.replace(/\+.*$/, '');

/** Runs pnpm in the root folder. Exits this process if it fails. */
export function pnpm(...args) {
  const run = spawnSync('npx', ['--yes', pinnedPnpm, ...args], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (run.status !== 0) process.exit(run.status ?? 1);
}
