import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { bundle, bundleFiles } from './bundle.js';

const examples = resolve(__dirname, '..');
let program: string;
beforeAll(async () => {
  program = (await bundleFiles({ demo: `${examples}/demo/main.ts` }))('demo');
});

function run(variables: Readonly<Record<string, string>>, file = program) {
  const env = { PATH: process.env.PATH, ...variables };
  return spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 60_000, env });
}

test('the demo begins with its result, in one line, and shows no token', () => {
  const { status, stdout } = run({ NO_COLOR: '1' });
  expect(stdout.trimStart().split('\n')[0]).toBe('515 calls, 4 tokens: everything went as expected.');
  expect(status).toBe(0);
  expect(stdout).not.toMatch(/Bearer|eyJ/);
  expect(stdout).not.toContain('\u001B');
});

test('FORCE_COLOR colours what is no terminal too', async () => {
  const contents = "import { heading } from './screen.ts'; heading('515 calls', 'green');";
  const result = await bundle('demo-result', { contents, resolveDir: `${examples}/demo`, loader: 'ts' });
  expect(run({ FORCE_COLOR: '1' }, result).stdout).toContain('\u001B[32m515 calls');
  expect(run({}, result).stdout).toBe('\n515 calls\n');
});

test('half of the credentials is an error that names the other half', () => {
  const { status, stdout } = run({ OPEN_BANKING_CLIENT_ID: 'an-id' });
  expect([status, stdout]).toEqual([1, expect.stringContaining('OPEN_BANKING_CLIENT_SECRET is not')]);
});
