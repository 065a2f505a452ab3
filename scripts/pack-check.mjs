// Checks the tarballs as a new user gets them: publint and are-the-types-wrong inspect them, then fresh projects outside
// this repository install, import, type-check, test and bundle them. Prints the results as tables.
// `npm run pack:check -- --keep` keeps the projects for inspection.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { bundle, runAtTheEdge } from './pack-check/edge.mjs';
import { checkLoadsNoFetch, FORMATS, importTimes } from './pack-check/import-time.mjs';
import { installLines, withTarballs } from './pack-check/install-lines.mjs';
import { checkContents, peersOfPackages, readPackages } from './pack-check/packages.mjs';
import { bring, install, makeProject, run } from './pack-check/projects.mjs';
import { Results } from './pack-check/results.mjs';
import { checkWeight, weightOf } from './pack-check/weight.mjs';
import { attw, publint } from './tools.mjs';
import { published, readJson, root } from './workspace.cjs';

/** These must run without any of Node's modules. For all other entries the table only shows whether they do. */
const FOR_THE_EDGE = ['@open-banking-auth/core', '@open-banking-auth/core/client', '@open-banking-auth/ky'];

/** An application has loaded its client anyway, so only what comes on top is measured. */
const LOADED_BEFORE = {
  '@open-banking-auth/axios': 'axios',
  '@open-banking-auth/axios/auth-refresh': 'axios-auth-refresh',
  '@open-banking-auth/ky': 'ky',
};

/** Not in the lockfile, where it would bring a dozen binaries along. The last line of releases that runs on Node 20. */
const VITEST = '4.1.12';

/** The lines that the pages print are tried here: npm chooses versions by the version of Node that it runs on. */
const NODE_FOR_INSTALLING = ['20.20.2', '26.10.0'];

const { devDependencies: pinned } = readJson('package.json');
const tarballs = published.map(({ tarball }) => tarball);
const folder = realpathSync(mkdtempSync(`${tmpdir()}/open-banking-auth-`));
const results = new Results();

const plain = makeProject(`${folder}/plain`, {});
install(plain, tarballs, [...peersOfPackages().values()], `@types/node@${pinned['@types/node']}`);
const packages = readPackages(plain);
const entries = packages.flatMap((each) => each.entries);

for (const each of packages) {
  const { name } = each;
  const { tarball } = published.find(({ manifest }) => manifest.name === name);
  await results.check('packages', name, 'contents', () => checkContents(each));
  await results.check('packages', name, 'publint', () =>
    run(root, process.execPath, [publint, 'run', tarball, '--strict']),
  );
  await results.check('packages', name, 'are the types wrong', () => run(root, process.execPath, [attw, tarball]));
}

for (const [column, { type, load }] of Object.entries(FORMATS)) {
  const project = makeProject(`${plain}/${type}`, { type });
  const all = 'if (Object.keys(loaded).length === 0) throw new Error("It exports nothing")';
  for (const entry of entries) {
    const args = [`--input-type=${type}`, '-e', `const loaded = ${load(entry)}; ${all}`];
    await results.check('entries', entry, column, () => run(project, process.execPath, args));
    if (FOR_THE_EDGE.includes(entry)) {
      await results.check('entries', entry, `${column}, no fetch`, () => checkLoadsNoFetch(project, column, entry));
    }
  }
}

for (const program of ['calls.cjs', 'calls.mjs', 'both.mjs']) {
  bring(plain, program);
  const says = { 'calls.cjs': 'CommonJS', 'calls.mjs': 'ES modules', 'both.mjs': 'both in one process, one source' };
  await results.check('projects', says[program], '', () => run(plain, process.execPath, [program]));
}

bring(plain, 'trace.cjs');
await results.check('projects', 'stack traces that lead to our sources', '', () =>
  run(plain, process.execPath, ['--enable-source-maps', 'trace.cjs']),
);

for (const { name, manifest } of packages.filter(({ manifest }) => manifest.bin)) {
  await results.check('projects', `npx ${name} --version`, '', () =>
    assert.equal(run(plain, 'npx', ['--no-install', name, '--version']).trim(), manifest.version),
  );
}

for (const [says, extension, module, type] of [
  ['TypeScript, nodenext, ES modules', 'mts', 'nodenext', 'module'],
  ['TypeScript, nodenext, CommonJS', 'cts', 'nodenext', 'commonjs'],
  ['TypeScript, bundler', 'ts', 'preserve', 'module'],
]) {
  const project = makeProject(`${plain}/types-${extension}`, { type });
  const every = entries.map((entry, nth) => `export * as entry${nth} from '${entry}';\n`).join('');
  writeFileSync(`${project}/entries.${extension}`, every);
  writeFileSync(
    `${project}/calls.${extension}`,
    readFileSync(new URL('pack-check/programs/calls.ts', import.meta.url)),
  );
  const compilerOptions = {
    ...{ module, target: 'es2022', lib: ['es2023'], types: ['node'], strict: true, noEmit: true },
    // The packages' own types are checked too, so that no import in them leads out of the tarball.
    skipLibCheck: false,
  };
  writeFileSync(`${project}/tsconfig.json`, JSON.stringify({ compilerOptions, include: [`*.${extension}`] }));
  const tsc = `${root}/node_modules/typescript/bin/tsc`;
  await results.check('projects', says, '', () => run(project, process.execPath, [tsc, '-p', '.']));
}

const jest = makeProject(`${folder}/jest`, {});
install(jest, tarballs, `jest@${pinned.jest}`, [...peersOfPackages().values()]);
bring(jest, 'calls.test.js');
await results.check('projects', `Jest ${pinned.jest}, CommonJS, no settings`, '', () =>
  run(jest, process.execPath, ['node_modules/jest/bin/jest.js'], { ENTRIES: JSON.stringify(entries) }),
);

for (const version of NODE_FOR_INSTALLING) {
  const node = ['--yes', '--package', `node-${process.platform}-${process.arch}@${version}`, '--'];
  for (const [nth, line] of installLines().entries()) {
    await results.check('npm install', line, `Node ${version}`, () => {
      const project = makeProject(`${folder}/install-${version}-${nth}`, {});
      run(project, 'npx', [...node, 'npm', 'install', '--no-audit', '--no-fund', ...withTarballs(line)]);
      // Fails for a version that a package does not accept, which npm installs with no more than a warning.
      run(project, 'npx', [...node, 'npm', 'ls', '--all']);
      bring(project, 'first-call.mjs');
      run(project, 'npx', [...node, 'node', 'first-call.mjs', ...line.split(' ')]);
    });
  }
}

const vitest = makeProject(`${folder}/vitest`, { type: 'module' });
install(vitest, tarballs, `vitest@${VITEST}`);
cpSync(`${root}/examples/vitest`, vitest, { recursive: true });
await results.check('projects', `Vitest ${VITEST}, as in docs/testing.md`, '', () =>
  run(vitest, process.execPath, ['node_modules/vitest/vitest.mjs', 'run']),
);

for (const entry of entries) {
  const mayNeedNode = !FOR_THE_EDGE.includes(entry);
  await results.check('entries', entry, 'edge', () => bundle(plain, `export * from '${entry}'`), mayNeedNode);
}
for (const each of published) {
  const peers = Object.keys(each.manifest.peerDependencies ?? {});
  for (const { specifier, code } of each.entries) {
    const weight = await weightOf(`${root}/${each.folder}/${code}`, peers);
    await results.check('entries', specifier, 'weight', () => checkWeight(specifier, weight));
    results.note('figures', specifier, 'gzipped, bytes', weight.gzipped);
    results.note('figures', specifier, 'with what is loaded later', weight.gzippedWithLater);
  }
}
for (const times of importTimes(
  plain,
  entries.map((entry) => [entry, LOADED_BEFORE[entry]]),
)) {
  for (const format of Object.keys(FORMATS))
    results.note('figures', times.name, `${format}, ms`, times[format].toFixed(1));
}
bring(plain, 'edge.js');
await results.check('projects', 'a bundle for the edge, without Node', '', async () => {
  const { calls } = runAtTheEdge(await bundle(plain, "export * from './edge.js'"));
  assert.deepEqual(JSON.parse(JSON.stringify(await calls(platformStandIn))), {
    statuses: [200, 200],
    refused: 'invalid_client',
  });
});

console.log(`\n${results}\n`);
if (process.argv.includes('--keep')) console.log(`The projects are in ${folder}`);
else rmSync(folder, { recursive: true, force: true });
process.exitCode = results.failed ? 1 : 0;

async function platformStandIn(input, init) {
  const { url, headers, body } = typeof input === 'object' && 'url' in input ? input : { url: String(input), ...init };
  if (!url.endsWith('/connect/token')) {
    const authorization = new Headers(init?.headers ?? headers).get('authorization');
    return new Response('{}', { status: authorization === 'Bearer invented-token' ? 200 : 403 });
  }
  return String(body).includes('client_id=nobody')
    ? Response.json({ error: 'invalid_client' }, { status: 400 })
    : Response.json({ access_token: 'invented-token', token_type: 'Bearer', expires_in: 3600 });
}
