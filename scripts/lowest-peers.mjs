// Runs the clients' tests with the oldest client that each of them allows, in a copy of the repository:
// `npm run test:lowest`. So the lower end of `peerDependencies` is tested too.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { pinnedPnpm } from './pnpm.mjs';
import { published, readJson, root } from './workspace.cjs';

const requiredPeers = ({ peerDependencies = {}, peerDependenciesMeta = {} }) =>
  Object.entries(peerDependencies).filter(([peer]) => !peerDependenciesMeta[peer]?.optional);

/** Of each major version. All but the newest are installed as an alias with their number, such as `ky1`. */
function lowestOf(peer, range) {
  const [newest, ...others] = range
    .split(' || ')
    .map((part) => part.replace(/^\^/, ''))
    .reverse();
  const aliases = others.map((version) => [`${peer}${version.split('.')[0]}`, `npm:${peer}@${version}`]);
  return [[peer, newest], ...aliases];
}

const clients = published.filter(({ manifest }) => requiredPeers(manifest).length > 0).map(({ folder }) => folder);
const lowest = Object.fromEntries(
  published.flatMap(({ manifest }) => requiredPeers(manifest)).flatMap(([peer, range]) => lowestOf(peer, range)),
);
console.log(Object.entries(lowest).flat().join(' '));

const copy = mkdtempSync(`${tmpdir()}/lowest-peers-`);
const run = (command, ...args) => spawnSync(command, args, { cwd: copy, stdio: 'inherit' }).status ?? 1;
try {
  const { stdout } = spawnSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' });
  for (const file of stdout.trim().split('\n')) cpSync(`${root}/${file}`, `${copy}/${file}`);
  for (const folder of [...clients, 'examples']) {
    const file = `${folder}/package.json`;
    const manifest = readJson(file);
    for (const dependencies of [manifest.dependencies, manifest.devDependencies]) {
      for (const [peer, version] of Object.entries(lowest)) if (dependencies?.[peer]) dependencies[peer] = version;
    }
    writeFileSync(`${copy}/${file}`, JSON.stringify(manifest));
  }
  const pnpm = ['--yes', pinnedPnpm, 'install', '--no-frozen-lockfile', '--prefer-offline'];
  const jest = ['node_modules/jest/bin/jest.js', '--selectProjects', ...clients.map((folder) => basename(folder))];
  process.exitCode = run('npx', ...pnpm) || run(process.execPath, ...jest);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
