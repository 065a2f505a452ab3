import { requestToken } from '../contenders/token-request.mjs';
import { interleaved, median, quantile } from '../rounds.mjs';

/** What a request with a warm token costs when the network costs nothing. */
export const hotPath = {
  id: 'hot-path',
  title: 'Hot path: a warm token, a stub in place of the network',
  about: [
    'Sequential calls, the token fetched before. What stands in for the network does what the transport of that client must do',
    'before and after it: for `fetch` and ky it makes a `Request` of its arguments, reads a header and makes a `Response`, as the',
    'fetch standard says; for axios it is an adapter that reads a header and hands back an answer. Ratios are of requests per',
    'second, the median of the ratios within the rounds; the floor is a hand-written interceptor or wrapper with a fixed token.',
  ],

  async run({ origin, contenders, quick }) {
    const { token } = await requestToken(origin.address);
    const opened = new Map();
    for (const contender of contenders) {
      const calls = await contender.open({ address: origin.address, stub: true, token });
      await microsecondsPerCall(calls.get, origin.banksUrl, quick ? 50 : 400);
      opened.set(contender.name, calls);
    }
    const times = await interleaved(contenders, quick ? 15 : 75, ({ name }) =>
      microsecondsPerCall(opened.get(name).get, origin.banksUrl, 20),
    );
    return { rows: contenders.map((contender) => rowOf(contender, contenders, times)) };
  },
};

function rowOf(contender, contenders, times) {
  const own = times.get(contender.name);
  const to = (part) => {
    const other = contenders.findLast(({ client, part: its }) => client === contender.client && its === part);
    return other && other !== contender ? median(own.map((time, n) => times.get(other.name)[n] / time)) : undefined;
  };
  const { name, client, part } = contender;
  const spread = [quantile(own, 0.25), quantile(own, 0.75)];
  return { name, client, part, microseconds: median(own), spread, toBare: to('bare'), toFloor: to('floor') };
}

export async function microsecondsPerCall(get, url, forMs) {
  const started = performance.now();
  let calls = 0;
  let elapsedMs;
  do {
    for (let n = 0; n < 100; n++) await get(url);
    calls += 100;
    elapsedMs = performance.now() - started;
  } while (elapsedMs < forMs);
  return (elapsedMs * 1_000) / calls;
}
