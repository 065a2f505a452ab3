import { number } from './number.mjs';

const OURS = {
  axios: '@open-banking-auth/axios',
  fetch: '@open-banking-auth/core, fetch',
  ky: '@open-banking-auth/ky',
};

/** The targets, and what this run measured. A scenario that was not run has no rows, and therefore no verdict. */
export function targetsOf(results) {
  const row = (scenario, name) => results[scenario]?.find((one) => one.name === name);
  const each = (target) => Object.entries(OURS).map(([client, name]) => target(client, name));
  const largest = largestOf(results);
  const held = (name) =>
    results.memory?.find((one) => one.name === name && one.direction === 'upload')?.heldMB ?? Number.NaN;
  const bytesPerCall = (name) => row('peek', name)?.bytesPerCall;
  const imported = (name) => row('import', name)?.imported;

  return [
    ...each((client, name) => {
      const { toByHand, toStaticWithId } = row('hot-path', name) ?? {};
      return atLeast(0.98, `${client}: warm token on the stub, × the same headers by hand`, toByHand ?? toStaticWithId);
    }),
    ...each((client, name) => {
      const found = row('keep-alive', name)?.toStaticWithId;
      return atMost(1.03, `${client}: warm token over loopback, p50 × static header and X-Request-ID`, found, 2);
    }),
    ...each((client, name) => {
      const { rows, requests } = largest('cold-start');
      const peers = rows.filter((one) => one.client === client && one.part === 'peer' && one.failures === 0);
      const best = Math.min(...peers.filter((one) => one.tokensIssued === 1).map(({ extraMs }) => extraMs));
      const found = rows.find((one) => one.name === name)?.extraMs - best;
      return atMost(0, `${client}: cold start of ${number(requests)}, extra ms beyond the best peer's`, found, 0);
    }),
    ...each((client, name) => {
      const { rows, requests } = largest('revocation');
      const found = rows.find((one) => one.name === name)?.toIdeal;
      return atMost(1.1, `${client}: revocation with ${number(requests)}, × ideal by hand`, found, 2);
    }),
    ...each((client, name) =>
      atMost(5, `${client}: upload of 100 MB, MB held above bare`, held(name) - held(`${client}, bare`)),
    ),
    atMost(
      0,
      'peek(), bytes beyond those for reading the two clocks',
      bytesPerCall('peek()') - bytesPerCall('Date.now() and performance.now()'),
    ),
    atMost(18, 'core, ms to require', row('import', '@open-banking-auth/core')?.require),
    atMost(18, 'core, ms to import', imported('@open-banking-auth/core')),
    atMost(5, 'axios entry, ms to import after axios', imported('@open-banking-auth/axios')),
    atMost(5, 'ky entry, ms to import after ky', imported('@open-banking-auth/ky')),
    atMost(
      16_000,
      'core, bytes gzipped with everything inlined',
      row('bundle-size', '@open-banking-auth/core')?.withAll.gzippedWithLater,
      0,
    ),
  ].filter(({ found }) => !Number.isNaN(found) && found !== undefined);
}

/** The rows of a storm with the largest number of requests. */
function largestOf(results) {
  return (scenario) => {
    const rows = results[scenario] ?? [];
    const requests = Math.max(...rows.map((one) => one.requests));
    return { requests, rows: rows.filter((one) => one.requests === requests) };
  };
}

function atLeast(wanted, what, found) {
  return { what, wanted: `at least ${wanted}`, found, shown: number(found, 2), met: found >= wanted };
}

function atMost(wanted, what, found, digits = 1) {
  return {
    what,
    wanted: `at most ${wanted.toLocaleString('en')}`,
    found,
    shown: number(found, digits),
    met: found <= wanted,
  };
}
