import fc from 'fast-check';

/** When a caller gives up. */
export interface SignalPlan {
  /** `on arrival`: when the server has the request. `after`: when there is a response. `expires`: AbortSignal.timeout. */
  readonly moment: 'none' | 'unused' | 'before' | 'at once' | 'on arrival' | 'after' | 'expires';
  readonly reason: 'default' | 'error' | 'text';
}

export const NO_SIGNAL: SignalPlan = { moment: 'none', reason: 'default' };

/** Time limits that end a request which gets no response; short, since the suite waits for them. */
export const SHORT_LIMIT_MS = 15;

export const signalPlans: fc.Arbitrary<SignalPlan> = fc.record({
  moment: fc.oneof(
    { weight: 5, arbitrary: fc.constant<SignalPlan['moment']>('none') },
    {
      weight: 2,
      arbitrary: fc.constantFrom<SignalPlan['moment']>('unused', 'before', 'at once', 'on arrival', 'after'),
    },
  ),
  reason: fc.constantFrom<SignalPlan['reason']>('default', 'error', 'text'),
});

/** A signal, and what brings the moment about. */
export class PlannedAbort {
  readonly #controller = new AbortController();
  readonly #plan: SignalPlan;
  readonly signal: AbortSignal | undefined;

  constructor(plan: SignalPlan) {
    this.#plan = plan;
    if (plan.moment === 'expires') this.signal = AbortSignal.timeout(SHORT_LIMIT_MS);
    else if (plan.moment !== 'none') this.signal = this.#controller.signal;
    this.reach('before');
  }

  reach(moment: SignalPlan['moment']): void {
    const { reason } = this.#plan;
    if (moment !== this.#plan.moment) return;
    if (reason === 'default') this.#controller.abort();
    else this.#controller.abort(reason === 'error' ? new RangeError('enough') : 'enough');
  }
}
