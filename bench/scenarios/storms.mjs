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
    'whole batch took than one with a warm token, for the same contender, in the same round but not right after it. Medians of three rounds for the smaller number. The larger one has',
    'five rounds for those that share one token request on axios, fetch and ky, one for those on other clients, and is not asked of others.',
  ],
  columns: COLUMNS,

  async run({ origin, contenders, quick }) {
    const able = contenders.filter(({ token }) => token === 'own');
    const few = await storms(origin, able, coldStorm, quick ? 200 : 1_000, () => (quick ? 1 : 3));
    if (quick) return few;
    const sharing = able.filter(({ name }) =>
      few.some((row) => row.name === name && row.tokensIssued + row.failures === 1),
    );
    const isCompared = ({ client }) => sharing.some((one) => one.client === client && one.part === 'ours');
    return [...few, ...(await storms(origin, sharing, coldStorm, 10_000, (one) => (isCompared(one) ? 5 : 1)))];
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
      rows.push(
        ...(await storms(origin, able, revokedStorm, requests, ({ part }) => (quick || part === 'peer' ? 1 : 5))),
      );
    }
    return rows;
  },
};

/**
 * A storm of each contender and the same batch with a warm token, each with a turn of its own: of two batches in a row, the
 * first takes up to hundreds of milliseconds longer, with a warm token too.
 */
async function storms(origin, contenders, run, requests, roundsOf) {
  const batches = contenders.flatMap((contender) => [
    { name: contender.name, contender, run },
    { name: warmName(contender), contender, run: warmBatch },
  ]);
  const rounds = Math.max(...contenders.map(roundsOf));
  const results = await interleaved(batches, rounds, ({ contender, run: batch }, round) =>
    round < roundsOf(contender) ? batch(contender, origin, requests) : undefined,
  );
  const of = (name, which) => results.get(name).flatMap((result) => result?.[which] ?? []);
  return contenders.map((contender) => {
    const { name, client, part } = contender;
    const row = { name, client, part, ...results.get(name)[0] };
    for (const which of ['tokensIssued', 'failures', 'ms']) row[which] = median(of(name, which));
    const warm = of(warmName(contender), 'ms');
    row.extraMs = median(of(name, 'ms').map((ms, round) => ms - warm[round]));
    const ideal = contenders.find((one) => one.client === client && one.part === 'ideal');
    if (!ideal || ideal.name === name || row.failures > 0) return row;
    const beside = (which) => ratioOf(of(name, which), of(ideal.name, which));
    return { ...row, toIdeal: beside('ms'), toIdealCpu: beside('cpuMs') };
  });
}

function warmName({ name }) {
  return `${name}, warm`;
}

async function coldStorm(contender, origin, requests) {
  return storm(await open(contender, origin), origin, requests);
}

async function revokedStorm(contender, origin, requests) {
  const calls = await open(contender, origin);
  await volley(calls, origin.banksUrl, 1);
  await origin.revoke();
  return { ...(await storm(calls, origin, requests)), cannot: contender.cannot?.[401] };
}

async function warmBatch(contender, origin, requests) {
  const calls = await open(contender, origin);
  await volley(calls, origin.banksUrl, 1);
  return { ms: (await volley(calls, origin.banksUrl, requests)).ms };
}

function open(contender, { address }) {
  return contender.open({ address, stub: false });
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
