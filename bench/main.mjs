import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { loadavg } from 'node:os';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { Agent, setGlobalDispatcher } from 'undici';
import { contenders } from './contenders/index.mjs';
import { describeMachine } from './machine.mjs';
import { startOrigin } from './origin/start.mjs';
import { markdownOf } from './report/markdown.mjs';
import { plotsOf } from './report/plots.mjs';
import { scenarios } from './scenarios/index.mjs';

const { values } = parseArgs({
  options: {
    /** A smoke run: fewer requests and rounds, nothing is written. */
    quick: { type: 'boolean', default: false },
    /** Scenarios by id: what is measured anew takes its place in the results. */
    only: { type: 'string', multiple: true, default: scenarios.map(({ id }) => id) },
  },
});
const unknown = values.only.filter((wanted) => !scenarios.some(({ id }) => id === wanted));
if (unknown.length > 0) {
  console.error(`There is no scenario ${unknown.join(', ')}. There are ${scenarios.map(({ id }) => id).join(', ')}.`);
  process.exit(1);
}
const chosen = scenarios.filter(({ id }) => values.only.includes(id));

// As many connections for every client: ten thousand requests at once are then a queue, and no trial of the kernel.
const CONNECTIONS = 64;
http.globalAgent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
setGlobalDispatcher(new Agent({ connections: CONNECTIONS }));
globalThis.benchConnections = CONNECTIONS;

const machine = describeMachine();
const folder = new URL('results/', import.meta.url);
const { results, loads } = whatStands(machine);
const origin = await startOrigin();
for (const { id, run } of chosen) {
  const started = performance.now();
  loads[id] = loadavg()[0].toFixed(1);
  results[id] = await run({ origin, contenders, quick: values.quick });
  console.error(`${id}: ${Math.round((performance.now() - started) / 1_000)} s`);
  // After each one: a run that is broken off has not been for nothing.
  if (!values.quick) write();
}
origin.close();
if (values.quick) console.log(markdownOf({ machine, results, loads, scenarios, contenders, quick: true }));
process.exit();

/** The results so far, if some scenarios alone are measured anew, by the same versions on the same machine and day. */
function whatStands(now) {
  try {
    const before = JSON.parse(readFileSync(new URL('results.json', folder), 'utf8'));
    if (!values.quick && chosen.length < scenarios.length && isDeepStrictEqual(before.machine, now)) return before;
  } catch {}
  return { results: {}, loads: {} };
}

function write() {
  mkdirSync(folder, { recursive: true });
  const files = {
    'results.md': markdownOf({ machine, results, loads, scenarios, contenders, quick: false }),
    'results.json': `${JSON.stringify({ machine, loads, results }, undefined, 1)}\n`,
    ...plotsOf({ machine, results }),
  };
  for (const [file, content] of Object.entries(files)) writeFileSync(new URL(file, folder), content);
}
