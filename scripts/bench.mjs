import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { pnpm } from './pnpm.mjs';
import { root } from './workspace.cjs';

const { values, tokens } = parseArgs({
  options: {
    /** A version of Node.js to measure with, installed by npm for this run. Its results go to a folder of their own. */
    node: { type: 'string' },
    /** A commit whose packages are measured beside these. Prints the results, writes nothing. */
    before: { type: 'string' },
  },
  strict: false,
  tokens: true,
});
const others = tokens
  .filter(({ name }) => name !== 'node' && name !== 'before')
  .flatMap(({ rawName, value }) => [rawName, value])
  .filter((word) => word !== undefined);

// bench/ is a workspace with a lockfile of its own, so that nobody installs the other libraries just to run the tests.
pnpm('--dir', 'bench', 'install', '--frozen-lockfile', '--prefer-offline');

const node = values.node ? installedNode(values.node) : process.execPath;
const into = values.node ? ['--into', `node-${values.node.split('.')[0]}`] : [];
const before = values.before ? mkdtempSync(`${tmpdir()}/bench-before-`) : undefined;
try {
  if (before) buildIn(before, values.before);
  const { status } = spawnSync(node, ['--expose-gc', 'main.mjs', ...into, ...others], {
    cwd: `${root}/bench`,
    env: { ...process.env, ...(before && { BENCH_BEFORE: before, BENCH_BEFORE_NAME: values.before }) },
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} finally {
  if (before) execFileSync('git', ['worktree', 'remove', '--force', before], { cwd: root });
}

function installedNode(version) {
  const npx = [
    '--yes',
    '--package',
    `node-${process.platform}-${process.arch}@${version}`,
    '--',
    'node',
    '-p',
    'process.execPath',
  ];
  return execFileSync('npx', npx, { encoding: 'utf8' }).trim();
}

/** Checks that commit out into a folder, and builds its packages. */
function buildIn(folder, commit) {
  execFileSync('git', ['worktree', 'add', '--detach', folder, commit], { cwd: root, stdio: 'inherit' });
  execFileSync('npm', ['run', 'build'], { cwd: folder, stdio: 'inherit' });
}
