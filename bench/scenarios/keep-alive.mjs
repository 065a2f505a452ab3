import { requestToken } from '../contenders/token-request.mjs';
import { number } from '../report/number.mjs';
import { interleaved, median, quantile } from '../rounds.mjs';

const CALLERS = 8;

/** The same over loopback HTTP, on persistent connections. */
export const keepAlive = {
  id: 'keep-alive',
  title: 'A warm token over loopback HTTP with keep-alive',
  about: [
    `${CALLERS} callers, each sending its next request once the previous one is complete; connections are kept open. Percentiles of one round's`,
    'latencies, the median over the rounds. The server is a separate process on the same machine and uses part of its processor time.',
  ],
  columns: [
    ['p50, µs', ({ p50 }) => number(p50, 0)],
    ['p99, µs', ({ p99 }) => number(p99, 0)],
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
    const rounds = await interleaved(contenders, quick ? 3 : 11, async ({ name }) => {
      const { calls, url } = opened.get(name);
      const times = await latencies(calls, url, quick ? 100 : 500);
      return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
    });
    return contenders.map(({ name, client, part }) => {
      const of = (which) => median(rounds.get(name).map((round) => round[which])) * 1_000;
      return { name, client, part, p50: of('p50'), p99: of('p99') };
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
