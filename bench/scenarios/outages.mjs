import { startOrigin } from '../origin/start.mjs';
import { number } from '../report/number.mjs';
import { median, quantile } from '../rounds.mjs';
import { failuresOf, steadily, volley } from './attempts.mjs';

const PER_SECOND = 100;
const CONTENDERS_AT_ONCE = 4;
const AT_ONCE = `${CONTENDERS_AT_ONCE} contenders at a time, each with servers of its own.`;

const COLUMNS = [
  ['requests', ({ requests }) => number(requests)],
  ['token requests', ({ tokenRequests }) => number(tokenRequests)],
  ['failed', ({ failures }) => number(failures)],
  ['median, ms', ({ medianMs }) => number(medianMs, 1)],
  ['p99, ms', ({ p99Ms }) => number(p99Ms)],
];

/** The token endpoint returns 503 for a while, then recovers. */
export const endpointDown = {
  id: 'token-endpoint-down',
  title: 'Token endpoint down',
  about: [
    `There is no token yet, and for a while the token endpoint returns 503 after 20 ms; then it recovers. ${PER_SECOND} requests per second`,
    'throughout. A request that starts during the outage either fails or waits until it is over; what counts is how heavily the endpoint',
    `is loaded, how long callers wait, and how soon after the outage the first request that starts then succeeds. ${AT_ONCE}`,
  ],
  columns: [...COLUMNS, ['first success afterwards, ms', ({ recoveredMs }) => number(recoveredMs)]],
  run: (bench) => outages(bench, { tokenStatus: 503, tokenDelayMs: 20 }, true),
};

/** A wrong secret. */
export const wrongSecret = {
  id: 'invalid-client',
  title: '`invalid_client` under load',
  about: [
    `The token endpoint returns 400 \`invalid_client\` after 20 ms; ${PER_SECOND} requests per second. A client that keeps asking may be`,
    `locked out. ${AT_ONCE}`,
  ],
  columns: COLUMNS,
  run: (bench) =>
    outages(bench, { tokenStatus: 400, tokenBody: '{"error":"invalid_client"}', tokenDelayMs: 20 }, false),
};

/** An API that returns a 401 for every token. */
export const refusal = {
  id: 'permanent-401',
  title: 'Permanent 401',
  about: [
    `The API rejects every token as expired, like an API with a wrong clock or wrong keys. ${PER_SECOND} requests per second, after one that`,
    `was accepted. Every request fails; what counts is how many tokens are issued and how many requests the API has to reject. ${AT_ONCE}`,
  ],
  columns: [
    ['requests', ({ requests }) => number(requests)],
    ['tokens issued', ({ tokensIssued }) => number(tokensIssued)],
    ['sent to the API', ({ apiRequests }) => number(apiRequests)],
    ['failed', ({ failures }) => number(failures)],
    ['median, ms', ({ medianMs }) => number(medianMs, 1)],
  ],
  run: ({ contenders, quick }) =>
    severalAtOnce(contenders, async (calls, origin) => {
      await volley(calls, origin.banksUrl, 1);
      await origin.fault({ refuseAll: true, tokenDelayMs: 50 });
      await origin.count();
      const attempts = await steadily(calls, origin.banksUrl, PER_SECOND, quick ? 1 : 4);
      const { tokensIssued, apiRequests } = await origin.count();
      return { ...figuresOf(attempts), tokensIssued, apiRequests };
    }),
};

function outages({ contenders, quick }, fault, recovers) {
  const seconds = quick ? 1 : recovers ? 4 : 3;
  const afterSeconds = quick ? 1 : 3;
  return severalAtOnce(contenders, async (calls, origin) => {
    await origin.fault(fault);
    const during = steadily(calls, origin.banksUrl, PER_SECOND, seconds);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    const { tokenRequests } = await origin.count();
    await origin.fault({ tokenDelayMs: 20 });
    const after = recovers ? await steadily(calls, origin.banksUrl, PER_SECOND, afterSeconds) : [];
    const answered = after.filter(({ succeeded }) => succeeded).map(({ atMs, ms }) => atMs + ms);
    const recoveredMs = answered.length > 0 ? Math.min(...answered) : undefined;
    return { ...figuresOf(await during), tokenRequests, recoveredMs };
  });
}

function figuresOf(attempts) {
  const times = attempts.map(({ ms }) => ms);
  return {
    requests: attempts.length,
    failures: failuresOf(attempts),
    medianMs: median(times),
    p99Ms: quantile(times, 0.99),
  };
}

/** At this rate, contenders mostly wait, so a few can do that together. */
async function severalAtOnce(contenders, run) {
  const able = contenders.filter(({ token }) => token === 'own');
  const left = [...able];
  const figures = new Map();
  const takeTurns = async () => {
    for (let contender = left.shift(); contender; contender = left.shift()) {
      const origin = await startOrigin();
      const calls = await contender.open({ address: origin.address, stub: false });
      figures.set(contender, await run(calls, origin));
      origin.close();
    }
  };
  await Promise.all(Array.from({ length: CONTENDERS_AT_ONCE }, takeTurns));
  return able.map((contender) => {
    const { name, client, part } = contender;
    return { name, client, part, ...figures.get(contender) };
  });
}
