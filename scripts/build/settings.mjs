import { build } from 'esbuild';
import { pageAsset } from '../page-asset.mjs';
import { root } from '../workspace.cjs';

/** What every call of esbuild has in common. Paths are relative to the folder of the package. */
export function settingsFor(folder, { dependencies, peerDependencies }, format) {
  const others = Object.keys({ ...dependencies, ...peerDependencies });
  return {
    absWorkingDir: `${root}/${folder}`,
    format,
    target: 'es2022',
    platform: 'neutral',
    // Jest cannot run import() in CommonJS, so there it becomes require().
    supported: { 'dynamic-import': format === 'esm' },
    bundle: true,
    external: ['node:*', ...others.flatMap((name) => [name, `${name}/*`])],
    plugins: [inlined],
    // The only package with a part for the browser.
    define: folder.endsWith('/sandbox') ? { PAGE_ASSET: JSON.stringify(pageAsset()) } : {},
    legalComments: 'inline',
    logLevel: 'warning',
    // Types alone, for the augmentation of axios.
    logOverride: { 'ignored-bare-import': 'silent' },
  };
}

/**
 * oauth4webapi is published as ES modules alone, which would break CommonJS users. Only what is used of it is inlined, so
 * that the source map does not contain the rest either.
 */
const inlined = {
  name: 'oauth4webapi',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^oauth4webapi$/ }, ({ path, importer }) => ({
      path,
      namespace: 'inlined',
      pluginData: importer,
    }));
    onLoad({ filter: /.*/, namespace: 'inlined' }, async ({ pluginData: importer }) => {
      const { outputFiles } = await build({
        entryPoints: [importer],
        bundle: true,
        write: false,
        format: 'esm',
        target: 'es2022',
        legalComments: 'inline',
      });
      return { contents: outputFiles[0].text, loader: 'js' };
    });
  },
};
