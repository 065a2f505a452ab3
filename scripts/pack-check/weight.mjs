import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * The most that each entry may weigh: bytes, bundled with all of our code but without the HTTP client, minified, gzipped.
 * A little above what it weighs, so that whoever adds to it notices.
 */
const LIMITS = {
  '@open-banking-auth/axios': 31_000,
  '@open-banking-auth/axios/auth-refresh': 31_500,
  '@open-banking-auth/core': 28_000,
  '@open-banking-auth/core/client': 28_000,
  '@open-banking-auth/core/node': 7_500,
  '@open-banking-auth/core/store-contract': 3_500,
  '@open-banking-auth/ky': 29_000,
  '@open-banking-auth/redis': 3_000,
  '@open-banking-auth/sandbox': 14_000,
};

/** @throws Error if an entry weighs more than it may. */
export function checkWeight(entry, gzipped) {
  const most = LIMITS[entry];
  if (!(gzipped <= most)) throw new Error(`${gzipped} bytes, more than the ${most} in scripts/pack-check/weight.mjs`);
}

/** What an entry adds to an application that is bundled for Node, in bytes. @param external What is not counted. */
export async function weightOf(file, external) {
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
    legalComments: 'none',
    logLevel: 'error',
  });
  const [{ contents }] = outputFiles;
  const [{ inputs }] = Object.values(metafile.outputs);
  return { minified: contents.length, gzipped: gzipSync(contents, { level: 9 }).length, inputs };
}
