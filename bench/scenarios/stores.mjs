import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { number } from '../report/number.mjs';
import { interleaved, median } from '../rounds.mjs';

const child = fileURLToPath(new URL('stores-child.mjs', import.meta.url));

const ROWS = [
  { name: 'no store', kind: 'none' },
  { name: 'fileTokenStore, empty', kind: 'file' },
  { name: 'fileTokenStore, holds the token', kind: 'file', isWarm: true },
  { name: 'redisTokenStore, empty', kind: 'redis' },
  { name: 'redisTokenStore, holds the token', kind: 'redis', isWarm: true },
];

/** What a store costs a process that starts, and what it spares it. */
export const stores = {
  id: 'stores',
  title: 'The first request of a process with a store',
  about: [
    'From the start of a process to the response, over loopback, with `openBankingFetch`. With a token in the store no token request is made;',
    'here one takes a millisecond, so the rows show what the store itself costs, its import and its connection included.',
  ],
  columns: [
    ['processor, ms', ({ cpuMs }) => number(cpuMs)],
    ['elapsed, ms', ({ ms }) => number(ms)],
    ['token requests', ({ tokensIssued }) => number(tokensIssued)],
  ],

  async run({ origin, quick }) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-stores-'));
    const redis = await startRedis(`${folder}/redis.sock`);
    const able = ROWS.filter(({ kind }) => kind !== 'redis' || redis);
    try {
      const results = await interleaved(able, quick ? 3 : 7, async ({ kind, isWarm }, round) => {
        const place =
          kind === 'redis' ? `unix://${folder}/redis.sock` : `${folder}/${isWarm ? 'warm' : `empty-${round}`}`;
        // The tokens of another client are not found, so a store need not be emptied.
        const clientId = isWarm ? origin.address.clientId : `${origin.address.clientId}-${round}`;
        const request = { kind, place, address: { ...origin.address, clientId }, url: origin.banksUrl };
        if (isWarm) runChild(request);
        await origin.count();
        const times = runChild(request);
        return { ...times, ...(await origin.count()) };
      });
      return able.map(({ name }) => {
        const of = (which) => median(results.get(name).map((result) => result[which]));
        return { name, part: 'ours', ms: of('ms'), cpuMs: of('cpuMs'), tokensIssued: of('tokensIssued') };
      });
    } finally {
      redis?.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function runChild(request) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, JSON.stringify(request)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** @returns its process, or `undefined` if this machine has no redis-server. */
async function startRedis(socket) {
  const options = ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', options, { stdio: 'ignore' });
  let isMissing = false;
  server.once('error', () => {
    isMissing = true;
  });
  for (let attempt = 0; attempt < 500 && !isMissing; attempt++) {
    if (await canConnect(socket)) return server;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  server.kill();
  return undefined;
}

function canConnect(path) {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(true));
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => resolve(false));
  });
}
