// Runs the clients' tests with the oldest client that each of them allows, in a copy of the repository:
// `npm run test:lowest`. So the lower end of `peerDependencies` is tested too.
import { basename } from 'node:path';
import { testCopy } from './test-copy.mjs';
import { published } from './workspace.cjs';

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

process.exitCode = testCopy({
  versions: lowest,
  folders: [...clients, 'examples'],
  command: [
    process.execPath,
    'node_modules/jest/bin/jest.js',
    '--selectProjects',
    ...clients.map((folder) => basename(folder)),
  ],
});
