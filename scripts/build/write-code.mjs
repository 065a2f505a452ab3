import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { build } from 'esbuild';
import { root } from '../workspace.cjs';
import { CODE } from './plan.mjs';
import { settingsFor } from './settings.mjs';

/** Writes all code of a package in one format: `code.js`, the thin entries into it, and the entries apart. */
export async function writeCode({ folder, manifest }, { main, thin, apart, fileOf, sharedBy, exportsOf }, format) {
  const out = `dist/${format}`;
  const settings = { ...settingsFor(folder, manifest, format), sourcemap: true };
  for (const name of thin) {
    mkdirSync(dirname(`${root}/${folder}/${out}/${name}`), { recursive: true });
    writeFileSync(
      `${root}/${folder}/${out}/${name}.js`,
      thinEntry(exportsOf.get(name), `${topOf(name)}${CODE}.js`, format),
    );
  }
  for (const name of [CODE, ...apart]) {
    const entries = name === CODE ? main : [name];
    const sources = new Set([...entries.map((entry) => `src/${entry}.ts`), ...[...sharedBy.get(name)].sort()]);
    await write({
      ...settings,
      stdin: {
        contents: [...sources].map((file) => `export * from './${file}';\n`).join(''),
        resolveDir: `${root}/${folder}`,
      },
      outfile: `${out}/${name}.js`,
      plugins: [...settings.plugins, fromOtherFiles(fileOf, name)],
    });
  }
}

/** Imports of what is in another published file lead there, and so do those of what is loaded later. */
function fromOtherFiles(fileOf, name) {
  const own = Symbol('resolved by esbuild');
  const top = topOf(name);
  return {
    name: 'from other files',
    setup({ onResolve, resolve, initialOptions: { absWorkingDir } }) {
      onResolve({ filter: /^\.\.?\// }, async ({ path: wanted, pluginData, kind, importer, resolveDir }) => {
        if (pluginData === own) return undefined;
        const found = await resolve(wanted, { kind, importer, resolveDir, pluginData: own });
        const file = found.path.slice(absWorkingDir.length + 1).replaceAll('\\', '/');
        if (kind === 'dynamic-import')
          return { path: top + file.slice('src/'.length).replace(/\.ts$/, '.js'), external: true };
        const owner = fileOf.get(file);
        return owner === undefined || owner === name
          ? found
          : { path: `${top}${owner}.js`, external: true, sideEffects: false };
      });
    },
  };
}

/** The way from a file to where `code.js` is. */
function topOf(name) {
  return '../'.repeat(name.split('/').length - 1) || './';
}

// Node finds the names in CommonJS for an `import` only if each is assigned like this.
function thinEntry(names, code, format) {
  if (format === 'esm') return `export { ${names.join(', ')} } from '${code}';\n`;
  const lines = names.map((name) => `exports.${name} = code.${name};\n`);
  return `'use strict';\nObject.defineProperty(exports, '__esModule', { value: true });\nconst code = require('${code}');\n${lines.join('')}`;
}

async function write(options) {
  await build(options);
  const map = `${options.absWorkingDir}/${options.outfile}.map`;
  const { sources, sourcesContent, ...rest } = JSON.parse(readFileSync(map, 'utf8'));
  // Our sources are in the tarball, once for both formats and for the types. What is inlined is only here.
  const contents = sources.map((file, nth) => (file.startsWith('../') ? null : sourcesContent[nth]));
  writeFileSync(map, JSON.stringify({ ...rest, sources, sourcesContent: contents }));
}
