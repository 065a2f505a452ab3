// Real processes on one real Redis, with faults at random: `npm run chaos -- --seed=7 --client=ioredis`. Options:
//   --seed=1 --seconds=100   the faults, and for how long
//   --client=node-redis      or ioredis
//   --processes=6            1 without a store
//   --no-store               every process alone
//   --no-refresh-ahead       tokens are replaced when they expire, while callers wait
//   --revoke-unused          tokens can be revoked before anything has used them: the requests that fetch such a token fail
//   --lag-ms=300             for how long the API does not know a new token
// It ends with 1 if a request fails for which a revocation on its way is no excuse (findings.mjs says which are), if a promise
// rejects unhandled, or if more tokens are issued than the faults explain.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { drawFaults, SECOND_REVOCATION_MS } from './chaos/faults.mjs';
import { fewestTokens, firstOfEach, isFailed, slowestMs, storyOf, wasOvertaken } from './chaos/findings.mjs';
import { Fleet } from './chaos/fleet.mjs';
import { Hosts } from './chaos/hosts.mjs';
import { StoreProxy } from './chaos/store-proxy.mjs';
import { root } from './workspace.cjs';

const REQUESTS_PER_SECOND = 8;
const TOKEN_LIFETIME_MS = 20_000;
/** A token of 20 s is refreshed in the last 2 s, and not sent any more in the last second. */
const REFRESHED_AT_MS = 18_000;
const REPLACED_AT_MS = 19_000;
const STORIES = 10;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '100' },
    processes: { type: 'string' },
    client: { type: 'string', default: 'node-redis' },
    'lag-ms': { type: 'string', default: '0' },
    store: { type: 'boolean', default: true },
    'refresh-ahead': { type: 'boolean', default: true },
    'revoke-unused': { type: 'boolean', default: false },
  },
  allowNegative: true,
});
const { client, store, 'revoke-unused': unused } = values;
const refreshAhead = values['refresh-ahead'];
const [seed, seconds, processes, lagMs] = [
  values.seed,
  values.seconds,
  values.processes ?? (store ? 6 : 1),
  values['lag-ms'],
].map(Number);
if (client !== 'node-redis' && client !== 'ioredis') throw new Error('--client is node-redis or ioredis');

const folder = mkdtempSync(join(tmpdir(), 'chaos-'));

/** Bundles a program or a module of the tests, so that plain Node can run it. */
async function bundle(entry, format) {
  const file = join(folder, `${entry.replace(/.*\//, '').replace(/\.\w+$/, '')}.${format === 'esm' ? 'mjs' : 'cjs'}`);
  const dist = (name) => `${root}/packages/${name}/dist/esm/index.js`;
  await build({
    entryPoints: [`${root}/${entry}`],
    outfile: file,
    bundle: true,
    platform: 'node',
    format,
    logLevel: 'warning',
    nodePaths: [`${root}/packages/redis/node_modules`],
    alias: { '@open-banking-auth/redis': dist('redis') },
  });
  return file;
}

const { RedisServer, canStartRedis } = await import(await bundle('packages/test-kit/src/redis-server.ts', 'esm'));
if (store && !canStartRedis)
  throw new Error('redis-server is missing (Debian: apt-get install redis-server); or use --no-store');
const hosts = await Hosts.start({ lifetimeMs: TOKEN_LIFETIME_MS, lagMs });
const redis = store ? new RedisServer() : undefined;
await redis?.start();
const proxy = redis && (await StoreProxy.start(redis.url.replace('unix://', '')));
const fleet = new Fleet(await bundle('scripts/chaos/application.mjs', 'cjs'), {
  client,
  storeUrl: proxy?.url,
  tokenUrl: hosts.tokenUrl,
  apiUrl: hosts.apiUrl,
  refreshAhead,
  everyMs: 1_000 / REQUESTS_PER_SECOND,
});

/** Begins a fault. Returns what ends it. */
const begin = {
  store: ({ mode, delayMs }) => {
    if (mode === 'restart') redis.kill().then(() => redis.start());
    else proxy[mode](delayMs);
    return () => proxy.heal();
  },
  token: ({ mode }) => {
    hosts.breakTokenEndpoint(mode);
    return () => hosts.healTokenEndpoint();
  },
  revocation: ({ mode }) => {
    const first = hosts.revoke({ unused });
    if (mode === 'twice') first.then(() => setTimeout(() => hosts.revoke({ unused }), SECOND_REVOCATION_MS));
    return () => {};
  },
  process: ({ mode, process }) => {
    if (mode === 'freeze') return fleet.freeze(process);
    fleet.kill(process);
    return () => fleet.start(process);
  },
};

const faults = drawFaults({ seed, seconds, processes, store });
const firstAt = Date.now();
for (let index = 0; index < processes; index++) fleet.start(index);
await fleet.isUp();
const startedAt = Date.now();
/** How late a fault began: the machine was that busy. */
let lateMs = 0;
for (const fault of faults) {
  setTimeout(() => {
    lateMs = Math.max(lateMs, Date.now() - startedAt - fault.at);
    const end = begin[fault.what](fault);
    setTimeout(end, fault.forMs);
  }, fault.at);
}
await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
await fleet.finish();
hosts.close();
proxy?.close();
await redis?.remove();
rmSync(folder, { recursive: true, force: true });

const failed = fleet.requests.filter(isFailed);
const overtaken = failed.filter((request) => wasOvertaken(request, hosts));
const unexplained = failed.filter((request) => !overtaken.includes(request));
const count = (what, mode) => faults.filter((fault) => fault.what === what && (!mode || fault.mode === mode)).length;
const fewest = fewestTokens({
  from: firstAt,
  to: Date.now(),
  revocations: hosts.revocations,
  usableMs: refreshAhead ? REFRESHED_AT_MS : REPLACED_AT_MS,
});
const most = fewest + processes * count('store') + count('process', 'kill');

for (const request of firstOfEach([...unexplained, ...overtaken]).slice(0, STORIES)) {
  const kind = overtaken.includes(request) ? 'overtaken' : 'UNEXPLAINED';
  console.log(`${kind}: ${storyOf(request, { startedAt, faults, fleet, hosts })}\n`);
}
for (const error of fleet.unhandled) console.log(`Unhandled: ${error}`);
const notes = [refreshAhead ? '' : ', no refresh ahead', lagMs ? `, new tokens accepted after ${lagMs} ms` : ''].join(
  '',
);
console.log(
  `seed ${seed}, ${seconds} s, ${processes} ${processes === 1 ? 'process' : 'processes'}, ${store ? client : 'no store'}${notes}`,
);
console.log(
  `faults: ${count('store')} of the store, ${count('token')} of the token endpoint, ${hosts.revocations.length} revocations, ${count('process', 'kill')} kills, ${count('process', 'freeze')} freezes`,
);
console.log(
  `requests: ${fleet.requests.length}, failed: ${failed.length}, of which unexplained: ${unexplained.length}`,
);
console.log(`tokens: ${hosts.tokens.length}, fewest possible: ${fewest}, allowed: ${most}`);
console.log(
  `slowest request: ${slowestMs(fleet)} ms, latest fault: ${lateMs} ms late, unhandled: ${fleet.unhandled.length}`,
);
process.exitCode = unexplained.length > 0 || fleet.unhandled.length > 0 || hosts.tokens.length > most ? 1 : 0;
