import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { number } from '../report/number.mjs';
import { interleaved, median } from '../rounds.mjs';

const MEGABYTES = 100;

/** 100 MB up and down, each in a separate process. */
export const memory = {
  id: 'memory',
  title: 'Memory: 100 MB as a stream, with a valid token',
  about: [
    'Each transfer runs in a separate process, after a small request. Held: heap and external memory after a garbage collection, sampled',
    'every 20 ms; the peak minus what was held before. Resident: the same for the resident set, which is noisier. Medians of three. ky without',
    'retries, because it keeps a copy of the stream for them; axios without redirects, for the same reason.',
  ],
  columns: [
    ['direction', ({ direction }) => direction],
    ['held, MB', ({ heldMB, cannot }) => (cannot ? `cannot: ${cannot}` : number(heldMB, 1))],
    ['resident, MB', ({ residentMB }) => number(residentMB, 1)],
  ],

  async run({ origin, contenders, quick }) {
    const parts = quick ? ['bare', 'ours'] : ['bare', 'ours', 'peer'];
    const able = contenders.filter(({ part }) => parts.includes(part));
    const megabytes = quick ? 20 : MEGABYTES;
    const rows = [];
    for (const direction of ['upload', 'download']) {
      const results = await interleaved(able, quick ? 1 : 3, ({ name }) =>
        transfer({ name, direction, address: origin.address, megabytes }),
      );
      for (const { name, client, part } of able) {
        const of = (which) => median(results.get(name).map((result) => result[which] ?? Number.NaN));
        const failure = results.get(name).find((result) => result.failure)?.failure;
        rows.push({
          name,
          client,
          part,
          direction,
          heldMB: of('heldMB'),
          residentMB: of('residentMB'),
          cannot: failure,
        });
      }
    }
    return rows;
  },
};

function transfer(task) {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', fileURLToPath(new URL('memory-child.mjs', import.meta.url)), JSON.stringify(task)],
    { encoding: 'utf8', timeout: 60_000 },
  );
  return stdout === ''
    ? { failure: stderr.split('\n').find((line) => line.includes('Error')) ?? 'no result' }
    : JSON.parse(stdout);
}
