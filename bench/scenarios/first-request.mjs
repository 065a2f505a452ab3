import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { number } from '../report/number.mjs';
import { interleaved, median, ratioOf } from '../rounds.mjs';

/** Where each is, so that a process loads that one only. */
const CONTENDERS = [
  ['axios-bare.mjs', 'axiosStaticWithId'],
  ['ours-axios.mjs', 'oursAxios'],
  ['axios-auth-refresh.mjs', 'authRefreshBest'],
  ['axios-token-interceptor.mjs', 'tokenInterceptor'],
  ['fetch-bare.mjs', 'fetchByHand'],
  ['ours-fetch.mjs', 'oursFetch'],
  ['badgateway.mjs', 'badgateway'],
  ['openid-client.mjs', 'openidNaive'],
  ['camunda.mjs', 'camunda'],
  ['ky-bare.mjs', 'kyByHand'],
  ['ours-ky.mjs', 'oursKy'],
  ['google-auth-library.mjs', 'googleAuth'],
  ['azure.mjs', 'azure'],
  ['undici.mjs', 'undiciOidc'],
];
const child = fileURLToPath(new URL('first-request-child.mjs', import.meta.url));

/** Import, token and call: a command-line program, a cron job, a serverless function. */
export const firstRequest = {
  id: 'first-request',
  title: 'One request from a fresh process',
  about: [
    'From the start of a process to the response: Node itself, the import, the token request and one call, over loopback. Those without a token',
    'request of their own get theirs with a `fetch` written by hand. × by hand: of the same client, the median of the ratios within the rounds.',
  ],
  columns: [
    ['processor, ms', ({ cpuMs }) => number(cpuMs)],
    ['elapsed, ms', ({ ms }) => number(ms)],
    ['× by hand, processor', ({ toByHand }) => number(toByHand, 2)],
  ],

  async run({ origin, quick }) {
    const rows = await Promise.all(
      CONTENDERS.map(async ([file, name]) => ({ file, key: name, ...(await import(`../contenders/${file}`))[name] })),
    );
    const times = await interleaved(rows, quick ? 3 : 7, ({ file, key }) => {
      const task = JSON.stringify({ file, name: key, address: origin.address, url: origin.banksUrl });
      const { status, stdout, stderr } = spawnSync(process.execPath, [child, task], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${file}: ${stderr}`);
      return JSON.parse(stdout);
    });
    const of = (name, which) => times.get(name).map((round) => round[which]);
    return rows.map(({ name, client, part }) => {
      const byHand = rows.find((row) => row.client === client && ['by hand', 'static+id'].includes(row.part));
      const isBeside = byHand !== undefined && byHand.name !== name;
      const toByHand = isBeside ? ratioOf(of(name, 'cpuMs'), of(byHand.name, 'cpuMs')) : undefined;
      return { name, client, part, ms: median(of(name, 'ms')), cpuMs: median(of(name, 'cpuMs')), toByHand };
    });
  },
};
