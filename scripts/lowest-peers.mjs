// The tests with the oldest axios and ky that the packages admit, in a copy: `npm run test:lowest`. What `peerDependencies`
// promise at their lower end is run, not hoped for.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { root } from './pnpm.mjs';

const PEERS = { axios: 'packages/axios', ky: 'packages/ky' };
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

const lowest = Object.fromEntries(
  Object.entries(PEERS).map(([peer, folder]) => {
    const range = read(`${root}/${folder}/package.json`).peerDependencies[peer];
    return [peer, range.replace(/^\^/, '')];
  }),
);
console.log(Object.entries(lowest).flat().join(' '));

const copy = mkdtempSync(`${tmpdir()}/lowest-peers-`);
const run = (command, ...args) => spawnSync(command, args, { cwd: copy, stdio: 'inherit' }).status ?? 1;
try {
  const { stdout } = spawnSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' });
  for (const file of stdout.trim().split('\n')) cpSync(`${root}/${file}`, `${copy}/${file}`);
  for (const folder of [...Object.values(PEERS), 'examples']) {
    const file = `${copy}/${folder}/package.json`;
    const manifest = read(file);
    for (const dependencies of [manifest.dependencies, manifest.devDependencies]) {
      for (const [peer, version] of Object.entries(lowest)) if (dependencies?.[peer]) dependencies[peer] = version;
    }
    writeFileSync(file, JSON.stringify(manifest));
  }
  const { packageManager } = read(`${root}/package.json`);
  const pnpm = ['--yes', packageManager.replace(/\+.*$/, ''), 'install', '--no-frozen-lockfile', '--prefer-offline'];
  process.exitCode =
    run('npx', ...pnpm) || run(process.execPath, 'node_modules/jest/bin/jest.js', '--selectProjects', 'axios', 'ky');
} finally {
  rmSync(copy, { recursive: true, force: true });
}
