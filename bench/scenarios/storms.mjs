import { number } from '../report/number.mjs';
import { interleaved, median } from '../rounds.mjs';
import { failuresOf, steadily, volley } from './attempts.mjs';

const TOKEN_DELAY_MS = 50;

const STORM_COLUMNS = [
  ['requests', ({ requests }) => number(requests)],
  ['tokens issued', ({ tokensIssued }) => number(tokensIssued)],
  ['failed', ({ failures }) => number(failures)],
  ['extra, ms', ({ extraMs, cannot }) => (cannot ? `cannot: ${cannot}` : number(extraMs))],
];

/** All requests at once, before there is a token. */
export const coldStart = {
  id: 'cold-start',
  title: 'Cold start',
  about: [
    `All requests start at once, before there is a token; the token endpoint takes ${TOKEN_DELAY_MS} ms. Extra: how much longer the`,
    'whole batch took than with a warm token, for the same contender. Medians of three rounds; one round of the 10,000.',
  ],
  columns: STORM_COLUMNS,
  run: (bench) => storms(bench, bench.quick ? [200] : [1_000, 10_000], false),
};

/** All requests at once with a token that has just been revoked. */
export const revocation = {
  id: 'revocation',
  title: 'Revocation storm',
  about: [
    `All requests start at once, with a token that has just been revoked; the token endpoint takes ${TOKEN_DELAY_MS} ms. One new token is`,
    'enough for all of them. Extra: as above. Medians of three rounds.',
  ],
  columns: STORM_COLUMNS,
  run: (bench) => storms(bench, bench.quick ? [200] : [200, 5_000], true),
};

async function storms({ origin, contenders, quick }, sizes, warm) {
  const able = contenders.filter(({ token }) => token === 'own');
  const rows = [];
  for (const requests of sizes) {
    const rounds = requests > 5_000 || quick ? 1 : 3;
    const results = await interleaved(able, rounds, async (contender) => {
      const calls = await contender.open({ address: origin.address, stub: false });
      await origin.fault({ tokenDelayMs: TOKEN_DELAY_MS });
      if (warm) await volley(calls, origin.banksUrl, 1);
      await origin.revoke();
      await origin.count();
      const { ms, failures } = await volley(calls, origin.banksUrl, requests);
      const { tokensIssued } = await origin.count();
      await origin.fault({});
      // Contenders that could not recover get a fresh token, so that the warm run can be measured.
      const well =
        contender.cannot?.[401] && warm ? await contender.open({ address: origin.address, stub: false }) : calls;
      await volley(well, origin.banksUrl, 1);
      const { ms: warmMs } = await volley(well, origin.banksUrl, requests);
      return { tokensIssued, failures, extraMs: ms - warmMs };
    });
    for (const contender of able) {
      const of = (which) => median(results.get(contender.name).map((result) => result[which]));
      const { name, client, part, cannot } = contender;
      const figures = { tokensIssued: of('tokensIssued'), failures: of('failures'), extraMs: of('extraMs') };
      rows.push({ name, client, part, requests, ...figures, cannot: warm ? cannot?.[401] : undefined });
    }
  }
  return rows;
}

/** An API that returns a 401 for every token. */
export const refusal = {
  id: 'permanent-401',
  title: 'Permanent 401',
  about: [
    'The API rejects every token as expired, like an API with a wrong clock or wrong keys. 100 requests per second, after one that',
    'was accepted. Every request fails; what counts is how many tokens are issued and how many requests the API has to reject.',
  ],
  columns: [
    ['requests', ({ requests }) => number(requests)],
    ['tokens issued', ({ tokensIssued }) => number(tokensIssued)],
    ['sent to the API', ({ apiRequests }) => number(apiRequests)],
    ['failed', ({ failures }) => number(failures)],
    ['median, ms', ({ medianMs }) => number(medianMs, 1)],
  ],

  async run({ origin, contenders, quick }) {
    const rows = [];
    const seconds = quick ? 1 : 4;
    for (const contender of contenders.filter(({ token }) => token === 'own')) {
      const calls = await contender.open({ address: origin.address, stub: false });
      await volley(calls, origin.banksUrl, 1);
      await origin.fault({ refuseAll: true, tokenDelayMs: TOKEN_DELAY_MS });
      await origin.count();
      const attempts = await steadily(calls, origin.banksUrl, 100, seconds);
      const { tokensIssued, apiRequests } = await origin.count();
      await origin.fault({});
      const { name, client, part } = contender;
      const requests = attempts.length;
      const medianMs = median(attempts.map(({ ms }) => ms));
      rows.push({ name, client, part, requests, tokensIssued, apiRequests, failures: failuresOf(attempts), medianMs });
    }
    return rows;
  },
};
