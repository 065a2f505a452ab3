// Which source file of a package goes into which published file.
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { root } from '../workspace.cjs';
import { importedNames, settingsForFile } from './published-file.mjs';
import { settingsFor } from './settings.mjs';

/** These entries become one file. Every other is apart: it may need Node or an optional peer, and is seldom loaded. */
const IN_CODE = ['index', 'client'];

/**
 * Nothing may exist twice: two copies would have two sets of classes and symbols. So an entry apart holds only what the
 * code does not, and imports the rest from there; what is loaded later also from whatever has loaded it.
 *
 * @returns `files`: the published files that hold code, as `{ name, entries, shared }`: the source files of its entries, and those of
 * which others import something, each with the names. `fileOf`: the published file that each source file goes into. `thin`: the names of the
 * entries that export from the first of the files. `exportsOf`: what each of them exports.
 */
export async function planOf(each) {
  const { folder, entries } = each;
  const names = [...entries.map(({ source }) => source.slice('src/'.length, -'.ts'.length)), ...binsOf(each)];
  const entryPoints = names.map(sourceOf);
  const { metafile } = await survey(each, entryPoints);
  const { inputs } = metafile;
  const later = loadedLater(Object.keys(inputs), inputs);
  // Each file that is loaded takes time: where there is but one entry, that is the code. All others are thin, since importing the
  // code itself would keep bundlers from dropping any of it.
  const isOne = names.length === 1 && later.size === 0;
  const codeName = isOne ? names[0] : 'code';
  const { outputs } = later.size === 0 ? metafile : (await survey(each, [...entryPoints, ...later])).metafile;
  const exportsOf = new Map(Object.values(outputs).map(({ entryPoint, exports }) => [nameOf(entryPoint), exports]));

  const main = names.filter((name) => IN_CODE.includes(name));
  const fileOf = new Map([...reachedFrom(main.map(sourceOf), inputs)].map((file) => [file, codeName]));
  const apart = names.filter((name) => !IN_CODE.includes(name));
  const loadedBy = new Map(apart.map((name) => [name, [codeName, name]]));
  // Grows in the loop: what is loaded later can itself load something later.
  const waiting = [codeName, ...apart];
  for (const name of waiting) {
    if (name !== codeName) claim(folder, name, reachedFrom([sourceOf(name)], inputs), fileOf, loadedBy.get(name));
    const own = [...fileOf].filter(([, owner]) => owner === name).map(([file]) => file);
    for (const next of [...loadedLater(own, inputs)].filter((file) => !fileOf.has(file)).map(nameOf)) {
      if (loadedBy.has(next)) continue;
      loadedBy.set(next, [...(loadedBy.get(name) ?? [codeName]), next]);
      apart.push(next);
      waiting.push(next);
    }
  }

  const inCode = [...later].filter((file) => fileOf.get(file) === codeName);
  const code = newFile(codeName, main, exportsOf);
  for (const file of inCode) share(code, file, exportsOf.get(nameOf(file)));
  const files = [code, ...apart.map((name) => newFile(name, [name], exportsOf))];
  await findShared(each, files, fileOf);
  return { files, fileOf, thin: isOne ? [] : [...main, ...inCode.map(nameOf)], exportsOf };
}

function newFile(name, entries, exportsOf) {
  return { name, entries: new Map(entries.map((entry) => [sourceOf(entry), exportsOf.get(entry)])), shared: new Map() };
}

/** Fills in which names each file shares: what the others import from it, and nothing more. */
async function findShared(each, files, fileOf) {
  // Backwards, since what is imported from a file can make it import more from those before it.
  for (const importing of files.toReversed()) {
    const settings = settingsForFile(each, 'esm', importing, fileOf, (source) => source);
    for (const [path, names] of await importedNames(settings)) {
      const owner = files.find(({ name }) => name === fileOf.get(path));
      if (owner) share(owner, path, names);
    }
  }
}

function share({ shared }, source, names) {
  shared.set(source, new Set([...(shared.get(source) ?? []), ...names]));
}

function claim(folder, name, files, fileOf, loadedBy) {
  for (const file of files) {
    const owner = fileOf.get(file);
    if (owner === undefined) fileOf.set(file, name);
    else if (!loadedBy.includes(owner))
      throw new Error(`${folder}: ${file} would be in ${owner} and in ${name}. Import it in the code too`);
  }
}

function loadedLater(files, inputs) {
  return new Set(
    files.flatMap((file) =>
      inputs[file].imports
        .filter(({ kind, external }) => kind === 'dynamic-import' && !external)
        .map(({ path }) => path),
    ),
  );
}

function staticImports(file, inputs) {
  return inputs[file].imports
    .filter(({ external, kind }) => !external && kind !== 'dynamic-import')
    .map(({ path }) => path);
}

function survey({ folder, manifest }, entryPoints) {
  return build({
    ...settingsFor(folder, manifest, 'esm'),
    entryPoints,
    outdir: 'unused',
    outbase: 'src',
    write: false,
    metafile: true,
  });
}

/** A bin is a file of its own, because package managers link it before anything is built. It imports one of ours. */
function binsOf({ folder, manifest }) {
  return Object.values(manifest.bin ?? {}).map((file) => {
    const [, name] = /'\.\.\/dist\/esm\/(.+)\.js'/.exec(readFileSync(`${root}/${folder}/${file}`, 'utf8'));
    return name;
  });
}

function sourceOf(name) {
  return `src/${name}.ts`;
}

function nameOf(file) {
  return file.slice('src/'.length, -'.ts'.length);
}

function reachedFrom(files, inputs, seen = new Set()) {
  for (const file of files) {
    if (seen.has(file)) continue;
    seen.add(file);
    reachedFrom(staticImports(file, inputs), inputs, seen);
  }
  return seen;
}
