import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const packages = resolve(__dirname, '../../packages');

/** The source of every entry of every package, by the name it is imported by. */
export function sourcesOfEntries(): Record<string, string> {
  const entries = readdirSync(packages).flatMap((name) => {
    const { exports, private: unpublished = false } = JSON.parse(
      readFileSync(`${packages}/${name}/package.json`, 'utf8'),
    );
    if (unpublished) return [];
    return Object.keys(exports)
      .filter((entry) => !entry.endsWith('.json'))
      .map((entry): [string, string] => {
        const file = entry === '.' ? 'index' : entry.slice(2);
        return [`@open-banking-auth/${name}${entry.slice(1)}`, `${packages}/${name}/src/${file}.ts`];
      });
  });
  return Object.fromEntries(entries);
}

/** For esbuild: the packages' names lead to the sources, or with `npm run test:built` to what is published. */
export const aliasesOfEntries = (): Record<string, string> =>
  process.env.TEST_BUILT === 'true' ? {} : sourcesOfEntries();
