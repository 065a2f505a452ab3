import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterwards, Bench, type CallPlan, type Outcome, type PreparedCall, type State } from './bench.js';
import { isStream } from './body-plan.js';
import { actual, type Comparable, expected, getsToken } from './compare.js';
import { EchoServer } from './echo-server.js';
import { ProcessWatch } from './process-watch.js';
import { UNAUTHORIZED } from './response-plan.js';

/** A client that must send the same and come to the same, with a token as without. */
export interface Subject<Plan extends CallPlan> {
  readonly name: string;
  readonly plans: fc.Arbitrary<Plan>;
  /** What was found, at its smallest, and is tried each time. */
  readonly found: Readonly<Record<string, Plan>>;
  /** Makes a call ready: through the token source of the bench, or bare if it has none. */
  prepare(plan: Plan, bench: Bench): PreparedCall;
}

const STATES = ['token held', 'no token', 'revoked token'] as const;

/** Each request is sent in three states, so this is about 1,000 sends. `TRANSPARENCY_RUNS` and `TRANSPARENCY_SEED` explore. */
const RUNS = Number(process.env.TRANSPARENCY_RUNS ?? 334);
const SEED = Number(process.env.TRANSPARENCY_SEED ?? 20_240_501);

export function describeTransparency<Plan extends CallPlan>(subject: Subject<Plan>): void {
  describe(`${subject.name}: what is sent, and what it comes to, is the same as without a token`, () => {
    let servers: Record<State, EchoServer>;
    let watch: ProcessWatch;
    beforeAll(async () => {
      const [bare, held, none, revoked] = await Promise.all([start(), start(), start(), start()]);
      servers = { bare, 'token held': held, 'no token': none, 'revoked token': revoked };
    });
    afterAll(() => Promise.all(Object.values(servers).map((server) => server.close())));
    beforeEach(() => {
      watch = new ProcessWatch();
    });
    afterEach(() => watch.end());

    const check = (plan: Plan) => checkOne(subject, plan, servers, watch);

    if (Object.keys(subject.found).length > 0)
      test.each(Object.entries(subject.found))('found before: %s', async (_name, plan) => check(plan));

    test('for any request, response and caller', async () => {
      await fc.assert(fc.asyncProperty(subject.plans, check), { numRuns: RUNS, seed: SEED });
    });
  });
}

const start = () => EchoServer.start();

async function checkOne<Plan extends CallPlan>(
  subject: Subject<Plan>,
  plan: Plan,
  servers: Record<State, EchoServer>,
  watch: ProcessWatch,
): Promise<void> {
  const run = (state: State, response = plan.response): Promise<Outcome> =>
    new Bench(servers[state], plan, state, response).run((bench) => subject.prepare(plan, bench));
  watch.take();
  const bare = await run('bare');
  // The 401 of a stream: it is the result, as it would be without us.
  const refused = isStream(plan.body) && getsToken(plan) ? await run('bare', UNAUTHORIZED) : undefined;
  await afterwards();
  const fatalWithout = watch.take().map(String);
  const outcomes = await Promise.all(STATES.map((state) => run(state)));
  await afterwards();
  const fatal = watch.take().map(String);
  if (fatalWithout.length === 0 && fatal.length > 0) throw new Error(`The process would have ended: ${fatal.join()}`);
  for (const [nth, state] of STATES.entries()) {
    const outcome = outcomes[nth];
    if (!outcome) continue;
    const reference = state === 'revoked token' && refused ? refused : bare;
    assertSame(state, actual(outcome), expected(plan, state, reference));
  }
}

function assertSame(state: State, ours: Comparable, bare: Comparable): void {
  if (isDeepStrictEqual(ours, bare)) return;
  expect({ state, ...ours }).toEqual({ state, ...bare });
  // Equal for Jest, but not in the order of keys, or undefined where something is missing.
  throw new Error(`${state}: ${JSON.stringify(ours)} is not ${JSON.stringify(bare)}`);
}
