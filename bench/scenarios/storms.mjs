import { ideals } from '../contenders/ideal.mjs';
import { number } from '../report/number.mjs';
import { interleaved, median, ratioOf } from '../rounds.mjs';
import { volley } from './attempts.mjs';

const TOKEN_DELAY_MS = 50;

const COLUMNS = [
  ['requests', ({ requests }) => number(requests)],
  ['tokens issued', ({ tokensIssued }) => number(tokensIssued)],
  ['failed', ({ failures }) => number(failures)],
  ['elapsed, ms', ({ ms }) => number(ms)],
  ['extra, ms', ({ extraMs, cannot }) => (cannot ? `cannot: ${cannot}` : number(extraMs))],
  ['× ideal', ({ toIdeal, cannot }) => (cannot ? '–' : number(toIdeal, 2))],
  ['× ideal, processor', ({ toIdealCpu, cannot }) => (cannot ? '–' : number(toIdealCpu, 2))],
];

/** All requests at once, before there is a token. */
export const coldStart = {
  id: 'cold-start',
  title: 'Cold start',
  about: [
    `All requests start at once, before there is a token; the token endpoint takes ${TOKEN_DELAY_MS} ms. Extra: how much longer the`,
    'whole batch took than with a warm token, for the same contender. Ideal: the least that can be done with the same client, written by',
    'hand for this one case; × compares the whole batch, within a round. Medians of five rounds. The larger number is left to those who',
    'share one token request, with a single round for the others.',
  ],
  columns: COLUMNS,
  run: (bench) => storms(bench, bench.quick ? [200] : [1_000, 10_000], false),
};

/** All requests at once with a token that has just been revoked. */
export const revocation = {
  id: 'revocation',
  title: 'Revocation storm',
  about: [
    `All requests start at once, with a token that has just been revoked; the token endpoint takes ${TOKEN_DELAY_MS} ms. One new token is`,
    'enough for all of them, and each is sent a second time. Extra, ideal and rounds: as above.',
  ],
  columns: COLUMNS,
  run: (bench) => storms(bench, bench.quick ? [200] : [200, 5_000], true),
};

async function storms({ origin, contenders, quick }, sizes, isRevoked) {
  const able = contenders.filter(({ token }) => token === 'own');
  const rows = [];
  for (const requests of sizes) {
    const isWasteful = ({ name }) => rows.some((row) => row.name === name && row.tokensIssued > 10);
    const rounds = quick ? 1 : 5;
    const run = (contender) => storm(contender, origin, requests, isRevoked);
    const results = await interleaved([...ideals, ...able], rounds, (contender, round) =>
      round > 0 && isWasteful(contender) ? undefined : run(contender),
    );
    const of = (name, which) => results.get(name).flatMap((result) => result?.[which] ?? []);
    for (const { name, client, part, cannot } of [...ideals, ...able]) {
      const ideal = ideals.find((one) => one.client === client);
      const row = { name, client, part, requests, cannot: isRevoked ? cannot?.[401] : undefined };
      for (const which of ['tokensIssued', 'failures', 'ms', 'extraMs']) row[which] = median(of(name, which));
      const isBesideIdeal = ideal && name !== ideal.name && row.failures === 0;
      const beside = (which) => (isBesideIdeal ? ratioOf(of(name, which), of(ideal.name, which)) : undefined);
      rows.push({ ...row, toIdeal: beside('ms'), toIdealCpu: beside('cpuMs') });
    }
  }
  return rows;
}

async function storm(contender, origin, requests, isRevoked) {
  const open = () => contender.open({ address: origin.address, stub: false });
  const calls = await open();
  await origin.fault({ tokenDelayMs: TOKEN_DELAY_MS });
  if (isRevoked) await volley(calls, origin.banksUrl, 1);
  await origin.revoke();
  await origin.count();
  const before = process.cpuUsage();
  const { ms, failures } = await volley(calls, origin.banksUrl, requests);
  const { user, system } = process.cpuUsage(before);
  const { tokensIssued } = await origin.count();
  await origin.fault({});
  // Contenders that could not recover get a fresh token, so that the warm run can be measured.
  const well = contender.cannot?.[401] && isRevoked ? await open() : calls;
  await volley(well, origin.banksUrl, 1);
  const { ms: warmMs } = await volley(well, origin.banksUrl, requests);
  return { tokensIssued, failures, ms, cpuMs: (user + system) / 1_000, extraMs: ms - warmMs };
}
