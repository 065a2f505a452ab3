// A pnpmfile used for packing only: adds to every published package.json what is not written in it by hand. The address of
// the repository comes from "repository" in the root package.json; npm's provenance check requires it to be right.
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

/** For `moduleResolution: node`, still common in CommonJS projects with TypeScript 5, which does not read "exports". */
function typesVersions(exports) {
  const subpaths = Object.entries(exports).filter(([subpath, { require }]) => subpath !== '.' && require);
  if (subpaths.length === 0) return {};
  const types = subpaths.map(([subpath, { require }]) => [subpath.slice(2), [require.types]]);
  return { typesVersions: { '*': Object.fromEntries(types) } };
}
