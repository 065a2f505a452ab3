import { readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { root } from '../workspace.cjs';
import { settingsFor } from './settings.mjs';

/** Writes all code of a package in one format: `code.js`, the thin entries into it, and the entries apart. */
export async function writeCode({ folder, manifest }, { main, apart, code, shared, exportsOf }, format) {
  const out = `dist/${format}`;
  const settings = { ...settingsFor(folder, manifest, format), sourcemap: true };
  const sources = [...new Set([...main.map((name) => `src/${name}.ts`), ...shared])];
  await write({
    ...settings,
    stdin: {
      contents: sources.map((file) => `export * from './${file}';\n`).join(''),
      resolveDir: `${root}/${folder}`,
    },
    outfile: `${out}/code.js`,
  });
  for (const name of main) {
    writeFileSync(`${root}/${folder}/${out}/${name}.js`, thinEntry(exportsOf.get(name), format));
  }
  for (const name of apart) {
    const path = `${'../'.repeat(name.split('/').length - 1) || './'}code.js`;
    await write({
      ...settings,
      entryPoints: [`src/${name}.ts`],
      outfile: `${out}/${name}.js`,
      plugins: [...settings.plugins, fromCode(code, path)],
    });
  }
}

/** Imports of what is in the code lead to `code.js`. */
function fromCode(code, path) {
  return {
    name: 'from the code',
    setup({ onResolve, resolve, initialOptions: { absWorkingDir } }) {
      onResolve({ filter: /^\.\.?\// }, async ({ path: wanted, pluginData, ...from }) => {
        if (pluginData === fromCode) return undefined;
        const { kind, importer, resolveDir } = from;
        const found = await resolve(wanted, { kind, importer, resolveDir, pluginData: fromCode });
        const file = found.path.slice(absWorkingDir.length + 1).replaceAll('\\', '/');
        return code.has(file) ? { path, external: true, sideEffects: false } : found;
      });
    },
  };
}

// Node finds the names in CommonJS for an `import` only if each is assigned like this.
function thinEntry(names, format) {
  if (format === 'esm') return `export { ${names.join(', ')} } from './code.js';\n`;
  const lines = names.map((name) => `exports.${name} = code.${name};\n`);
  return `'use strict';\nObject.defineProperty(exports, '__esModule', { value: true });\nconst code = require('./code.js');\n${lines.join('')}`;
}

async function write(options) {
  await build(options);
  const map = `${options.absWorkingDir}/${options.outfile}.map`;
  const { sources, sourcesContent, ...rest } = JSON.parse(readFileSync(map, 'utf8'));
  // Our sources are in the tarball, once for both formats and for the types. What is inlined is only here.
  const contents = sources.map((file, nth) => (file.startsWith('../') ? null : sourcesContent[nth]));
  writeFileSync(map, JSON.stringify({ ...rest, sources, sourcesContent: contents }));
}
