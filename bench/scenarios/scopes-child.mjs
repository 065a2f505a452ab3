// Asks one token source for tokens of many scopes. Prints its figures as JSON.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createTokenSource } from '@open-banking-auth/core';

const { scopes, rejected, options } = JSON.parse(process.argv[2]);
let tokens = 0;
const granted = () => Response.json({ access_token: `token-${++tokens}`, token_type: 'Bearer', expires_in: 3600 });
const invalid = () => Response.json({ error: 'invalid_scope' }, { status: 400 });
const source = createTokenSource({ ...options, fetch: async () => (rejected ? invalid() : granted()) });
// Each in a turn of its own, as requests arrive: what weak references have led to stays until the end of the turn.
const ask = async (scope) => {
  await source.get({ scope }).catch(() => {});
  await nextTurn();
};
async function heapUsed() {
  for (let n = 0; n < 5; n++) {
    globalThis.gc();
    await nextTurn();
  }
  return process.memoryUsage().heapUsed;
}

for (let n = 0; n < 1_000; n++) await ask(`warm-${n}`);
source.clear();
const before = await heapUsed();
const started = process.cpuUsage();
for (let n = 0; n < scopes; n++) await ask(`scope-${n}`);
const { user, system } = process.cpuUsage(started);
const heldMB = ((await heapUsed()) - before) / 1e6;
process.stdout.write(JSON.stringify({ heldMB, microseconds: (user + system) / scopes }));
process.exit();
