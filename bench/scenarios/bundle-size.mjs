import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What each published package adds to an application. */
export const bundleSize = {
  id: 'bundle-size',
  title: 'Bundle size',
  about: [
    'Every entry of every published package, bundled and minified by esbuild for Node.js and gzipped. With all: everything inlined but the',
    'HTTP client itself. Alone: without `@open-banking-auth/core` too.',
  ],

  async run() {
    const rows = [];
    for (const folder of readdirSync(`${root}/packages`)) {
      const manifest = JSON.parse(readFileSync(`${root}/packages/${folder}/package.json`, 'utf8'));
      if (manifest.private) continue;
      const clients = Object.keys(manifest.peerDependencies ?? {});
      for (const [entry, conditions] of Object.entries(manifest.exports)) {
        if (entry === './package.json') continue;
        const file = `${root}/packages/${folder}/${conditions.import.default}`;
        rows.push({
          name: manifest.name + entry.slice(1),
          withAllBytes: await bundledBytes(file, clients),
          aloneBytes: await bundledBytes(file, [...clients, '@open-banking-auth/*']),
        });
      }
    }
    return { rows };
  },
};

async function bundledBytes(file, external) {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    external,
    legalComments: 'none',
    logLevel: 'error',
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}
