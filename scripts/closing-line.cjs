const { writeSync } = require('node:fs');
const { relative } = require('node:path');

// packages/test-kit/src/programs.ts puts the program into the names of what it skips.
const NEEDS = /\[needs ([\w-]+)\]/;
const INSTALL = {
  'redis-server': 'apt-get install redis-server (Debian), brew install redis (macOS)',
  chromium:
    'apt-get install chromium (Debian), brew install --cask chromium (macOS), or name a Chrome in CHROMIUM_PATH',
};

const SHORT =
  'Random sequences, searches for secrets, storms of requests, kills and starts of processes were fewer, hostile texts shorter: CI=true runs them in full.';

/** A Jest reporter: what was skipped for want of a program, and the counts as one plain last line, for machines to read. */
module.exports = class ClosingLine {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const lines = [
      ...missing(results),
      ...(process.env.CI ? [] : [SHORT]),
      `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped`,
    ];
    process.once('exit', () => writeSync(1, `${lines.join('\n')}\n`));
  }
};

function missing({ testResults }) {
  const lines = [];
  for (const [program, install] of Object.entries(INSTALL)) {
    const files = testResults
      .map(({ testFilePath, testResults: tests }) => [
        tests.filter(({ fullName, status }) => status === 'pending' && NEEDS.exec(fullName)?.[1] === program).length,
        relative(process.cwd(), testFilePath).replaceAll('\\', '/'),
      ])
      .filter(([count]) => count > 0);
    if (files.length === 0) continue;
    lines.push(
      `Skipped, because ${program} is not installed: ${install}`,
      ...files.map(([count, file]) => `  ${count} ${count === 1 ? 'test' : 'tests'} of ${file}`),
      '',
    );
  }
  return lines;
}
