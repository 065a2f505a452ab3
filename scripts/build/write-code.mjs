import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { build } from 'esbuild';
import { root } from '../workspace.cjs';
import { settingsForFile } from './published-file.mjs';

/** Writes all code of a package in one format: the files that hold it, and the thin entries into the first of them. */
export async function writeCode(each, { files, fileOf, thin, exportsOf }, format) {
  const { folder } = each;
  const out = `dist/${format}`;
  for (const name of thin) {
    mkdirSync(dirname(`${root}/${folder}/${out}/${name}`), { recursive: true });
    writeFileSync(
      `${root}/${folder}/${out}/${name}.js`,
      thinEntry(exportsOf.get(name), `${topOf(name)}${files[0].name}.js`, format),
    );
  }
  for (const file of files) {
    const { name } = file;
    const pathTo = (source, owner) => `${topOf(name)}${owner ?? source.slice('src/'.length, -'.ts'.length)}.js`;
    await write({
      ...settingsForFile(each, format, file, fileOf, pathTo),
      sourcemap: true,
      outfile: `${out}/${name}.js`,
    });
  }
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
