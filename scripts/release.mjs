// Publishes the tarballs in artifacts/, those that the registry has not got yet; without --publish it only says what it
// would do, and needs no rights. The tarballs are not made here: what was checked is what is published.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { published, readJson, root } from './workspace.cjs';

const forReal = process.argv.includes('--publish');

const released = published.map(({ folder, manifest, tarball }) => ({
  ...manifest,
  ...{ folder, tarball },
  // A prerelease must not be what `npm install` without a version gets.
  tag: /-([a-z]+)/.exec(manifest.version)?.[1] ?? 'latest',
}));

/** What others need goes first, so that no version is ever there that cannot be installed. */
function inOrder(packages) {
  const names = packages.map(({ name }) => name);
  const ready = packages.filter(({ dependencies = {} }) => !names.some((name) => name in dependencies));
  if (ready.length === 0) return packages;
  return [...ready, ...inOrder(packages.filter((each) => !ready.includes(each)))];
}

const obstacles = [];
if (!readJson('package.json').repository)
  obstacles.push('package.json has no "repository", which provenance needs: { "type": "git", "url": "git+https://…" }');
const { changesets: done } = existsSync(`${root}/.changeset/pre.json`)
  ? readJson('.changeset/pre.json')
  : { changesets: [] };
const pending = readdirSync(`${root}/.changeset`)
  .filter((file) => file.endsWith('.md') && file !== 'README.md')
  .map((file) => file.slice(0, -3))
  .filter((name) => !done.includes(name));
if (pending.length > 0)
  obstacles.push(`changesets are not in a version yet: ${pending.join(', ')}. Run npm run changeset -- version`);
for (const { name, version, folder, tarball } of released) {
  const changelog = `${root}/${folder}/CHANGELOG.md`;
  if (!existsSync(changelog) || !readFileSync(changelog, 'utf8').includes(`\n## ${version}\n`))
    obstacles.push(`${folder}/CHANGELOG.md does not say what ${version} is. Run npm run changeset, then -- version`);
  if (!existsSync(tarball)) obstacles.push(`${name} ${version} has no tarball. Run npm run pack:check`);
}
for (const obstacle of obstacles) console.log(`not ready: ${obstacle}`);
if (forReal && obstacles.length > 0) process.exit(1);

for (const { name, version, tarball, tag } of inOrder(released)) {
  if (isPublished(name, version)) {
    console.log(`${name} ${version} is on the registry already`);
    continue;
  }
  if (!existsSync(tarball)) continue;
  const args = ['publish', tarball, '--tag', tag, ...(forReal ? [] : ['--dry-run'])];
  const { status } = npm(args, 'inherit');
  if (status !== 0) process.exit(status ?? 1);
}
console.log(forReal ? 'Published.' : 'This was a dry run: nothing has been published.');

/** @throws Error when the registry does not answer: then nobody knows. */
function isPublished(name, version) {
  const { status, stdout, stderr } = npm(['view', `${name}@${version}`, 'version', '--json'], 'pipe');
  if (status === 0) return stdout.trim() !== '';
  if (stdout.includes('"E404"') || stderr.includes('E404')) return false;
  throw new Error(`The registry did not say whether it has ${name} ${version}:\n${stderr}`);
}

function npm(args, stdio) {
  return spawnSync('npm', args, { cwd: root, stdio, encoding: 'utf8', shell: process.platform === 'win32' });
}
