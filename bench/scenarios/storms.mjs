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
];

/** All requests at once, before there is a token. */
export const coldStart = {
  id: 'cold-start',
  title: 'Cold start',
  about: [
    `All requests start at once, before there is a token; the token endpoint takes ${TOKEN_DELAY_MS} ms. Extra: how much longer the`,
    'whole batch took than with a warm token, for the same contender. Medians of three rounds for the smaller number. The larger one has',
    'five rounds for those that share one token request on axios, fetch and ky, one for those on other clients, and is not asked of others.',
  ],
  columns: COLUMNS,

  async run({ origin, contenders, quick }) {
    const able = contenders.filter(({ token }) => token === 'own');
    const few = await storms(
      able,
      (contender) => coldStorm(contender, origin, quick ? 200 : 1_000),
      () => (quick ? 1 : 3),
    );
    if (quick) return few;
    const sharing = able.filter(({ name }) =>
      few.some((row) => row.name === name && row.tokensIssued + row.failures === 1),
    );
    const isCompared = ({ client }) => sharing.some((one) => one.client === client && one.part === 'ours');
    const run = (contender) => coldStorm(contender, origin, 10_000);
    return [...few, ...(await storms(sharing, run, (contender) => (isCompared(contender) ? 5 : 1)))];
  },
};

/** All requests at once with a token that has just been revoked. */
export const revocation = {
  id: 'revocation',
  title: 'Revocation storm',
  about: [
    `All requests start at once, with a token that has just been revoked; the token endpoint takes ${TOKEN_DELAY_MS} ms. One new token is`,
    'enough for all of them, and each is sent a second time. Extra: as above. Ideal: the least that can be done with the same client, written',
    'by hand for this one case; × compares the whole batch, within a round. Medians of five rounds for ours and the ideals, one for the others.',
  ],
  columns: [
    ...COLUMNS,
    ['× ideal', ({ toIdeal }) => number(toIdeal, 2)],
    ['× ideal, processor', ({ toIdealCpu }) => number(toIdealCpu, 2)],
  ],

  async run({ origin, contenders, quick }) {
    const able = [...ideals, ...contenders.filter(({ token }) => token === 'own')];
    const rows = [];
    for (const requests of quick ? [200] : [200, 5_000]) {
      const run = (contender) => revokedStorm(contender, origin, requests);
      rows.push(...(await storms(able, run, ({ part }) => (quick || part === 'peer' ? 1 : 5))));
    }
    return rows;
  },
};

async function storms(contenders, run, roundsOf) {
  const rounds = Math.max(...contenders.map(roundsOf));
  const results = await interleaved(contenders, rounds, (contender, round) =>
    round < roundsOf(contender) ? run(contender) : undefined,
  );
  const of = (name, which) => results.get(name).flatMap((result) => result?.[which] ?? []);
  return contenders.map(({ name, client, part }) => {
    const row = { name, client, part, ...results.get(name)[0] };
    for (const which of ['tokensIssued', 'failures', 'ms', 'extraMs']) row[which] = median(of(name, which));
    const ideal = contenders.find((one) => one.client === client && one.part === 'ideal');
    if (!ideal || ideal.name === name || row.failures > 0) return row;
    const beside = (which) => ratioOf(of(name, which), of(ideal.name, which));
    return { ...row, toIdeal: beside('ms'), toIdealCpu: beside('cpuMs') };
  });
}

async function coldStorm(contender, origin, requests) {
  const calls = await contender.open({ address: origin.address, stub: false });
  const found = await storm(calls, origin, requests);
  return { ...found, extraMs: found.ms - (await warmMs(calls, origin, requests)) };
}

async function revokedStorm(contender, origin, requests) {
  const open = () => contender.open({ address: origin.address, stub: false });
  const calls = await open();
  await volley(calls, origin.banksUrl, 1);
  await origin.revoke();
  const found = await storm(calls, origin, requests);
  const cannot = contender.cannot?.[401];
  // Contenders that could not recover get a fresh token, so that the warm run can be measured.
  return { ...found, cannot, extraMs: found.ms - (await warmMs(cannot ? await open() : calls, origin, requests)) };
}

async function storm(calls, origin, requests) {
  await origin.fault({ tokenDelayMs: TOKEN_DELAY_MS });
  await origin.count();
  const before = process.cpuUsage();
  const { ms, failures } = await volley(calls, origin.banksUrl, requests);
  const { user, system } = process.cpuUsage(before);
  const { tokensIssued } = await origin.count();
  await origin.fault({});
  return { requests, tokensIssued, failures, ms, cpuMs: (user + system) / 1_000 };
}

async function warmMs(calls, origin, requests) {
  await volley(calls, origin.banksUrl, 1);
  return (await volley(calls, origin.banksUrl, requests)).ms;
}
