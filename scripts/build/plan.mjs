// Which source file of a package goes into which published file.
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { root } from '../workspace.cjs';
import { settingsFor } from './settings.mjs';

/** These entries become one file, `code.js`. Every other is apart: it may need Node or an optional peer, and is seldom loaded. */
const IN_CODE = ['index', 'client'];

/**
 * Nothing may exist twice: two copies would have two sets of classes and symbols. So an entry apart holds only what the
 * code does not, and imports the rest from there.
 *
 * @returns the source files of the code, those of them that entries apart import, and every entry with what it exports.
 */
export async function planOf(each) {
  const { folder, manifest, entries } = each;
  const names = [...entries.map(({ source }) => source.slice('src/'.length, -'.ts'.length)), ...binsOf(each)];
  const { metafile } = await build({
    ...settingsFor(folder, manifest, 'esm'),
    entryPoints: names.map((name) => `src/${name}.ts`),
    outdir: 'unused',
    write: false,
    metafile: true,
  });
  const exportsOf = new Map(
    Object.values(metafile.outputs).map(({ entryPoint, exports }) => [nameOf(entryPoint), exports]),
  );
  const reached = (some) =>
    reachedFrom(
      some.map((name) => `src/${name}.ts`),
      metafile.inputs,
    );

  const main = names.filter((name) => IN_CODE.includes(name));
  const apart = names.filter((name) => !IN_CODE.includes(name));
  const code = reached(main);
  const shared = new Set();
  const claimed = new Map();
  for (const name of apart) {
    for (const file of reached([name])) {
      if (code.has(file)) continue;
      if (claimed.has(file))
        throw new Error(
          `${folder}: ${file} would be in ${claimed.get(file)} and in ${name}. Import it in the code too`,
        );
      claimed.set(file, name);
      for (const { path } of metafile.inputs[file].imports) if (code.has(path)) shared.add(path);
    }
  }
  return { main, apart, code, shared: [...shared].sort(), exportsOf };
}

/** A bin is a file of its own, because package managers link it before anything is built. It imports one of ours. */
function binsOf({ folder, manifest }) {
  return Object.values(manifest.bin ?? {}).map((file) => {
    const [, name] = /'\.\.\/dist\/esm\/(.+)\.js'/.exec(readFileSync(`${root}/${folder}/${file}`, 'utf8'));
    return name;
  });
}

function nameOf(file) {
  return file.slice('src/'.length, -'.ts'.length);
}

function reachedFrom(files, inputs, seen = new Set()) {
  for (const file of files) {
    if (seen.has(file)) continue;
    seen.add(file);
    reachedFrom(
      inputs[file].imports.filter(({ external }) => !external).map(({ path }) => path),
      inputs,
      seen,
    );
  }
  return seen;
}
