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
  const lines = [
    ...entries.map((file) => `export * from './${file}';\n`),
    ...[...shared].map(([file, names]) => `export { ${[...names].sort().join(', ')} } from './${file}';\n`),
  ];
  return {
    ...settings,
    stdin: { contents: lines.join(''), resolveDir: settings.absWorkingDir },
    plugins: [...settings.plugins, fromOtherFiles(fileOf, name, pathTo)],
  };
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
