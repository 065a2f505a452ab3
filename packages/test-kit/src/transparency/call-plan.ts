import fc from 'fast-check';
import type { CallPlan } from './bench.js';
import { bodyPlans, NO_BODY } from './body-plan.js';
import { headerPlans, NO_HEADERS } from './header-plan.js';
import { mostly, responsePlans } from './response-plan.js';
import { signalPlans } from './signal-plan.js';

const oneInTen = fc.integer({ min: 0, max: 9 }).map((n) => n === 9);

/** What can differ in a call of any client. */
export const CALL_PLANS = {
  elsewhere: oneInTen,
  body: fc.oneof(fc.constant(NO_BODY), bodyPlans),
  headers: fc.oneof(fc.constant(NO_HEADERS), headerPlans),
  signal: signalPlans,
  response: responsePlans,
  change: mostly<CallPlan['change']>('never', 'at once', 'on the way'),
  again: oneInTen,
};

/** None of these by name, or a few. */
export function someOf<Name extends string>(
  named: Readonly<Record<Name, unknown>>,
  most: number,
): fc.Arbitrary<Name[]> {
  const names = Object.keys(named) as Name[];
  return fc.oneof(fc.constant<Name[]>([]), fc.uniqueArray(fc.constantFrom(...names), { maxLength: most }));
}
