// The one list of this repository's packages, read by every script, by the tests and by jest.config.ts. It is CommonJS
// because jest.config.ts cannot import an ES module, and it imports nothing that has to be installed first.
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { dirname } = require('node:path');

const root = dirname(__dirname);

/** The content of a JSON file, by its path from the root. */
const readJson = (file) => JSON.parse(readFileSync(`${root}/${file}`, 'utf8'));

/** What can be imported from a package, with paths within it: ES module, its types, and the source of both. */
const entriesOf = ({ name, exports = {} }) =>
  Object.entries(exports)
    // Neither package.json, nor the sources that a private package shares with tests.
    .filter(([, conditions]) => conditions.import)
    .map(([subpath, conditions]) => ({
      specifier: name + subpath.slice(1),
      code: conditions.import.default,
      types: conditions.import.types,
      source: `src/${subpath === '.' ? 'index' : subpath.slice(2)}.ts`,
    }));

/** Every package, with its folder (from the root), its package.json and its entries. */
const packages = readdirSync(`${root}/packages`)
  .map((name) => `packages/${name}`)
  // Switching branches can leave a folder behind that holds node_modules alone.
  .filter((folder) => existsSync(`${root}/${folder}/package.json`))
  .map((folder) => {
    const manifest = readJson(`${folder}/package.json`);
    return { folder, manifest, entries: entriesOf(manifest) };
  });

/** The packages that go to the registry, each with the path of its tarball. */
const published = packages
  .filter(({ manifest }) => !manifest.private)
  .map((each) => {
    const { name, version } = each.manifest;
    return { ...each, tarball: `${root}/artifacts/${name.slice(1).replace('/', '-')}-${version}.tgz` };
  });

module.exports = { entriesOf, packages, published, readJson, root };
