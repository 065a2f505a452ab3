import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { aliasesOfEntries } from '@open-banking-auth/test-kit/entries';
import { type BuildOptions, build } from 'esbuild';

const examples = resolve(__dirname, '..');
const built = process.env.TEST_BUILT === 'true';
const { dependencies } = JSON.parse(readFileSync(`${examples}/package.json`, 'utf8'));

/**
 * Bundles a program of this folder for Node, next to the examples' node_modules, where its packages resolve as they do for a
 * user.
 *
 * @returns the path of the bundle
 */
export async function bundle(name: string, source: Pick<BuildOptions, 'entryPoints' | 'stdin'>): Promise<string> {
  const outfile = `${examples}/dist/test/${name}.mjs`;
  await build({
    ...source,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    alias: aliasesOfEntries(),
    external: Object.keys(dependencies).filter((dependency) => built || !dependency.startsWith('@open-banking-auth/')),
  });
  return outfile;
}
