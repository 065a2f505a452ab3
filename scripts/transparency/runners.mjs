// The test runners of the clients: how each is started, and how its results are read.
import { existsSync, readFileSync } from 'node:fs';

/** Maps the name of each test to whether it passed. Skipped ones are left out. */
const ofJest = (text) =>
  JSON.parse(text).testResults.flatMap(({ assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ fullName, status }) => [fullName, status === 'passed']),
  );

const ofMocha = (text) => {
  const { passes, failures } = JSON.parse(text);
  return [...passes.map(({ fullTitle }) => [fullTitle, true]), ...failures.map(({ fullTitle }) => [fullTitle, false])];
};

const ofTap = (text) =>
  [...text.matchAll(/^\s*(not )?ok \d+ - (.*?)(?: # (\w+).*)?$/gm)]
    .filter(([, , , directive]) => directive === undefined)
    .map(([, not, name]) => [name, not === undefined]);

const RUNNERS = {
  vitest: { args: (file) => ['run', '--reporter=json', `--outputFile=${file}`], read: ofJest },
  jest: { args: (file) => ['--json', `--outputFile=${file}`], read: ofJest },
  mocha: { args: (file) => ['--reporter', 'json', '--reporter-option', `output=${file}`], read: ofMocha },
  ava: { args: () => ['--tap'], read: ofTap },
};

/** What runs the tests of a checkout: the first runner it has, or Node's own. */
export function runnerOf(folder) {
  const name = Object.keys(RUNNERS).find((runner) => existsSync(`${folder}/node_modules/.bin/${runner}`));
  if (name === undefined) {
    const args = ['--test', '--test-reporter=tap'];
    return { name: 'node --test', command: process.execPath, args: () => args, results: (_, stdout) => ofTap(stdout) };
  }
  const { args, read } = RUNNERS[name];
  return {
    name,
    command: `${folder}/node_modules/.bin/${name}`,
    args,
    results: (file, stdout) => read(existsSync(file) ? readFileSync(file, 'utf8') : stdout),
  };
}
