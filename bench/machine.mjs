import { readFileSync } from 'node:fs';
import { cpus, totalmem, type } from 'node:os';

const { dependencies } = manifestIn('.');
const OTHER_PACKAGES_OF_OURS = /^@open-banking-auth\/(?!core$)/;

/** Everything that the figures depend on, without anything that identifies the machine. */
export function describeMachine() {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${process.arch}`,
    node: process.version,
    versions: Object.fromEntries(
      Object.keys(dependencies)
        .filter((name) => !OTHER_PACKAGES_OF_OURS.test(name))
        .map((name) => [name, manifestIn(`node_modules/${name}`).version]),
    ),
  };
}

function manifestIn(folder) {
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, import.meta.url), 'utf8'));
}
