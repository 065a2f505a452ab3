import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * The most that each entry may weigh: bytes, bundled with all of our code but without the HTTP client, minified, gzipped. First what is
 * loaded with the entry, then that with what is loaded later, in one bundle. A little above what it weighs, so that whoever adds to
 * it notices.
 */
const LIMITS = {
  '@open-banking-auth/axios': [22_200, 38_600],
  '@open-banking-auth/axios/auth-refresh': [22_500, 38_900],
  '@open-banking-auth/core': [18_500, 34_600],
  '@open-banking-auth/core/client': [18_900, 34_600],
  '@open-banking-auth/core/node': [6_600, 6_700],
  '@open-banking-auth/core/store-contract': [2_500, 2_500],
  '@open-banking-auth/ky': [19_300, 35_400],
  '@open-banking-auth/redis': [2_200, 2_200],
  '@open-banking-auth/sandbox': [27_200, 27_300],
};

/** @throws Error if an entry weighs more than it may. */
export function checkWeight(entry, { gzipped, gzippedWithLater }) {
  const [most, mostWithLater] = LIMITS[entry] ?? [];
  if (!(gzipped <= most && gzippedWithLater <= mostWithLater))
    throw new Error(
      `${gzipped} bytes, and ${gzippedWithLater} with what is loaded later: more than the ${most} and ${mostWithLater} in scripts/pack-check/weight.mjs`,
    );
}

const withoutWhatIsLoadedLater = {
  name: 'without what is loaded later',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};

/** What an entry adds to an application that is bundled for Node, in bytes. @param external What is not counted. */
export async function weightOf(file, external) {
  const atOnce = await bundled(file, external, [withoutWhatIsLoadedLater]);
  const withLater = await bundled(file, external, []);
  const { minified, gzipped, inputs } = atOnce;
  return { minified, gzipped, inputs, gzippedWithLater: withLater.gzipped, inputsWithLater: withLater.inputs };
}

async function bundled(file, external, plugins) {
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
    plugins,
    legalComments: 'none',
    logLevel: 'error',
  });
  const [{ contents }] = outputFiles;
  const [{ inputs }] = Object.values(metafile.outputs);
  return { minified: contents.length, gzipped: gzipSync(contents, { level: 9 }).length, inputs };
}
