import { resolve } from 'node:path';
import { sourcesOfEntries } from '@open-banking-auth/test-kit/entries';
import { build } from 'esbuild';

/** The command line as one file that Node runs in a process of its own: only there can signals and exit codes be seen. */
export async function buildCommandLine(outfile: string): Promise<void> {
  await build({
    stdin: {
      contents: "import { main } from './src/command-line/bin.js'; main('1.2.3');",
      resolveDir: resolve(__dirname, '..'),
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: sourcesOfEntries(),
    external: ['undici'],
    logLevel: 'silent',
  });
}
