// Installs what the lockfile says, unless that has been done already. Every npm script begins with this, so a fresh clone
// needs nothing but Node and npm.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { pnpm } from './pnpm.mjs';
import { packages, root } from './workspace.cjs';

const folders = ['.', 'examples', 'scripts', ...packages.map(({ folder }) => folder)];
const files = [...folders.map((folder) => `${folder}/package.json`), 'pnpm-lock.yaml', 'pnpm-workspace.yaml'];

const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
for (const file of files) hash.update(readFileSync(`${root}/${file}`));
const wanted = hash.digest('hex');

const stamp = `${root}/node_modules/.setup-stamp`;
let present;
try {
  present = readFileSync(stamp, 'utf8');
} catch {}

if (present !== wanted) {
  // The tools in scripts/package.json are installed by tools.mjs.
  pnpm('install', '--frozen-lockfile', '--prefer-offline', '--filter', '!@open-banking-auth/release-tools');
  writeFileSync(stamp, wanted);
}
