// Runs the tests of the libraries that stand in for the network in their newest major versions, which need a newer Node.js than
// the packages do: `npm run test:newest`.
import { testCopy } from './test-copy.mjs';
import { packages } from './workspace.cjs';

const NODE = '26.10.0';
const VERSIONS = { msw: '3.0.5', nock: '15.0.6', undici: '8.13.1' };

const node = ['npx', '--yes', '--package', `node-${process.platform}-${process.arch}@${NODE}`, '--', 'node'];
process.exitCode = testCopy({
  versions: VERSIONS,
  folders: packages.map(({ folder }) => folder),
  // They are ES modules only, which Jest can load into CommonJS tests with this flag.
  command: [...node, '--experimental-vm-modules', 'node_modules/jest/bin/jest.js', 'test/compatibility/doubles'],
});
