// Simulates six hours of many processes, with and without a store: the published code (dist/) under a simulated clock.
// `npm run simulate` prints the table in docs/fleet.md; pass numbers of processes as arguments to simulate others.
import { createTokenSource, memoryTokenStore } from '../packages/core/dist/esm/index.js';

const HOURS = 6;
const HOUR_MS = 3_600_000;
/** How often each process makes a request. All of them make their first within the first second. */
const REQUEST_EVERY_MS = 10_000;
const TICK_MS = 100;
const TOKEN_REQUEST_MS = 200;
const STORE_COMMAND_MS = 1;

const sizes = process.argv.slice(2).map(Number);
if (sizes.length === 0) sizes.push(1, 10, 100, 1_000, 10_000);

// Crypto runs on other threads, so simulated time must not advance until it is done.
let crypting = 0;
for (const name of ['digest', 'sign', 'encrypt', 'decrypt', 'deriveBits', 'importKey']) {
  const run = crypto.subtle[name].bind(crypto.subtle);
  Object.defineProperty(crypto.subtle, name, {
    value: (...given) => {
      crypting++;
      return run(...given).finally(() => crypting--);
    },
  });
}

async function quiet() {
  do await new Promise((resolve) => setImmediate(resolve));
  while (crypting > 0);
}

/** Time that advances only by `advanceTo`. Timers are kept in buckets of one millisecond. */
class SimulatedClock {
  #now = 0;
  #buckets = new Map();
  wall = () => 1_800_000_000_000 + this.#now;
  monotonic = () => this.#now;

  after = (delayMs, run) => {
    const at = Math.ceil(this.#now + Math.max(delayMs, 1));
    const timer = { run };
    const bucket = this.#buckets.get(at);
    if (bucket) bucket.push(timer);
    else this.#buckets.set(at, [timer]);
    return () => {
      timer.run = undefined;
    };
  };

  async advanceTo(end) {
    while (this.#now < end) {
      this.#now = this.#buckets.size > 0 ? this.#now + 1 : end;
      const due = this.#buckets.get(this.#now);
      this.#buckets.delete(this.#now);
      if (!due?.some(({ run }) => run)) continue;
      for (const { run } of due) run?.();
      await quiet();
    }
  }
}

/** A random number generator that gives the same sequence in every run. */
function chance() {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

async function simulate(processes, shared) {
  const clock = new SimulatedClock();
  const random = chance();
  const takes = (ms) => new Promise((resolve) => clock.after(ms, resolve));
  const requests = countBySecond(clock);
  const commands = countBySecond(clock);
  const waits = [];
  let failures = 0;

  const memory = memoryTokenStore({ clock });
  const remote =
    (operation) =>
    async (...given) => {
      commands.add();
      await takes(STORE_COMMAND_MS);
      return operation(...given);
    };
  const store = {
    get: remote(memory.get),
    set: remote(memory.set),
    delete: remote(memory.delete),
    async lock(key, ttlMs) {
      const release = await remote(memory.lock)(key, ttlMs);
      return release && remote(release);
    },
  };
  const fetch = async () => {
    const body = { access_token: `token-${requests.add()}`, token_type: 'Bearer', expires_in: HOUR_MS / 1_000 };
    await takes(TOKEN_REQUEST_MS);
    return Response.json(body);
  };
  const onEvent = (event) => {
    // Longer than just reading the store: the process waited for another one's token request.
    if (event.type === 'token.adopted' && event.durationMs > 3 * STORE_COMMAND_MS) waits.push(event.durationMs);
    if (event.type === 'token.failed' || event.type === 'store.failed') failures++;
  };
  const config = {
    tokenUrl: 'https://auth.test.invalid/connect/token',
    apiOrigins: ['https://api.test.invalid'],
    clientId: 'simulated',
    clientSecret: 'simulated',
    scope: 'accountinformation private',
    fetch,
    onEvent,
    ...(shared && { store }),
  };
  const sources = Array.from({ length: processes }, () => createTokenSource(config, { clock, random }));

  const groups = Array.from({ length: REQUEST_EVERY_MS / TICK_MS }, () => []);
  for (const source of sources) {
    const first = Math.floor(random() * (1_000 / TICK_MS));
    groups[first].push(source);
  }
  for (let time = 0; time < HOURS * HOUR_MS; time += TICK_MS) {
    for (const source of groups[(time / TICK_MS) % groups.length]) source.get().catch(() => failures++);
    await quiet();
    await clock.advanceTo(time + TICK_MS);
  }
  if (failures > 0) throw new Error(`${failures} failures in the simulation of ${processes} processes`);
  return {
    tokens: requests.total(),
    peakRequests: requests.peak(),
    commands: commands.total() / HOURS / processes,
    peakCommands: commands.peak(),
    waits: waits.length,
    longestWaitMs: Math.max(0, ...waits),
  };
}

function countBySecond(clock) {
  const seconds = new Map();
  let total = 0;
  return {
    add() {
      const second = Math.floor(clock.monotonic() / 1_000);
      seconds.set(second, (seconds.get(second) ?? 0) + 1);
      return ++total;
    },
    total: () => total,
    peak: () => Math.max(0, ...seconds.values()),
  };
}

const shown = (figure, digits = 0) => figure.toLocaleString('en', { maximumFractionDigits: digits });
console.log(
  '| processes | tokens in 6 h, alone | shared | peak token requests a second, alone | shared | store commands per process and hour | peak store commands a second | waits for a token request of another process in 6 h | longest |',
);
console.log(`|${' ---: |'.repeat(9)}`);
for (const processes of sizes) {
  const alone = await simulate(processes, false);
  const shared = await simulate(processes, true);
  const row = [
    shown(processes),
    shown(alone.tokens),
    shown(shared.tokens),
    shown(alone.peakRequests),
    shown(shared.peakRequests),
    shown(shared.commands, 1),
    shown(shared.peakCommands),
    shown(shared.waits),
    `${shown(shared.longestWaitMs)} ms`,
  ];
  console.log(`| ${row.join(' | ')} |`);
}
