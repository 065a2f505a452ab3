// Publishes those tarballs in artifacts/ that are not on the registry yet. Without --publish it is a dry run that needs no
// credentials. It packs nothing: the tarballs that were checked are the ones that are published.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { published, readJson, root } from './workspace.cjs';

const forReal = process.argv.includes('--publish');

const released = published.map(({ folder, manifest, tarball }) => ({
  ...manifest,
  ...{ folder, tarball },
  // Keeps `npm install` without a version from installing a prerelease.
  tag: /-([a-z]+)/.exec(manifest.version)?.[1] ?? 'latest',
}));

/** Dependencies first, so that every version on the registry can be installed at any moment. */
function inOrder(packages) {
  const names = packages.map(({ name }) => name);
  const ready = packages.filter(({ dependencies = {} }) => !names.some((name) => name in dependencies));
  if (ready.length === 0) return packages;
  return [...ready, ...inOrder(packages.filter((each) => !ready.includes(each)))];
}

const obstacles = [];
if (!readJson('package.json').repository)
  obstacles.push(
    'package.json has no "repository", which provenance requires: { "type": "git", "url": "git+https://…" }',
  );
const { changesets: done } = existsSync(`${root}/.changeset/pre.json`)
  ? readJson('.changeset/pre.json')
  : { changesets: [] };
const pending = readdirSync(`${root}/.changeset`)
  .filter((file) => file.endsWith('.md') && file !== 'README.md')
  .map((file) => file.slice(0, -3))
  .filter((name) => !done.includes(name));
if (pending.length > 0)
  obstacles.push(`there are changesets without a version: ${pending.join(', ')}. Run npm run changeset -- version`);
for (const { name, version, folder, tarball } of released) {
  const changelog = `${root}/${folder}/CHANGELOG.md`;
  if (!existsSync(changelog) || !readFileSync(changelog, 'utf8').includes(`\n## ${version}\n`))
    obstacles.push(`${folder}/CHANGELOG.md has no section for ${version}. Run npm run changeset, then -- version`);
  if (!existsSync(tarball)) obstacles.push(`${name} ${version} has no tarball. Run npm run pack:check`);
}
for (const obstacle of obstacles) console.log(`not ready: ${obstacle}`);
if (forReal && obstacles.length > 0) process.exit(1);

for (const { name, version, tarball, tag } of inOrder(released)) {
  if (isPublished(name, version)) {
    console.log(`${name} ${version} is already on the registry`);
    continue;
  }
  if (!existsSync(tarball)) continue;
  const args = ['publish', tarball, '--tag', tag, ...(forReal ? [] : ['--dry-run'])];
  const { status } = npm(args, 'inherit');
  if (status !== 0) process.exit(status ?? 1);
}
console.log(forReal ? 'Published.' : 'This was a dry run: nothing was published.');

/** @throws Error if the registry cannot be asked. */
function isPublished(name, version) {
  const { status, stdout, stderr } = npm(['view', `${name}@${version}`, 'version', '--json'], 'pipe');
  if (status === 0) return stdout.trim() !== '';
  if (stdout.includes('"E404"') || stderr.includes('E404')) return false;
  throw new Error(`npm could not tell whether ${name} ${version} is published:\n${stderr}`);
}

function npm(args, stdio) {
  return spawnSync('npm', args, { cwd: root, stdio, encoding: 'utf8', shell: process.platform === 'win32' });
}
