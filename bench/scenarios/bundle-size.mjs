import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { published, root } from '../../scripts/workspace.cjs';
import { number } from '../report/number.mjs';

/** How much each published package adds to an application. */
export const bundleSize = {
  id: 'bundle-size',
  title: 'Bundle size',
  about: [
    'Every entry of every published package, bundled and minified by esbuild for Node.js and gzipped. With all: everything inlined except the',
    'HTTP client itself, and what is loaded only when it is used, such as the signing with a client key. Alone: also without',
    '`@open-banking-auth/core`. oauth4webapi: its share of the first column, before gzip.',
  ],
  columns: [
    ['with all, bytes', ({ withAll }) => number(withAll.gzipped)],
    ['alone, bytes', ({ alone }) => number(alone.gzipped)],
    ['before gzip, bytes', ({ withAll }) => number(withAll.minified)],
    ['of which oauth4webapi', ({ withAll }) => number(withAll.oauth)],
  ],

  async run() {
    const rows = [];
    for (const { folder, manifest, entries } of published) {
      const clients = Object.keys(manifest.peerDependencies ?? {});
      for (const { specifier, code } of entries) {
        const file = `${root}/${folder}/${code}`;
        rows.push({
          name: specifier,
          withAll: await bundled(file, clients),
          alone: await bundled(file, [...clients, '@open-banking-auth/*']),
        });
      }
    }
    return rows;
  },
};

const withoutWhatIsLoadedLater = {
  name: 'without what is loaded later',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};

async function bundled(file, external) {
  const { outputFiles, metafile } = await build({
    entryPoints: [file],
    bundle: true,
    metafile: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    external,
    plugins: [withoutWhatIsLoadedLater],
    legalComments: 'none',
    logLevel: 'error',
  });
  const [{ contents }] = outputFiles;
  const [{ inputs }] = Object.values(metafile.outputs);
  // The build of core inlines oauth4webapi into one file that contains nothing else.
  const oauth =
    Object.entries(inputs).find(([path]) => /core\/dist\/esm\/(?:.+\/)?oauth\.js$/.test(path))?.[1].bytesInOutput ?? 0;
  return { minified: contents.length, gzipped: gzipSync(contents, { level: 9 }).length, oauth };
}
