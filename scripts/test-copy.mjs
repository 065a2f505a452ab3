import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { pinnedPnpm } from './pnpm.mjs';
import { readJson, root } from './workspace.cjs';

/**
 * Runs tests in a copy of the repository in which some dependencies have other versions.
 *
 * @param versions Version by name.
 * @param folders Those whose package.json is changed.
 * @param command What runs in the copy once it is installed.
 * @returns the exit code.
 */
export function testCopy({ versions, folders, command }) {
  const copy = mkdtempSync(`${tmpdir()}/test-copy-`);
  const run = (program, ...args) => spawnSync(program, args, { cwd: copy, stdio: 'inherit' }).status ?? 1;
  try {
    const { stdout } = spawnSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' });
    for (const file of stdout.trim().split('\n')) cpSync(`${root}/${file}`, `${copy}/${file}`);
    for (const folder of folders) {
      const manifest = readJson(`${folder}/package.json`);
      for (const dependencies of [manifest.dependencies, manifest.devDependencies]) {
        for (const [name, version] of Object.entries(versions)) if (dependencies?.[name]) dependencies[name] = version;
      }
      writeFileSync(`${copy}/${folder}/package.json`, JSON.stringify(manifest));
    }
    console.log(Object.entries(versions).flat().join(' '));
    return run('npx', '--yes', pinnedPnpm, 'install', '--no-frozen-lockfile', '--prefer-offline') || run(...command);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
