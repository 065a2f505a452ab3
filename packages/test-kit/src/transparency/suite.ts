import fc from 'fast-check';
import { IN_FULL } from '../in-full.js';
import type { CallPlan, State } from './bench.js';
import { checkOne, type Subject } from './check.js';
import { EchoServer } from './echo-server.js';
import { ProcessWatch } from './process-watch.js';
import { survey } from './survey.js';

// Each is made bare and in three states: 1,002 calls through us in CI, 120 elsewhere. Another seed and more runs explore;
// TRANSPARENCY_SURVEY prints all differences at once, and TRANSPARENCY_PLAN tries one plan, as it was printed.
const RUNS = Number(process.env.TRANSPARENCY_RUNS ?? (IN_FULL ? 334 : 25));
const SEED = Number(process.env.TRANSPARENCY_SEED ?? 20_240_501);

export function describeTransparency<Plan extends CallPlan>(subject: Subject<Plan>): void {
  describe(`${subject.name}: what is sent, and what it comes to, is the same as without a token`, () => {
    let servers: Record<State, EchoServer>;
    let watch: ProcessWatch;
    beforeAll(async () => {
      const [bare, held, none, revoked] = await Promise.all([start(), start(), start(), start()]);
      servers = { bare, 'bare refresh': bare, 'token held': held, 'no token': none, 'revoked token': revoked };
    });
    afterAll(() => Promise.all(Object.values(servers).map((server) => server.close())));
    beforeEach(() => {
      watch = new ProcessWatch();
    });
    afterEach(() => watch.end());

    const check = (plan: Plan) => checkOne(subject, plan, servers, watch);

    for (const [name, plan] of Object.entries(subject.found)) test(`found before: ${name}`, () => check(plan));

    const run = () => {
      const { TRANSPARENCY_PLAN: plan, TRANSPARENCY_SURVEY: all } = process.env;
      if (plan) return check(JSON.parse(plan));
      if (all) return survey(fc.sample(subject.plans, { numRuns: RUNS, seed: SEED }), check);
      return fc.assert(fc.asyncProperty(subject.plans, check), { numRuns: RUNS, seed: SEED });
    };
    test('for any request, response and caller', run, 60_000 + 200 * RUNS);
  });
}

const start = () => EchoServer.start();
