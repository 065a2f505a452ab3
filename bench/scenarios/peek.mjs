import { createTokenSource } from '@open-banking-auth/core';
import { number } from '../report/number.mjs';
import { median } from '../rounds.mjs';

// Few enough calls that no garbage collection runs in between, which would hide allocations.
const CALLS = 2_000;

/** What `peek()` allocates, and the minimum: it reads two clocks, whose results V8 puts on the heap. */
export const peek = {
  id: 'peek',
  title: '`peek()`',
  about: [
    `Heap growth over ${CALLS.toLocaleString('en')} calls with a warm token, the median of the rounds. V8 puts the results of Date.now() and performance.now()`,
    'on the heap, 16 bytes each; checking a token needs both, so the second row is the minimum.',
  ],
  columns: [['bytes per call', ({ bytesPerCall }) => number(bytesPerCall, 2)]],

  async run({ origin, quick }) {
    const { tokenUrl, apiUrl, clientId, clientSecret, scope } = origin.address;
    const tokens = createTokenSource({ tokenUrl, apiOrigins: [apiUrl], clientId, clientSecret, scope });
    await tokens.get();
    const calls = [
      ['peek()', () => tokens.peek() !== undefined],
      ['Date.now() and performance.now()', () => Date.now() > 0 && performance.now() > 0],
      ['nothing', () => true],
    ];
    return calls.map(([name, call]) => {
      for (let n = 0; n < 200; n++) bytesGrown(call);
      const grown = Array.from({ length: quick ? 25 : 101 }, () => bytesGrown(call));
      return { name, bytesPerCall: median(grown) / CALLS };
    });
  },
};

function bytesGrown(call) {
  // Measuring the heap allocates, too.
  const first = process.memoryUsage().heapUsed;
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < CALLS; n++) {
    if (!call()) throw new Error('There is no token');
  }
  return process.memoryUsage().heapUsed - before - (before - first);
}
