import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const packages = resolve(__dirname, '../../packages');

/** The source file of every entry of every package, by import name. */
export function sourcesOfEntries(): Record<string, string> {
  const entries = readdirSync(packages).flatMap((name) => {
    const { exports } = JSON.parse(readFileSync(`${packages}/${name}/package.json`, 'utf8'));
    return Object.keys(exports)
      .filter((entry) => !entry.endsWith('.json'))
      .map((entry): [string, string] => {
        const file = entry === '.' ? 'index' : entry.slice(2);
        return [`@open-banking-auth/${name}${entry.slice(1)}`, `${packages}/${name}/src/${file}.ts`];
      });
  });
  return Object.fromEntries(entries);
}
