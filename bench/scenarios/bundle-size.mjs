import { weightOf } from '../../scripts/pack-check/weight.mjs';
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
  const { minified, gzipped } = await weightOf(`${root}/${folder}/${code}`, external);
  // The published file no longer shows what it was made of.
  const { inputs } = await weightOf(`${root}/${folder}/${source}`, external);
  const oauth = Object.entries(inputs).find(([path]) => path.includes('/node_modules/oauth4webapi/'))?.[1];
  return { minified, gzipped, oauth: oauth?.bytesInOutput };
}
