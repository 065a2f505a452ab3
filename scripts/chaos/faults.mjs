// The faults of a run, drawn from a seed: the same seed gives the same faults at the same moments.

/** Quiet at the start, so that all processes have a token, and at the end, so that the last fault shows its consequences. */
const QUIET_START_MS = 2_000;
const QUIET_END_MS = 4_000;
const SHORTEST_GAP_MS = 300;
const LONGEST_GAP_MS = 2_200;
/** A token request is tried three times within 1.5 to 3 s: outages closer together than this could fail all three. */
const TOKEN_OUTAGES_APART_MS = 5_000;
export const SECOND_REVOCATION_MS = 80;

/** Numbers from 0 to 1 (mulberry32). */
function chance(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** `at` and `forMs` in milliseconds from the start; `what` is what it concerns: `store`, `token` or `process`. */
export function drawFaults({ seed, seconds, processes, store }) {
  const random = chance(seed);
  const between = (low, high) => Math.round(low + (high - low) * random());
  const oneOf = (things) => things[Math.floor(random() * things.length)];
  const draw = {
    store: () => {
      const mode = oneOf(['swallow', 'delay', 'refuse', 'cut', 'restart']);
      if (mode === 'delay') return { mode, delayMs: between(100, 600), forMs: between(1_000, 2_500) };
      return { mode, forMs: mode === 'cut' || mode === 'restart' ? 0 : between(500, 2_500) };
    },
    token: () => {
      const mode = oneOf(['errors', 'cuts', 'hangs', 'slow']);
      return { mode, forMs: mode === 'slow' ? 2_000 : 1_000 };
    },
    revocation: () => ({ mode: oneOf(['once', 'twice']), forMs: 0 }),
    process: () => {
      const mode = oneOf(['kill', 'freeze']);
      return { mode, process: between(0, processes - 1), forMs: between(200, mode === 'kill' ? 1_000 : 3_500) };
    },
  };
  const kinds = ['token', 'revocation', 'revocation', 'process', 'process', ...(store ? ['store', 'store'] : [])];

  const faults = [];
  for (let at = QUIET_START_MS; at < seconds * 1_000 - QUIET_END_MS; at += between(SHORTEST_GAP_MS, LONGEST_GAP_MS)) {
    const what = oneOf(kinds);
    const fault = { at, what, ...draw[what]() };
    const apartMs = what === 'token' ? TOKEN_OUTAGES_APART_MS : SHORTEST_GAP_MS;
    const isFree = (other) =>
      other.what !== what || other.process !== fault.process || at >= other.at + other.forMs + apartMs;
    if (what === 'revocation' || faults.every(isFree)) faults.push(fault);
  }
  return faults;
}

export const nameOf = ({ what, mode, process, delayMs, forMs }) =>
  [
    `${what} ${mode}`,
    process === undefined ? '' : `of process ${process}`,
    delayMs === undefined ? '' : `by ${delayMs} ms`,
    forMs === 0 ? '' : `for ${forMs} ms`,
  ]
    .filter((part) => part !== '')
    .join(' ');
