// The tools in scripts/package.json. Importing this file installs them, at the versions in the lockfile: they are large, and
// `npm test` needs none of them. They are programs to run with Node.
import { fileURLToPath } from 'node:url';
import { pnpm } from './pnpm.mjs';

pnpm('install', '--frozen-lockfile', '--prefer-offline', '--filter', '@open-banking-auth/release-tools');

export const publint = fileURLToPath(new URL('cli.js', import.meta.resolve('publint')));
export const attw = fileURLToPath(new URL('dist/index.js', import.meta.resolve('@arethetypeswrong/cli/package.json')));
// typedoc needs TypeScript's programming interface, which version 7 does not have: scripts/package.json has version 5.
export const typedoc = fileURLToPath(new URL('bin/typedoc', import.meta.resolve('typedoc/package.json')));
/** A plugin of typedoc. */
export const typedocMarkdown = fileURLToPath(import.meta.resolve('typedoc-plugin-markdown'));
