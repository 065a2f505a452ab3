import { requestToken } from '../contenders/token-request.mjs';
import { number } from '../report/number.mjs';
import { interleaved, median, quantile, ratioOf } from '../rounds.mjs';

const CALLERS = 8;

/** The same over loopback HTTP, on persistent connections. */
export const keepAlive = {
  id: 'keep-alive',
  title: 'A warm token over loopback HTTP with keep-alive',
  about: [
    `${CALLERS} callers, each sending its next request once the previous one is complete; connections are kept open. Percentiles of one round's`,
    'latencies, the median over the rounds; × is the median of the ratios within the rounds. The server is a separate process on the same',
    'machine and uses part of its processor time.',
  ],
  columns: [
    ['p50, µs', ({ p50 }) => number(p50, 0)],
    ['p99, µs', ({ p99 }) => number(p99, 0)],
    ['p50, × static + ID', ({ toStaticWithId }) => number(toStaticWithId, 2)],
  ],

  async run({ origin, contenders, quick }) {
    const { token } = await requestToken(origin.address);
    const opened = new Map();
    for (const contender of contenders) {
      const calls = await contender.open({ address: origin.address, stub: false, token });
      const url = contender.token === 'none' || contender.part === 'bare' ? origin.openUrl : origin.banksUrl;
      opened.set(contender.name, { calls, url });
      await latencies(calls, url, quick ? 100 : 1_000);
    }
    const rounds = await interleaved(contenders, quick ? 3 : 25, async ({ name }) => {
      const { calls, url } = opened.get(name);
      const times = await latencies(calls, url, quick ? 100 : 300);
      return { p50: quantile(times, 0.5) * 1_000, p99: quantile(times, 0.99) * 1_000 };
    });
    const of = (name, which) => rounds.get(name).map((round) => round[which]);
    return contenders.map(({ name, client, part }) => {
      const floor = contenders.find((one) => one.client === client && one.part === 'static+id' && one.name !== name);
      const toStaticWithId = floor ? ratioOf(of(name, 'p50'), of(floor.name, 'p50')) : undefined;
      return { name, client, part, p50: median(of(name, 'p50')), p99: median(of(name, 'p99')), toStaticWithId };
    });
  },
};

async function latencies(calls, url, requests) {
  const times = [];
  const caller = async () => {
    while (times.length < requests) {
      const started = performance.now();
      const status = await calls.get(url);
      if (status !== 200) throw new Error(`The status is ${status}, expected 200`);
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return times;
}
