import { run } from './projects.mjs';

const PROCESSES = 7;

/** How an entry is loaded in each format: `{ type, load }`. */
export const FORMATS = {
  require: { type: 'commonjs', load: (name) => `require('${name}')` },
  import: { type: 'module', load: (name) => `await import('${name}')` },
};

/**
 * How long it takes to load each entry, after its HTTP client: medians over several processes, one entry after another in every round,
 * in milliseconds of processor time, which other programs on the machine do not lengthen. Printed, not judged: machines differ.
 *
 * @param entries Import names, each with what is loaded before the clock starts: `[name, client | undefined]`.
 */
export function importTimes(project, entries, processes = PROCESSES) {
  const times = new Map(entries.map(([name]) => [name, { require: [], import: [] }]));
  for (let round = 0; round < processes; round++) {
    for (const [name, client] of entries) {
      for (const format of Object.keys(FORMATS))
        times.get(name)[format].push(importTime(project, format, name, client));
    }
  }
  return [...times].map(([name, { require, import: imported }]) => ({
    name,
    require: middle(require),
    import: middle(imported),
  }));
}

function importTime(project, format, name, client) {
  const { type, load } = FORMATS[format];
  // The first import() in a process also starts Node's loader, which is not ours.
  const before = load(client ?? 'node:path');
  const code = `${before}; const start = process.cpuUsage(); ${load(name)}; const { user, system } = process.cpuUsage(start); console.log((user + system) / 1000)`;
  return Number(run(project, process.execPath, [`--input-type=${type}`, '-e', code]));
}

/** @throws Error if loading an entry makes Node load its own fetch, which takes longer than all of our code. */
export function checkLoadsNoFetch(project, format, name) {
  const { type, load } = FORMATS[format];
  const code = `${load(name)}; console.log(process.moduleLoadList.some((each) => each.endsWith('deps/undici/undici')))`;
  if (run(project, process.execPath, [`--input-type=${type}`, '-e', code]).trim() !== 'false')
    throw new Error(
      `Loading ${name} loads Node's fetch: something at the top level of a file reads Request, Response or Headers`,
    );
}

function middle(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
