// dist/esm and dist/cjs of every package: types by tsc, code by esbuild, one file for one file. oauth4webapi comes as
// ES modules only and would break CommonJS users, so it is the one thing that is inlined.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { root } from './pnpm.mjs';

const packages = readdirSync(`${root}/packages`).filter(
  (name) => !JSON.parse(readFileSync(`${root}/packages/${name}/package.json`, 'utf8')).private,
);

const isOurs = (file) => file.startsWith(`${root.replaceAll('\\', '/')}packages/`) && !file.includes('/node_modules/');

// Not the option `external: ['./*']`, which also takes what it finds below this folder: node_modules.
const oneFileForOneFile = {
  name: 'one file for one file',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, importer }) =>
      isOurs(importer.replaceAll('\\', '/')) ? { path, external: true } : undefined,
    );
  },
};

for (const name of packages) {
  rmSync(`${root}/packages/${name}/dist`, { recursive: true, force: true });
  rmSync(`${root}/packages/${name}/node_modules/.cache`, { recursive: true, force: true });
}
const tsc = spawnSync(
  process.execPath,
  [`${root}/node_modules/typescript/bin/tsc`, '-b', ...packages.map((name) => `packages/${name}`)],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

for (const name of packages) {
  const folder = `${root}/packages/${name}`;
  const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const sources = readdirSync(`${folder}/src`).map((file) => `${folder}/src/${file}`);
  for (const format of ['esm', 'cjs']) {
    const { metafile } = await build({
      metafile: true,
      entryPoints: sources,
      outdir: `${folder}/dist/${format}`,
      format,
      target: 'es2022',
      platform: 'neutral',
      // CommonJS that is run by Jest has no import(): there it becomes a require.
      supported: { 'dynamic-import': format === 'esm' },
      bundle: true,
      external: [
        'node:*',
        ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).flatMap((dependency) => [
          dependency,
          `${dependency}/*`,
        ]),
      ],
      plugins: [oneFileForOneFile],
      legalComments: 'inline',
      logLevel: 'warning',
    });
    // Two copies have two sets of error classes, and `instanceof` knows one of them.
    const copies = Object.values(metafile.outputs).filter(({ inputs }) =>
      Object.keys(inputs).some((path) => path.includes('node_modules')),
    );
    if (copies.length > 1)
      throw new Error(`${name} inlines a dependency into ${copies.length} files: import it in one`);
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
    const strays = imports.filter((path) => path.includes('node_modules'));
    if (strays.length > 0) throw new Error(`${name} imports what its tarball will not have: ${strays}`);
  }
  if (manifest.devDependencies?.oauth4webapi) {
    copyFileSync(`${folder}/node_modules/oauth4webapi/LICENSE.md`, `${folder}/dist/oauth4webapi-LICENSE.md`);
  }
  writeFileSync(`${folder}/dist/cjs/package.json`, '{ "type": "commonjs" }\n');
  for (const file of readdirSync(`${folder}/dist/esm`)) {
    if (file.endsWith('.d.ts')) copyFileSync(`${folder}/dist/esm/${file}`, `${folder}/dist/cjs/${file}`);
  }
}
