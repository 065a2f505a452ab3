import { isDeepStrictEqual } from 'node:util';
import type fc from 'fast-check';
import { aWhile, Bench, type CallPlan, type Outcome, type PreparedCall, type State } from './bench.js';
import { actual, type Comparable, expected, getsToken, isUnexplained, withoutSending } from './compare.js';
import type { EchoServer } from './echo-server.js';
import type { ProcessWatch } from './process-watch.js';
import { UNAUTHORIZED } from './response-plan.js';

/** A client that must send the same and come to the same, with a token as without. */
export interface Subject<Plan extends CallPlan> {
  readonly name: string;
  readonly plans: fc.Arbitrary<Plan>;
  /** What was found, at its smallest, and is tried each time. */
  readonly found: Readonly<Record<string, Plan>>;
  /** Whether a 401 is the result, since the request cannot be sent again or the client itself refuses the 401. */
  isFinal(plan: Plan): boolean;
  /** Whether the client itself sends this request again: then it is compared with `bare refresh`. */
  refreshes?(plan: Plan): boolean;
  /** Whether the client is not to decode the body of a 401, whose reason is then unknown. */
  hidesReason?(plan: Plan): boolean;
  /** Makes a call ready: through the token source of the bench, or bare if it has none. */
  prepare(plan: Plan, bench: Bench): PreparedCall;
}

const STATES = ['token held', 'no token', 'revoked token'] as const;

/** Makes one planned call in every state, and fails where one is not as the bare one. */
export async function checkOne<Plan extends CallPlan>(
  subject: Subject<Plan>,
  plan: Plan,
  servers: Record<State, EchoServer>,
  watch: ProcessWatch,
): Promise<void> {
  const run = (state: State, response = plan.response, isRevoked = state === 'revoked token'): Promise<Outcome> =>
    new Bench(servers[state], plan, state, response, isRevoked).run((bench) => subject.prepare(plan, bench));
  watch.take();
  const bare = await run('bare');
  if (bare.results.includes('hangs')) throw new Error('The bare call hangs: nothing in this plan ends it');
  // A final 401 is the result, as it would be without us.
  const final = subject.isFinal(plan);
  const unexplained = isUnexplained(plan, subject.hidesReason?.(plan) === true);
  const refused = final && getsToken(plan, bare) ? await run('bare', UNAUTHORIZED) : undefined;
  await aWhile(plan);
  const fatalWithout = watch.take().map(String);
  const outcomes = await Promise.all(STATES.map((state) => run(state)));
  await aWhile(plan);
  const fatal = watch.take().map(String);
  if (fatalWithout.length === 0 && fatal.length > 0) throw new Error(`The process would have ended: ${fatal.join()}`);
  for (const [nth, state] of STATES.entries()) {
    const outcome = outcomes[nth];
    if (!outcome) continue;
    const isRevoked = state === 'revoked token';
    const again = getsToken(plan, bare) && !final && (isRevoked || unexplained);
    const byClient = again && subject.refreshes?.(plan) === true;
    // Which of the two sends so short a time limit ends is chance.
    if (isRevoked && subject.refreshes?.(plan) && endsByTime(plan)) continue;
    let theirs = byClient
      ? actual(await run('bare refresh', plan.response, isRevoked))
      : expected((isRevoked && refused) || bare, { replays: again, revoked: isRevoked, unexplained });
    let ours = actual(outcome);
    if (state !== 'token held') [ours, theirs] = withoutSending(ours, theirs);
    assertSame(state, ours, endsByTime(plan) ? { ...theirs, requests: ours.requests } : theirs);
  }
}

/** Whether anything is sent before so short a time limit is chance, with us and without. */
function endsByTime({ response, signal }: CallPlan): boolean {
  return response.ending === 'never' && ['none', 'unused', 'expires'].includes(signal.moment);
}

function assertSame(state: State, ours: Comparable, bare: Comparable): void {
  if (isDeepStrictEqual(ours, bare)) return;
  expect({ with: state, ...ours }).toEqual({ with: 'nothing', ...bare });
  // Equal for Jest: undefined where the other has nothing.
  throw new Error(`${state}: ${JSON.stringify(ours)} is not ${JSON.stringify(bare)}`);
}
