import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requestToken } from '../contenders/token-request.mjs';
import { number } from '../report/number.mjs';
import { interleaved, median } from '../rounds.mjs';

const PROGRAM = fileURLToPath(new URL('../go/main.go', import.meta.url));
const ROWS = [{ name: 'net/http, token by hand', isByHand: true }, { name: 'golang.org/x/oauth2, clientcredentials' }];

/** A yardstick in another language. */
export const go = {
  id: 'go',
  title: 'The same in Go',
  about: [
    'A yardstick from another language: the client credentials of golang.org/x/oauth2 and the servers, connections and callers of the other',
    'scenarios. It shares one token request, keeps a token until 10 s before its end, holds callers up then, and does not look at responses,',
    'so a revoked token stays in use for its hour. First request: from the start of `main`. Empty on a machine without Go and oauth2 from',
    'its system packages (Debian: `apt-get install golang-go golang-golang-x-oauth2-dev`).',
  ],
  columns: [
    ['first request, ms', ({ firstMs }) => number(firstMs, 1)],
    ['processor, ms', ({ firstCpuMs }) => number(firstCpuMs, 1)],
    ['warm p50, µs', ({ p50 }) => number(p50)],
    ['p99, µs', ({ p99 }) => number(p99)],
    ['cold start of', ({ requests }) => number(requests)],
    ['failed', ({ failures }) => number(failures)],
    ['extra, ms', ({ extraMs }) => number(extraMs)],
  ],

  async run({ origin, quick }) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-go-'));
    try {
      const program = join(folder, 'main');
      // Debian's packages are sources in a GOPATH.
      const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' };
      if (spawnSync('go', ['build', '-o', program, PROGRAM], { env }).status !== 0) return [];
      return await measure(program, origin, quick ? 200 : 10_000, quick ? 1 : 5);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function measure(program, origin, requests, rounds) {
  const { tokenUrl, clientId, clientSecret, scope } = origin.address;
  const results = await interleaved(ROWS, rounds, async ({ isByHand }) => {
    const { token } = await requestToken(origin.address);
    await origin.fault({ tokenDelayMs: 50 });
    const task = [tokenUrl, clientId, clientSecret, scope, origin.banksUrl, requests, ...(isByHand ? [token] : [])];
    const { status, stdout, stderr } = spawnSync(program, task, { encoding: 'utf8' });
    await origin.fault({});
    if (status !== 0) throw new Error(stderr);
    const { first, ...figures } = JSON.parse(stdout);
    return { ...figures, firstMs: first.ms, firstCpuMs: first.cpuMs };
  });
  const version = spawnSync('go', ['version'], { encoding: 'utf8' }).stdout.split(' ')[2];
  return ROWS.map(({ name }) => {
    const row = { name: `${name} (${version})`, part: 'peer', requests };
    for (const which of ['firstMs', 'firstCpuMs', 'p50', 'p99', 'failures', 'extraMs'])
      row[which] = median(results.get(name).map((result) => result[which]));
    return row;
  });
}
