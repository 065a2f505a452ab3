import { createTokenSource } from '@open-banking-auth/core';
import { number } from '../report/number.mjs';
import { median } from '../rounds.mjs';

// Few enough that no garbage is collected meanwhile, which would hide what was allocated.
const CALLS = 2_000;

/** What `peek()` allocates, and what it must at least: it reads two clocks, whose answers V8 puts on the heap. */
export const peek = {
  id: 'peek',
  title: '`peek()`',
  about: [
    `The growth of the heap over ${CALLS.toLocaleString('en')} calls with a warm token, the median of the rounds. V8 puts what Date.now() and performance.now() return`,
    'on the heap, 16 bytes each; a token is judged by both, so the row below is the least.',
  ],
  columns: [['bytes a call', ({ bytesPerCall }) => number(bytesPerCall, 2)]],

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
  // A look at the heap takes some of it.
  const first = process.memoryUsage().heapUsed;
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < CALLS; n++) {
    if (!call()) throw new Error('No token is held');
  }
  return process.memoryUsage().heapUsed - before - (before - first);
}
