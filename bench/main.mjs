import http from 'node:http';
import { parseArgs } from 'node:util';
import { Agent, setGlobalDispatcher } from 'undici';
import { contenders } from './contenders/index.mjs';
import { describeMachine } from './machine.mjs';
import { startOrigin } from './origin/start.mjs';
import { scenarios } from './scenarios/index.mjs';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
});

// As many connections for every client: ten thousand requests at once are then a queue, and no trial of the kernel.
const CONNECTIONS = 64;
http.globalAgent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
setGlobalDispatcher(new Agent({ connections: CONNECTIONS }));
globalThis.benchConnections = CONNECTIONS;

const machine = describeMachine();
console.log(machine);
const origin = await startOrigin();
const results = {};
for (const scenario of scenarios) {
  if (values.only && !values.only.includes(scenario.id)) continue;
  const started = performance.now();
  results[scenario.id] = await scenario.run({ origin, contenders, quick: values.quick });
  console.log(`${scenario.id}: ${Math.round((performance.now() - started) / 1_000)} s`);
  console.table(results[scenario.id].rows);
}
origin.close();
