import { createTokenSource } from '@open-banking-auth/core';
import { median } from '../rounds.mjs';

const CALLS = 100_000;

/** What `peek()` allocates. */
export const peek = {
  id: 'peek',
  title: '`peek()`',
  about: [
    `The growth of the heap over ${CALLS.toLocaleString('en')} calls with a warm token, in which no garbage is collected. The smallest object takes 12 bytes.`,
  ],

  async run({ origin, quick }) {
    const { tokenUrl, apiUrl, clientId, clientSecret, scope } = origin.address;
    const tokens = createTokenSource({ tokenUrl, apiOrigins: [apiUrl], clientId, clientSecret, scope });
    await tokens.get();
    for (let n = 0; n < 20; n++) grownBy(tokens);
    const grown = Array.from({ length: quick ? 5 : 25 }, () => grownBy(tokens));
    const started = performance.now();
    grownBy(tokens);
    const nanoseconds = ((performance.now() - started) * 1e6) / CALLS;
    return { rows: [{ name: 'peek()', bytesPerCall: median(grown) / CALLS, nanoseconds }] };
  },
};

function grownBy(tokens) {
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < CALLS; n++) {
    if (tokens.peek() === undefined) throw new Error('No token is held');
  }
  return process.memoryUsage().heapUsed - before;
}
