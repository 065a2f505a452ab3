import { number } from './number.mjs';

/** The targets, and what this run measured. A scenario that was not run has no rows, and therefore no verdict. */
export function targetsOf(results) {
  const row = (scenario, name, more = () => true) => results[scenario]?.find((one) => one.name === name && more(one));
  const uploads = ({ direction }) => direction === 'upload';
  const heldBeside = (ours, bare) => row('memory', ours, uploads)?.heldMB - row('memory', bare, uploads)?.heldMB;
  const peeked = row('peek', 'peek()')?.bytesPerCall;
  const clocks = row('peek', 'Date.now() and performance.now()')?.bytesPerCall;
  const size = (name) => row('bundle-size', name);

  return [
    atLeast(
      0.98,
      'axios, × a static header and X-Request-ID on the stub',
      row('hot-path', '@open-banking-auth/axios')?.toStaticWithId,
    ),
    atLeast(
      0.98,
      'fetch, × the same request by hand on the stub',
      row('hot-path', '@open-banking-auth/core, fetch')?.toByHand,
    ),
    atLeast(0.98, 'ky, × the same request by hand on the stub', row('hot-path', '@open-banking-auth/ky')?.toByHand),
    atMost(5, 'upload of 100 MB, MB held above bare: axios', heldBeside('@open-banking-auth/axios', 'axios, bare')),
    atMost(5, 'fetch', heldBeside('@open-banking-auth/core, fetch', 'fetch, bare')),
    atMost(5, 'ky', heldBeside('@open-banking-auth/ky', 'ky, bare')),
    atMost(0, 'peek(), bytes beyond those for reading the two clocks', peeked - clocks),
    atMost(16_000, 'core, bytes with everything inlined', size('@open-banking-auth/core')?.withAll.gzipped, 0),
    atMost(18, 'core, milliseconds to require', row('import', '@open-banking-auth/core')?.require),
    atMost(18, 'core, milliseconds to import', row('import', '@open-banking-auth/core')?.imported),
    atMost(5, 'axios entry, milliseconds to import after axios', row('import', '@open-banking-auth/axios')?.imported),
    atMost(5, 'ky entry, milliseconds to import after ky', row('import', '@open-banking-auth/ky')?.imported),
  ].filter(({ found }) => !Number.isNaN(found) && found !== undefined);
}

function atLeast(wanted, what, found) {
  return { what, wanted: `at least ${wanted}`, found, shown: number(found, 2), met: found >= wanted };
}

function atMost(wanted, what, found, digits = 1) {
  return { what, wanted: `at most ${number(wanted)}`, found, shown: number(found, digits), met: found <= wanted };
}
