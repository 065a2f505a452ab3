import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { needing } from '@open-banking-auth/test-kit/programs';

const root = resolve(__dirname, '../../..');

/** What the reporter writes after a run with these tests. */
function closingLines(tests: readonly { readonly fullName: string; readonly status: string }[], CI = 'true'): string[] {
  const count = (wanted: string) => tests.filter(({ status }) => status === wanted).length;
  const results = {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending'),
    numTodoTests: 0,
    numRuntimeErrorTestSuites: 0,
    testResults: [{ testFilePath: `${root}/packages/x/test/x.test.ts`, testResults: tests }],
  };
  const program = `new (require('./scripts/closing-line.cjs'))().onRunComplete([], ${JSON.stringify(results)})`;
  return spawnSync(process.execPath, ['-e', program], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, CI },
  }).stdout.split('\n');
}

test('the last line of a run is its counts, alone', () => {
  const tests = ['passed', 'passed', 'failed', 'pending'].map((status) => ({ fullName: 'a test', status }));
  expect(closingLines(tests)).toEqual(['2 passed, 1 failed, 1 skipped', '']);
});

test('before it stands that there was less of some tests, unless CI ran them', () => {
  expect(closingLines([], '')).toEqual([
    expect.stringContaining('CI=true runs them in full'),
    '0 passed, 0 failed, 0 skipped',
    '',
  ]);
});

test.each([
  ['redis-server', 'apt-get install redis-server'],
  ['chromium', 'apt-get install chromium'],
] as const)('before it stands what to install, where tests were skipped because there is no %s', (program, install) => {
  const lines = closingLines([
    { fullName: 'a test', status: 'passed' },
    { fullName: `${needing('on it', program)} a test`, status: 'pending' },
    { fullName: `${needing('on it', program)} another test`, status: 'pending' },
  ]);
  expect(lines).toEqual([
    expect.stringContaining(`${program} is not installed: ${install}`),
    '  2 tests of packages/x/test/x.test.ts',
    '',
    '1 passed, 0 failed, 2 skipped',
    '',
  ]);
});
