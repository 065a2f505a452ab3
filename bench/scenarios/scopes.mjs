import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { configOf } from '../contenders/ours.mjs';
import { number } from '../report/number.mjs';

const child = fileURLToPath(new URL('scopes-child.mjs', import.meta.url));

/** An application that passes its users' input as `scope`. */
export const manyScopes = {
  id: 'scopes',
  title: 'Distinct scopes in one token source',
  about: [
    'One token source is asked for a token of one new scope after another; the token endpoint is a function in the same process. Held: heap',
    'after a garbage collection, more than before. Scopes that are rejected are forgotten, all but the last 100 to 200; of those with a token, the 5,000 last used are held.',
  ],
  columns: [
    ['scopes', ({ scopes }) => number(scopes)],
    ['held, MB', ({ heldMB }) => number(heldMB, 1)],
    ['per scope, bytes', ({ heldMB, scopes }) => number((heldMB * 1e6) / scopes)],
    ['processor time per scope, µs', ({ microseconds }) => number(microseconds)],
  ],

  async run({ origin, quick }) {
    const rows = [];
    for (const rejected of [true, false]) {
      for (const scopes of quick ? [2_000] : [100_000]) {
        const task = JSON.stringify({ scopes, rejected, options: configOf(origin.address) });
        const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', child, task], {
          encoding: 'utf8',
        });
        if (status !== 0) throw new Error(stderr);
        const name = rejected ? 'every scope is rejected' : 'every scope gets a token';
        rows.push({ name, part: 'ours', scopes, ...JSON.parse(stdout) });
      }
    }
    return rows;
  },
};
