import { requestToken } from '../contenders/token-request.mjs';
import { number } from '../report/number.mjs';
import { interleaved, median, quantile } from '../rounds.mjs';

/** The cost of a request with a warm token when the network costs nothing. */
export const hotPath = {
  id: 'hot-path',
  title: 'Hot path: a warm token, a stub in place of the network',
  about: [
    'Processor time of sequential calls, for 20 ms in each of 75 rounds, with the token already fetched; one client after another. The stand-in for the network does what the transport of that client has to do',
    'before and after it: for `fetch` and ky it creates a `Request` from its arguments, reads a header and creates a `Response`, as the',
    'fetch standard specifies; for axios it is an adapter that reads a header and returns a response. Ratios are of requests per',
    'second of processor time, the median of the ratios within the rounds. By hand: `Authorization` and `X-Request-ID` written into each call, which makes',
    'exactly the request that ours sends. Static: a hand-written interceptor or wrapper with a fixed token; + ID: with a fresh `X-Request-ID` too.',
    'The other libraries add no `X-Request-ID`.',
  ],
  columns: [
    ['µs per call', ({ microseconds }) => number(microseconds, 2)],
    ['quartiles', ({ quartiles }) => quartiles.map((quartile) => number(quartile, 2)).join(' to ')],
    ['× bare', ({ toBare }) => number(toBare, 2)],
    ['× by hand', ({ toByHand }) => number(toByHand, 2)],
    ['× static', ({ toStatic }) => number(toStatic, 2)],
    ['× static + ID', ({ toStaticWithId }) => number(toStaticWithId, 2)],
  ],

  run: (bench) => measure(bench, bench.contenders, true),
};

/** The cost of the wrapper around fetch on its own. */
export const emptyStub = {
  id: 'empty-stub',
  title: 'The same around a `fetch` that does nothing at all',
  about: [
    'No `Request`, no `Response`, no header read: the cost of the wrapper on its own. Real clients do more, so these ratios do not apply to',
    'them.',
  ],
  columns: [
    ['µs per call', ({ microseconds }) => number(microseconds, 2)],
    ['× bare', ({ toBare }) => number(toBare, 2)],
    ['× static + ID', ({ toStaticWithId }) => number(toStaticWithId, 2)],
  ],
  run: (bench) =>
    measure(
      bench,
      bench.contenders.filter(({ client, part }) => client === 'fetch' && part !== 'peer'),
      'empty',
    ),
};

/** Client by client, because an application usually has one: V8 optimises for the object shapes it has seen so far. */
async function measure(bench, contenders, stub) {
  const clients = [...new Set(contenders.map(({ client }) => client))];
  const rows = [];
  for (const name of clients) {
    const beside = contenders.filter(({ client }) => client === name);
    const times = await processorTimes(bench, beside, stub);
    rows.push(...beside.map((contender) => rowOf(contender, beside, times)));
  }
  return rows;
}

async function processorTimes({ origin, quick }, contenders, stub) {
  const { token } = await requestToken(origin.address);
  const opened = new Map();
  for (const contender of contenders) {
    const calls = await contender.open({ address: origin.address, stub, token });
    await microsecondsPerCall(calls.get, origin.banksUrl, quick ? 50 : 400);
    opened.set(contender.name, calls);
  }
  return interleaved(contenders, quick ? 15 : 75, ({ name }) =>
    microsecondsPerCall(opened.get(name).get, origin.banksUrl, 20),
  );
}

function rowOf(contender, contenders, times) {
  const { name, client, part } = contender;
  const own = times.get(name);
  const beside = (other, compare) => {
    const reference = contenders.find((one) => one.client === client && one.part === other);
    if (!reference || reference === contender) return undefined;
    return median(own.map((time, round) => compare(times.get(reference.name)[round], time)));
  };
  const ratio = (reference, time) => reference / time;
  return {
    name,
    client,
    part,
    microseconds: median(own),
    quartiles: [quantile(own, 0.25), quantile(own, 0.75)],
    added: beside('bare', (reference, time) => time - reference),
    toBare: beside('bare', ratio),
    toByHand: beside('by hand', ratio),
    toStatic: beside('static', ratio),
    toStaticWithId: beside('static+id', ratio),
  };
}

/** Processor time of all threads of this process, which excludes everything else running on the machine. */
async function microsecondsPerCall(get, url, forMs) {
  // The previous contenders have filled the caches.
  for (let n = 0; n < 50; n++) await get(url);
  const started = performance.now();
  const used = process.cpuUsage();
  let calls = 0;
  do {
    for (let n = 0; n < 100; n++) await get(url);
    calls += 100;
  } while (performance.now() - started < forMs);
  const { user, system } = process.cpuUsage(used);
  return (user + system) / calls;
}
