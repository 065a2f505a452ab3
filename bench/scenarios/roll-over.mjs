import { number } from '../report/number.mjs';
import { quantile } from '../rounds.mjs';
import { failuresOf, volley } from './attempts.mjs';

const CALLERS = 20;
const TOKEN_DELAY_MS = 50;

/** Steady traffic while a token's hour comes to an end. */
export const rollOver = {
  id: 'roll-over',
  title: 'Roll-over',
  about: [
    `Volleys of ${CALLERS} requests while a token's hour comes to an end. The wall clocks of both processes are advanced by 4 s before each`,
    `volley, from 49 to 62 minutes; the token endpoint takes ${TOKEN_DELAY_MS} ms. One new token is enough. A request counts as held up if it took`,
    'longer than the token endpoint.',
  ],
  columns: [
    ['requests', ({ requests }) => number(requests)],
    ['tokens issued', ({ tokensIssued }) => number(tokensIssued)],
    ['401s', ({ unauthorized }) => number(unauthorized)],
    ['failed', ({ failures }) => number(failures)],
    ['held up', ({ heldUp }) => number(heldUp)],
    ['p99, ms', ({ p99Ms }) => number(p99Ms, 1)],
  ],

  async run({ origin, contenders, quick }) {
    const rows = [];
    for (const contender of contenders.filter(({ token }) => token === 'own')) {
      rows.push(await rollsOver(contender, origin, quick ? 30 : 4));
    }
    return rows;
  },
};

async function rollsOver(contender, origin, stepSeconds) {
  const clock = movableClock();
  try {
    const calls = await contender.open({ address: origin.address, stub: false });
    await volley(calls, origin.banksUrl, 1);
    await origin.fault({ tokenDelayMs: TOKEN_DELAY_MS });
    await origin.count();
    const attempts = [];
    for (let second = 49 * 60; second < 62 * 60; second += stepSeconds) {
      clock.skip(second * 1_000);
      await origin.skip(second * 1_000);
      attempts.push(...(await volley(calls, origin.banksUrl, CALLERS)).attempts);
    }
    const { tokensIssued, unauthorized } = await origin.count();
    const { name, client, part } = contender;
    const times = attempts.map(({ ms }) => ms);
    return {
      name,
      client,
      part,
      requests: attempts.length,
      tokensIssued,
      unauthorized,
      failures: failuresOf(attempts),
      heldUp: times.filter((ms) => ms > TOKEN_DELAY_MS).length,
      p99Ms: quantile(times, 0.99),
    };
  } finally {
    clock.restore();
    await origin.skip(0);
    await origin.fault({});
  }
}

/** All contenders read the time from `Date`, so advancing `Date` is enough. */
function movableClock() {
  const RealDate = globalThis.Date;
  let skippedMs = 0;
  globalThis.Date = class extends RealDate {
    constructor(...given) {
      super(...(given.length === 0 ? [RealDate.now() + skippedMs] : given));
    }

    static now() {
      return RealDate.now() + skippedMs;
    }
  };
  return {
    skip: (ms) => {
      skippedMs = ms;
    },
    restore: () => {
      globalThis.Date = RealDate;
    },
  };
}
