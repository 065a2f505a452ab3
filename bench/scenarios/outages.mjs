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

/** The token endpoint answers 503, and then is well again. */
export const endpointDown = {
  id: 'token-endpoint-down',
  title: 'Token endpoint down',
  about: [
    `No token is held and the token endpoint answers 503 after 20 ms, for a while; then it is well again. ${PER_SECOND} requests a second`,
    'all the time. A request that begins in the outage either fails or is kept until its end; what counts is how hard the endpoint is',
    'pressed, how long callers are kept, and how soon after its end the first request that begins then is answered.',
  ],
  columns: [...COLUMNS, ['first success after it, ms', ({ recoveredMs }) => number(recoveredMs)]],
  run: (bench) => outage(bench, { tokenStatus: 503, tokenDelayMs: 20 }, true),
};

/** The secret is wrong. */
export const wrongSecret = {
  id: 'invalid-client',
  title: '`invalid_client` under load',
  about: [
    `The token endpoint answers 400 \`invalid_client\` after 20 ms; ${PER_SECOND} requests a second. A client that goes on asking may be`,
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
