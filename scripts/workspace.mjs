// What is in this repository: the one list of its packages that all scripts read. Nothing but Node's own modules is
// imported here, so that it works before anything is installed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

export const root = dirname(import.meta.dirname);

/** The content of a JSON file, by its path from the root. */
export const readJson = (file) => JSON.parse(readFileSync(`${root}/${file}`, 'utf8'));

/** Each with its folder (from the root), its package.json, and its entries: those of "exports" that are code. */
export const packages = readdirSync(`${root}/packages`)
  .map((name) => `packages/${name}`)
  // After a change of branches an empty folder can be left, or one with node_modules alone.
  .filter((folder) => existsSync(`${root}/${folder}/package.json`))
  .map((folder) => {
    const manifest = readJson(`${folder}/package.json`);
    return { folder, manifest, entries: entriesOf(manifest) };
  });

/** Those that go to the registry, each with the name of its file in artifacts/. */
export const published = packages
  .filter(({ manifest }) => !manifest.private)
  .map((each) => ({ ...each, tarball: `${root}/artifacts/${tarballOf(each.manifest)}` }));

/** What can be imported from a package: specifier, and types from the package's folder. */
export function entriesOf({ name, exports = {} }) {
  return Object.entries(exports)
    .filter(([, { import: esm }]) => esm)
    .map(([subpath, { import: esm }]) => ({ specifier: name + subpath.slice(1), types: esm.types }));
}

function tarballOf({ name, version }) {
  return `${name.slice(1).replace('/', '-')}-${version}.tgz`;
}
