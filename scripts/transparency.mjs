// Runs a client's own tests with us underneath, and reports what passes without us and fails with us:
// `npm run transparency -- axios|ky|axios-auth-refresh PATH`, where PATH is a checkout of the client with its dependencies
// installed. Further arguments are for its test runner, such as the files to run. The checkout is copied, not changed.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, resolve } from 'node:path';
import { build } from 'esbuild';
import { runnerOf } from './transparency/runners.mjs';
import { packages, root } from './workspace.cjs';

/** Where each client is changed so that we are underneath: the files, and the one place in them. */
const AXIOS = {
  files: ['lib/core/Axios.js', 'dist/node/axios.cjs', 'dist/esm/axios.js'],
  place: /new InterceptorManager(?:\$\d)?\(\)/,
  by: 'underAxios',
};
const CLIENTS = {
  axios: { ...AXIOS, within: '' },
  ky: {
    files: ['source/core/Ky.ts', 'distribution/core/Ky.js'],
    place: /options\.fetch \?\? globalThis\.fetch\.bind\(globalThis\)/,
    by: 'underFetch',
    within: '',
  },
  'axios-auth-refresh': { ...AXIOS, within: 'node_modules/axios/' },
};
const STATES = ['warm', 'cold', 'healing'];

const [name = '', path = '', ...extra] = process.argv.slice(2);
const client = CLIENTS[name];
if (!client || !existsSync(`${path}/package.json`)) {
  console.error(`Name a client and a checkout of it: npm run transparency -- ${Object.keys(CLIENTS).join('|')} PATH`);
  process.exit(1);
}
const checkout = resolve(path);
if (!existsSync(`${checkout}/node_modules`)) {
  console.error(`${checkout} has no node_modules: install its dependencies, and build it if its tests need that`);
  process.exit(1);
}

const copy = mkdtempSync(`${tmpdir()}/transparency-`);
try {
  copyCheckout();
  await addOurs();
  changeClient();
  report();
} finally {
  rmSync(copy, { recursive: true, force: true });
}

/** The files, and links to the dependencies, so that some of them can be replaced. */
function copyCheckout() {
  cpSync(checkout, copy, { recursive: true, filter: (file) => !['node_modules', '.git'].includes(basename(file)) });
  linkAll(`${checkout}/node_modules`, `${copy}/node_modules`);
  if (client.within) {
    rmSync(`${copy}/node_modules/axios`);
    cpSync(`${checkout}/node_modules/axios`, `${copy}/node_modules/axios`, { recursive: true, dereference: true });
  } else {
    rmSync(`${copy}/node_modules/${name}`, { force: true });
    symlinkSync(copy, `${copy}/node_modules/${name}`);
  }
}

function linkAll(from, to) {
  mkdirSync(to);
  for (const entry of readdirSync(from)) {
    if (entry.startsWith('@')) linkAll(`${from}/${entry}`, `${to}/${entry}`);
    else symlinkSync(`${from}/${entry}`, `${to}/${entry}`);
  }
}

/** Our packages as they are built, and the module that puts them underneath, in both module systems. */
async function addOurs() {
  // Not in node_modules, whose files Vitest loads by itself: then there would be a second copy of the client, with classes
  // of its own.
  const ours = `${copy}/open-banking-auth`;
  for (const { folder } of packages.filter(({ manifest }) => /\/(?:core|axios|ky)$/.test(manifest.name))) {
    for (const part of ['package.json', 'dist']) {
      cpSync(`${root}/${folder}/${part}`, `${ours}/${basename(folder)}/${part}`, { recursive: true });
    }
  }
  for (const format of ['esm', 'cjs']) {
    await build({
      entryPoints: [`${root}/scripts/transparency/underneath.mjs`],
      outfile: `${ours}/underneath/index.${format === 'esm' ? 'mjs' : 'cjs'}`,
      format,
      // Jest cannot run import() in CommonJS.
      supported: { 'dynamic-import': format === 'esm' },
      platform: 'node',
    });
  }
  const exports = { import: './index.mjs', require: './index.cjs' };
  writeFileSync(`${ours}/underneath/package.json`, JSON.stringify({ name: '@open-banking-auth/underneath', exports }));
  symlinkSync(ours, `${copy}/node_modules/@open-banking-auth`);
}

function changeClient() {
  const { files, place, by, within } = client;
  const present = files.map((file) => `${copy}/${within}${file}`).filter((file) => existsSync(file));
  const changed = present.filter((file) => {
    const text = readFileSync(file, 'utf8');
    if (!place.test(text)) return false;
    const from = '@open-banking-auth/underneath';
    const line = file.endsWith('.cjs') ? `const { ${by} } = require('${from}');` : `import { ${by} } from '${from}';`;
    writeFileSync(file, `${line}\n${text.replace(place, `${by}($&)`)}`);
    return true;
  });
  if (changed.length === 0) {
    throw new Error(
      `None of ${files.join(', ')} has ${place}: say in scripts/transparency.mjs where this version sends`,
    );
  }
}

function run(runner, state) {
  const file = `${copy}/results-${state.replace(' ', '-')}.json`;
  const { stdout, stderr, status } = spawnSync(runner.command, [...runner.args(file), ...extra], {
    cwd: copy,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, OPEN_BANKING_STATE: state.split(' ')[0] },
  });
  let results = [];
  try {
    results = runner.results(file, stdout);
  } catch {}
  if (results.length === 0) {
    throw new Error(`${runner.name} reported no tests (status ${status}):\n${`${stdout}${stderr}`.slice(-3_000)}`);
  }
  // Tests of the same name are one: it passes if all of them do.
  const passed = new Map();
  for (const [test, ok] of results) passed.set(test, ok && passed.get(test) !== false);
  return passed;
}

function report() {
  const runner = runnerOf(copy);
  // Twice, since a test that fails now and then says nothing.
  const [first, second] = [run(runner, 'bare'), run(runner, 'bare again')];
  const passing = [...first].filter(([test, ok]) => ok && second.get(test) === true).map(([test]) => test);
  console.log(`bare: ${passing.length} of ${first.size} tests pass, by ${runner.name}`);
  for (const state of STATES) {
    const results = run(runner, state);
    const failing = passing.filter((test) => results.get(test) !== true);
    console.log(`${state}: ${failing.length} of them ${failing.length === 1 ? 'fails' : 'fail'}`);
    for (const test of failing) console.log(`  ${results.has(test) ? 'fails' : 'did not run'}: ${test}`);
    if (failing.length > 0) process.exitCode = 1;
  }
}
