import { build } from 'esbuild';
import { settingsFor } from './settings.mjs';

/**
 * What esbuild needs to make one published file.
 *
 * @param file As {@link planOf} returns it.
 * @param pathTo The import path, given a source file: of its own entry, or of the published file named as second argument.
 */
export function settingsForFile({ folder, manifest }, format, { name, entries, shared }, fileOf, pathTo) {
  const settings = settingsFor(folder, manifest, format);
  const contents = format === 'esm' ? exportsOfModule(entries, shared) : exportsOfCommonJs([...entries, ...shared]);
  return {
    ...settings,
    stdin: { contents: contents.join('\n'), resolveDir: settings.absWorkingDir },
    plugins: [...settings.plugins, fromOtherFiles(fileOf, name, pathTo)],
  };
}

function exportsOfModule(entries, shared) {
  return [
    ...[...entries.keys()].map((source) => `export * from './${source}';`),
    ...[...shared].map(([source, names]) => `export { ${[...names].sort().join(', ')} } from './${source}';`),
  ];
}

/**
 * Assigned one by one: Node finds the names for an `import` only if they are, and esbuild's own way, a getter for each and a copy of it,
 * is a tenth of the time that loading core takes.
 */
function exportsOfCommonJs(sources) {
  return sources
    .flatMap(([source, names], nth) => [
      `import * as source${nth} from './${source}';`,
      ...[...names].sort().map((name) => `exports.${name} = source${nth}.${name};`),
    ])
    .concat(`Object.defineProperty(exports, '__esModule', { value: true });`);
}

/** What a published file imports from others, as `[path, names]`. @param settings For ES modules. */
export async function importedNames(settings) {
  const { outputFiles } = await build({ ...settings, write: false });
  const imports = outputFiles[0].text.matchAll(/^import \{([^}]*)\} from "([^"]*)";$/gm);
  return [...imports].map(([, names, path]) => [path, names.split(',').map((name) => name.trim().split(' as ')[0])]);
}

/** Imports of what is in another published file lead there, and so do those of what is loaded later. */
function fromOtherFiles(fileOf, name, pathTo) {
  const own = Symbol('resolved by esbuild');
  return {
    name: 'from other files',
    setup({ onResolve, resolve, initialOptions: { absWorkingDir } }) {
      onResolve({ filter: /^\.\.?\// }, async ({ path: wanted, pluginData, kind, importer, resolveDir }) => {
        if (pluginData === own) return undefined;
        const found = await resolve(wanted, { kind, importer, resolveDir, pluginData: own });
        const file = found.path.slice(absWorkingDir.length + 1).replaceAll('\\', '/');
        // What is loaded later is an entry of its own, if only a thin one.
        if (kind === 'dynamic-import') return { path: pathTo(file), external: true };
        const owner = fileOf.get(file);
        return owner === undefined || owner === name
          ? found
          : { path: pathTo(file, owner), external: true, sideEffects: false };
      });
    },
  };
}
