import fc from 'fast-check';

/** Where anything may happen. It checks its invariants as it runs, and notes what was broken. */
interface World<Action> {
  readonly broken: readonly string[];
  do(action: Action): Promise<void>;
  /** Everybody gets a response; then nobody may be waiting any more. */
  finish(): Promise<void>;
}

/** Whatever happens, in whatever order, breaks no invariant of a new world. */
export async function breaksNothing<Action>(
  action: fc.Arbitrary<Action>,
  begin: () => World<Action>,
  numRuns: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 60, size: 'max' }), async (actions) => {
      const world = begin();
      for (const each of actions) await world.do(each);
      await world.finish();
      expect(world.broken).toEqual([]);
    }),
    // On failure fast-check prints the seed and the shortest sequence; put the seed here to repeat it.
    { numRuns },
  );
}

/** Counts the token requests in flight, by scope: more than one at a time is too many. */
export class InFlight {
  readonly #counts = new Map<string, number>();

  /** Returns what is called when the request has its response, or is given up. */
  begin(scope: string, broken: string[]): () => void {
    const count = (this.#counts.get(scope) ?? 0) + 1;
    if (count > 1) broken.push(`${count} token requests in flight for ${scope}`);
    this.#counts.set(scope, count);
    let counted = true;
    return () => {
      if (counted) this.#counts.set(scope, (this.#counts.get(scope) ?? 0) - 1);
      counted = false;
    };
  }
}
