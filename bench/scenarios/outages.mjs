import { number } from '../report/number.mjs';
import { median, quantile } from '../rounds.mjs';
import { failuresOf, steadily } from './attempts.mjs';

const PER_SECOND = 100;

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
    'is loaded, how long callers wait, and how soon after the outage the first request that starts then succeeds.',
  ],
  columns: [...COLUMNS, ['first success afterwards, ms', ({ recoveredMs }) => number(recoveredMs)]],
  run: (bench) => outage(bench, { tokenStatus: 503, tokenDelayMs: 20 }, true),
};

/** A wrong secret. */
export const wrongSecret = {
  id: 'invalid-client',
  title: '`invalid_client` under load',
  about: [
    `The token endpoint returns 400 \`invalid_client\` after 20 ms; ${PER_SECOND} requests per second. A client that keeps asking may be`,
    'locked out.',
  ],
  columns: COLUMNS,
  run: (bench) => outage(bench, { tokenStatus: 400, tokenBody: '{"error":"invalid_client"}', tokenDelayMs: 20 }, false),
};

async function outage({ origin, contenders, quick }, fault, recovers) {
  const rows = [];
  const seconds = quick ? 1 : recovers ? 4 : 3;
  const afterSeconds = quick ? 1 : 3;
  for (const contender of contenders.filter(({ token }) => token === 'own')) {
    const calls = await contender.open({ address: origin.address, stub: false });
    await origin.fault(fault);
    await origin.count();
    const during = steadily(calls, origin.banksUrl, PER_SECOND, seconds);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    const { tokenRequests } = await origin.count();
    await origin.fault({ tokenDelayMs: 20 });
    const after = recovers ? await steadily(calls, origin.banksUrl, PER_SECOND, afterSeconds) : [];
    const attempts = await during;
    await origin.fault({});
    const { name, client, part } = contender;
    const times = attempts.map(({ ms }) => ms);
    const answered = after.filter(({ succeeded }) => succeeded).map(({ atMs, ms }) => atMs + ms);
    rows.push({
      name,
      client,
      part,
      requests: attempts.length,
      tokenRequests,
      failures: failuresOf(attempts),
      medianMs: median(times),
      p99Ms: quantile(times, 0.99),
      ...(recovers ? { recoveredMs: answered.length > 0 ? Math.min(...answered) : undefined } : {}),
    });
  }
  return rows;
}
