import { packages, root } from '../../../scripts/workspace.cjs';

/** The source file of every entry of every package, by import name. */
export function sourcesOfEntries(): Record<string, string> {
  const entries = packages.flatMap(({ folder, entries }) =>
    entries.map(({ specifier, source }): [string, string] => [specifier, `${root}/${folder}/${source}`]),
  );
  return Object.fromEntries(entries);
}

/** For a bundle what jest.config.ts has for Jest: the sources, or dist/ when that is what is tested. */
export function aliasesOfEntries(): Record<string, string> {
  return process.env.TEST_BUILT === 'true' ? {} : sourcesOfEntries();
}
