// Builds dist/esm and dist/cjs of every published package: tsc writes the types, esbuild the code, one output file per
// source file. Only oauth4webapi is inlined: it is published as ES modules alone, which would break CommonJS users.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { pageAsset } from './page-asset.mjs';
import { published, root } from './workspace.cjs';

const isOurs = (file) => file.startsWith(`${root.replaceAll('\\', '/')}/packages/`) && !file.includes('/node_modules/');

// The option `external: ['./*']` will not do: it also matches what it finds in node_modules below this folder.
const oneOutputPerSource = {
  name: 'one output file per source file',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, importer }) =>
      isOurs(importer.replaceAll('\\', '/')) ? { path, external: true } : undefined,
    );
  },
};

for (const { folder } of published) {
  rmSync(`${root}/${folder}/dist`, { recursive: true, force: true });
  rmSync(`${root}/${folder}/node_modules/.cache`, { recursive: true, force: true });
}
const tsc = spawnSync(
  process.execPath,
  [`${root}/node_modules/typescript/bin/tsc`, '-b', ...published.map(({ folder }) => folder)],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

for (const { folder: path, manifest } of published) {
  const folder = `${root}/${path}`;
  const sources = readdirSync(`${folder}/src`, { recursive: true }).filter((file) => file.endsWith('.ts'));
  for (const format of ['esm', 'cjs']) {
    const { metafile } = await build({
      metafile: true,
      entryPoints: sources.map((file) => `${folder}/src/${file}`),
      outbase: `${folder}/src`,
      outdir: `${folder}/dist/${format}`,
      format,
      target: 'es2022',
      platform: 'neutral',
      // Jest cannot run import() in CommonJS, so there it becomes require().
      supported: { 'dynamic-import': format === 'esm' },
      bundle: true,
      external: [
        'node:*',
        ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).flatMap((dependency) => [
          dependency,
          `${dependency}/*`,
        ]),
      ],
      plugins: [oneOutputPerSource],
      define: { PAGE_ASSET: JSON.stringify(pageAsset()) },
      legalComments: 'inline',
      logLevel: 'warning',
    });
    // Two copies would have two sets of error classes, and `instanceof` would recognize only one of them.
    const copies = Object.values(metafile.outputs).filter(({ inputs }) =>
      Object.keys(inputs).some((path) => path.includes('node_modules')),
    );
    if (copies.length > 1)
      throw new Error(`${path} inlines a dependency into ${copies.length} files: import it in only one of them`);
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
    const strays = imports.filter((path) => path.includes('node_modules'));
    if (strays.length > 0) throw new Error(`${path} imports files that will not be in its tarball: ${strays}`);
  }
  if (manifest.devDependencies?.oauth4webapi) {
    copyFileSync(`${folder}/node_modules/oauth4webapi/LICENSE.md`, `${folder}/dist/oauth4webapi-LICENSE.md`);
  }
  writeFileSync(`${folder}/dist/cjs/package.json`, '{ "type": "commonjs" }\n');
  const isTypes = (file) => statSync(file).isDirectory() || file.endsWith('.d.ts');
  cpSync(`${folder}/dist/esm`, `${folder}/dist/cjs`, { recursive: true, filter: isTypes });
}
