import { openBankingFetch, type PsuContext, type TokenSource } from '@open-banking-auth/core';
import { HOUR } from '@open-banking-auth/test-kit/fake-clock';
import { IN_FULL } from '@open-banking-auth/test-kit/in-full';
import { deferred, json } from '@open-banking-auth/test-kit/token-endpoint';
import fc from 'fast-check';
import { cryptoImmediately } from './immediate-crypto.js';
import { breaksNothing, InFlight } from './in-any-order.js';
import { fleet } from './shared-store.js';

const PROCESSES = 3;

type Answer = 'token' | 'short token' | '503' | 'invalid_scope';

/** What happens to the processes, in any order. Numbers choose among what is there. */
type Action =
  | { readonly do: 'call'; readonly process: number; readonly context: PsuContext }
  | { readonly do: 'answer'; readonly which: number; readonly how: Answer }
  | { readonly do: 'advance' | 'rest'; readonly ms: number }
  | { readonly do: 'restart'; readonly process: number }
  | { readonly do: 'revoke all' | 'flush' | 'roll back' };

const context = fc.constantFrom<PsuContext>('private', 'corporate');
const process = fc.nat(PROCESSES - 1);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('call' as const), process, context }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      which: fc.nat(3),
      how: fc.constantFrom<Answer>('token', 'token', 'short token', '503', 'invalid_scope'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, 60, 250, 1_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('rest' as const), ms: fc.constantFrom(30_000, HOUR - 100_000, HOUR) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), process }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('revoke all' as const, 'flush' as const, 'roll back' as const) }),
  },
);

/** Processes with one store that works, between a token endpoint and an API. Every invariant is checked as it runs. */
class World {
  readonly broken: string[] = [];
  readonly #inFlight = new InFlight();
  readonly #pending: { readonly sentAt: number; readonly settle: (how: Answer) => void }[] = [];
  readonly #revoked = new Set<string>();
  readonly #calls: { readonly since: number; settled: boolean }[] = [];
  readonly #newest: Map<string, number>[] = [];
  readonly #past: [string, string][] = [];

  readonly #fleet = fleet((nth, { form, init }) => {
    const scope = form.get('scope') ?? '';
    const landed = this.#inFlight.begin(scope, this.broken);
    init.signal?.addEventListener('abort', landed);
    const answer = deferred<Response>();
    this.#pending.push({
      sentAt: this.#fleet.clock.monotonic(),
      settle: (how) => {
        landed();
        const token = { access_token: `token-${nth}`, token_type: 'Bearer' };
        if (how === 'token') answer.give(json({ ...token, expires_in: 3_600 }));
        else if (how === 'short token') answer.give(json({ ...token, expires_in: 20 }));
        else if (how === '503') answer.give(json({}, 503));
        else answer.give(json({ error: how }, 400));
      },
    });
    return answer.promise;
  });

  readonly #sources: TokenSource[] = Array.from({ length: PROCESSES }, (_, index) => this.#start(index));

  #start(index: number): TokenSource {
    this.#newest[index] = new Map();
    return this.#fleet.start();
  }

  #call(index: number, context: PsuContext): void {
    const source = this.#sources[index];
    if (!source) return;
    const call = { since: this.#fleet.clock.monotonic(), settled: false };
    this.#calls.push(call);
    const fetch = openBankingFetch(source, {
      fetch: async (_url, init) => {
        const value = new Headers(init?.headers).get('authorization')?.slice('Bearer '.length) ?? '';
        return this.#revoked.has(value) ? new Response('{"code":"TOKEN_INVALID"}', { status: 401 }) : json({});
      },
    });
    fetch('https://api.test.invalid/', { openBanking: { context } })
      .catch((error: Error) => {
        if (error.name !== 'OpenBankingAuthError') this.broken.push(String(error));
      })
      .finally(() => {
        call.settled = true;
      });
  }

  async do(action: Action): Promise<void> {
    const { store, clock } = this.#fleet;
    if (action.do === 'call') this.#call(action.process, action.context);
    else if (action.do === 'answer')
      this.#pending.splice(action.which % this.#pending.length, 1)[0]?.settle(action.how);
    else if (action.do === 'advance') clock.advance(action.ms);
    else if (action.do === 'restart') this.#sources[action.process] = this.#start(action.process);
    else if (action.do === 'revoke all')
      for (let nth = 1; nth <= this.#fleet.calls.length; nth++) this.#revoked.add(`token-${nth}`);
    else if (action.do === 'flush') {
      this.#past.push(...store.values);
      for (const [key] of this.#past) await store.put(key, '');
    } else if (action.do === 'roll back') for (const [key, value] of this.#past) await store.put(key, value);
    else if (action.do === 'rest') {
      // Whoever waits for the holder of a lock for 9 s takes its place, and then there may be two. So nobody waits so long.
      await this.finish();
      clock.advance(action.ms);
    }
    await this.#settle();
    this.#look();
    const since = Math.min(
      ...this.#calls.filter(({ settled }) => !settled).map(({ since }) => since),
      ...this.#pending.map(({ sentAt }) => sentAt),
    );
    if (clock.monotonic() - since > 7_000) await this.finish();
  }

  /** The token that a process holds is never replaced by one that was requested before it. */
  #look(): void {
    for (const [index, source] of this.#sources.entries()) {
      for (const context of ['private', 'corporate'] as const) {
        const nth = Number(source.peek({ context })?.value.slice('token-'.length) ?? 0);
        const newest = this.#newest[index]?.get(context) ?? 0;
        if (nth !== 0 && nth < newest) this.broken.push(`token-${nth} replaced token-${newest} in process ${index}`);
        this.#newest[index]?.set(context, Math.max(newest, nth));
      }
    }
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** The token endpoint answers, until nobody waits any more. */
  async finish(): Promise<void> {
    for (let round = 0; round < 60; round++) {
      for (const { settle } of this.#pending.splice(0)) settle('token');
      await this.#settle();
      this.#look();
      // Timers: somebody may wait for a lock in the background, for whom no call waits.
      const waiting = this.#pending.length + this.#fleet.clock.pendingTimers;
      if (waiting === 0 && this.#calls.every(({ settled }) => settled)) return;
      this.#fleet.clock.advance(50);
    }
    this.broken.push('somebody hangs');
  }
}

cryptoImmediately();

test('whatever happens to processes with one store: one token request in flight per key over all of them, no older token replaces a newer one, nobody hangs', async () => {
  await breaksNothing(action, () => new World(), IN_FULL ? 400 : 60);
}, 60_000);
