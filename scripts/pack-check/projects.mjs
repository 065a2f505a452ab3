import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const programs = fileURLToPath(new URL('programs', import.meta.url));

/** Runs a command and returns its output. @throws Error with that output if the command fails. */
export function run(cwd, command, args, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 300_000,
    maxBuffer: 64 * 1024 * 1024,
    // On Windows npm and npx are scripts, which need a shell. No argument here contains a space.
    shell: process.platform === 'win32' && command !== process.execPath,
  });
  if (status === 0) return stdout + stderr;
  throw new Error(`${command} ${args.join(' ')} (in ${cwd})\n${error?.message ?? ''}${stdout}${stderr}`);
}

/** Makes a folder with a package.json, outside any workspace. */
export function makeProject(folder, manifest) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/package.json`, JSON.stringify({ name: 'fresh-project', private: true, ...manifest }));
  return folder;
}

/** Installs as a user would: tarballs from their files, anything else, such as `jest@30.5.2`, from the registry. */
export function install(folder, ...wanted) {
  run(folder, 'npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...wanted.flat()]);
}

/** Copies our programs into a project, where only the installed tarballs resolve. */
export function bring(folder, ...files) {
  for (const file of files) cpSync(`${programs}/${file}`, `${folder}/${file}`);
}
