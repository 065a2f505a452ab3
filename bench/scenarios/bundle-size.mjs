import { weightOf } from '../../scripts/pack-check/weight.mjs';
import { published, root } from '../../scripts/workspace.cjs';
import { number } from '../report/number.mjs';

/** How much each published package adds to an application. */
export const bundleSize = {
  id: 'bundle-size',
  title: 'Bundle size',
  about: [
    'Every entry of every published package, bundled and minified by esbuild for Node.js and gzipped, without the HTTP client itself. At once:',
    'what is loaded with the entry. With later: also what is loaded after the first source is created, for a store or for a client key, in one bundle.',
    'Alone: at once, also without `@open-banking-auth/core`. oauth4webapi: its share of what is loaded later, before gzip.',
  ],
  columns: [
    ['at once, bytes', ({ withAll }) => number(withAll.gzipped)],
    ['with later, bytes', ({ withAll }) => number(withAll.gzippedWithLater)],
    ['alone, bytes', ({ alone }) => number(alone.gzipped)],
    ['at once before gzip, bytes', ({ withAll }) => number(withAll.minified)],
    ['of which oauth4webapi', ({ withAll }) => number(withAll.oauth)],
  ],

  async run() {
    const rows = [];
    for (const { folder, manifest, entries } of published) {
      const clients = Object.keys(manifest.peerDependencies ?? {});
      for (const entry of entries) {
        rows.push({
          name: entry.specifier,
          withAll: await bundled(folder, entry, clients),
          alone: await bundled(folder, entry, [...clients, '@open-banking-auth/*']),
        });
      }
    }
    return rows;
  },
};

async function bundled(folder, { code, source }, external) {
  const { minified, gzipped, gzippedWithLater } = await weightOf(`${root}/${folder}/${code}`, external);
  // The published file no longer shows what it was made of.
  const { inputsWithLater } = await weightOf(`${root}/${folder}/${source}`, external);
  const oauth = Object.entries(inputsWithLater).find(([path]) => path.includes('/node_modules/oauth4webapi/'))?.[1];
  return { minified, gzipped, gzippedWithLater, oauth: oauth?.bytesInOutput };
}
