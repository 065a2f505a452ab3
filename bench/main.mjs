import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { limitConnections } from './connections.mjs';
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
    /** Scenarios by id; new measurements replace the old ones in the results. */
    only: { type: 'string', multiple: true, default: scenarios.map(({ id }) => id) },
    /** A folder within the results. */
    into: { type: 'string', default: '.' },
  },
});
/** Figures that mean little, or that compare with another commit, are for the screen alone. */
const isPrinted = values.quick || process.env.BENCH_BEFORE !== undefined;
const unknown = values.only.filter((wanted) => !scenarios.some(({ id }) => id === wanted));
if (unknown.length > 0) {
  console.error(`Unknown scenario ${unknown.join(', ')}. Choose from ${scenarios.map(({ id }) => id).join(', ')}.`);
  process.exit(1);
}
const chosen = scenarios.filter(({ id }) => values.only.includes(id));

limitConnections();
const machine = describeMachine();
const folder = new URL(`results/${values.into}/`, import.meta.url);
const { results, loads } = previousResults(machine);
const origin = await startOrigin();
for (const { id, run } of chosen) {
  const started = performance.now();
  loads[id] = loadavg()[0].toFixed(1);
  results[id] = await run({ origin, contenders, quick: values.quick });
  console.error(`${id}: ${Math.round((performance.now() - started) / 1_000)} s`);
  // After each scenario, so that an interrupted run keeps what it has measured.
  if (!isPrinted) write();
}
origin.close();
if (isPrinted) console.log(markdownOf({ machine, results, loads, scenarios, contenders, quick: values.quick }));
process.exit();

/** The previous results, if only some scenarios are repeated, with the same versions on the same machine and day. */
function previousResults(now) {
  try {
    const before = JSON.parse(readFileSync(new URL('results.json', folder), 'utf8'));
    if (!isPrinted && chosen.length < scenarios.length && isDeepStrictEqual(before.machine, now)) return before;
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
