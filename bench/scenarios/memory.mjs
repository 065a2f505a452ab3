import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { number } from '../report/number.mjs';
import { interleaved, median } from '../rounds.mjs';

const MEGABYTES = 100;
const DIRECTIONS = ['upload', 'download'];
const child = fileURLToPath(new URL('memory-child.mjs', import.meta.url));

/** 100 MB up and down, each in a separate process. */
export const memory = {
  id: 'memory',
  title: 'Memory: 100 MB as a stream, with a valid token',
  about: [
    'Each transfer runs in a separate process, after a small request, with the one in the other direction beside it. Held: heap and external memory after a garbage collection, sampled',
    'with 20 ms in between; the peak minus what was held before. Resident: the same for the resident set, which is noisier. Medians of three. ky without',
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
    const results = await interleaved(able, quick ? 1 : 3, ({ name }) =>
      Promise.all(DIRECTIONS.map((direction) => transfer({ name, direction, address: origin.address, megabytes }))),
    );
    return DIRECTIONS.flatMap((direction, nth) =>
      able.map(({ name, client, part }) => {
        const rounds = results.get(name).map((both) => both[nth]);
        const of = (which) => median(rounds.map((round) => round[which] ?? Number.NaN));
        const cannot = rounds.find(({ failure }) => failure)?.failure;
        return { name, client, part, direction, heldMB: of('heldMB'), residentMB: of('residentMB'), cannot };
      }),
    );
  },
};

async function transfer(task) {
  const started = promisify(execFile)(process.execPath, ['--expose-gc', child, JSON.stringify(task)], {
    timeout: 60_000,
  });
  const { stdout, stderr } = await started.catch((failed) => failed);
  return stdout === ''
    ? { failure: stderr.split('\n').find((line) => line.includes('Error')) ?? 'no result' }
    : JSON.parse(stdout);
}
