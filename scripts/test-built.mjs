// Runs the tests against dist/ instead of src/, to find what the build breaks.
import { spawnSync } from 'node:child_process';
import { root } from './workspace.cjs';

const { status } = spawnSync(process.execPath, [`${root}/node_modules/jest/bin/jest.js`], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, TEST_BUILT: 'true' },
});
process.exitCode = status ?? 1;
