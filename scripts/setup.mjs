// Installs what the lockfile says, if that has not been done yet. Every npm script begins with this, so that a fresh
// clone needs Node and npm alone.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pnpm, root } from './pnpm.mjs';

const manifests = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'examples/package.json'];
for (const name of readdirSync(`${root}/packages`)) manifests.push(`packages/${name}/package.json`);

const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
for (const file of manifests) hash.update(readFileSync(`${root}/${file}`));
const wanted = hash.digest('hex');

const stamp = `${root}/node_modules/.setup-stamp`;
let present;
try {
  present = readFileSync(stamp, 'utf8');
} catch {}

if (present !== wanted) {
  pnpm('install', '--frozen-lockfile', '--prefer-offline');
  writeFileSync(stamp, wanted);
}
