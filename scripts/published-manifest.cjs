// What every published package.json gets when it is packed (a pnpmfile, for packing alone). The address of the repository
// stands in one place, "repository" in the package.json at the root; provenance demands that it is right.
const { relative } = require('node:path');
const { readJson, root } = require('./workspace.cjs');

module.exports = {
  hooks: {
    beforePacking({ devDependencies: _, ...manifest }, folder) {
      return {
        ...manifest,
        ...addresses(relative(root, folder).replaceAll('\\', '/')),
        ...typesVersions(manifest.exports),
        publishConfig: { access: 'public', provenance: true },
      };
    },
  },
};

function addresses(directory) {
  const { repository } = readJson('package.json');
  if (!repository) return {};
  const { url } = repository;
  const page = url.replace(/^git\+/, '').replace(/\.git$/, '');
  return {
    repository: { type: 'git', url, directory },
    homepage: `${page}/tree/HEAD/${directory}#readme`,
    bugs: `${page}/issues`,
  };
}

/** `moduleResolution: node`, still the usual one in CommonJS projects of TypeScript 5, knows no "exports". */
function typesVersions(exports) {
  const subpaths = Object.entries(exports).filter(([subpath, { require }]) => subpath !== '.' && require);
  if (subpaths.length === 0) return {};
  const types = subpaths.map(([subpath, { require }]) => [subpath.slice(2), [require.types]]);
  return { typesVersions: { '*': Object.fromEntries(types) } };
}
