import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { aliasesOfEntries } from '@open-banking-auth/test-kit/entries';
import { type BuildOptions, build } from 'esbuild';

const examples = resolve(__dirname, '..');
const built = process.env.TEST_BUILT === 'true';
const { dependencies } = JSON.parse(readFileSync(`${examples}/package.json`, 'utf8'));

/** Next to the examples' node_modules, where the packages of a program resolve as they do for a user. */
const bundleOf = (name: string) => `${examples}/dist/test/${name}.mjs`;

/**
 * Bundles a program of this folder for Node.
 *
 * @returns the path of the bundle
 */
export async function bundle(name: string, stdin: NonNullable<BuildOptions['stdin']>): Promise<string> {
  await bundleAs({ stdin, outfile: bundleOf(name) });
  return bundleOf(name);
}

/**
 * Bundles the files of this folder, which are read once for all of them.
 *
 * @returns the path of the bundle of each
 */
export async function bundleFiles(files: Readonly<Record<string, string>>): Promise<typeof bundleOf> {
  await bundleAs({
    entryPoints: { ...files },
    outdir: dirname(bundleOf('any')),
    outExtension: { '.js': '.mjs' },
  });
  return bundleOf;
}

function bundleAs(options: BuildOptions): Promise<unknown> {
  return build({
    ...options,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    alias: aliasesOfEntries(),
    external: Object.keys(dependencies).filter((dependency) => built || !dependency.startsWith('@open-banking-auth/')),
  });
}
