import {
  createTokenSource,
  type OpenBankingAuthError,
  openBankingFetch,
  type PsuContext,
} from '@open-banking-auth/core';
import { FakeClock } from '@open-banking-auth/test-kit/fake-clock';
import { IN_FULL } from '@open-banking-auth/test-kit/in-full';
import { CONFIG } from '@open-banking-auth/test-kit/token-endpoint';
import fc from 'fast-check';
import { hashImmediately } from './immediate-hashing.js';
import { breaksNothing, InFlight } from './in-any-order.js';

/** What happens to the source, in any order. Numbers choose among what is pending. */
type Action =
  | { readonly do: 'call'; readonly context: PsuContext }
  | { readonly do: 'abort'; readonly which: number }
  | { readonly do: 'answer token request'; readonly which: number; readonly how: TokenAnswer }
  | { readonly do: 'answer call'; readonly which: number; readonly how: ApiAnswer }
  | { readonly do: 'advance' | 'set wall clock' | 'sleep'; readonly ms: number }
  | { readonly do: 'revoke all' | 'rotate secret' };

type TokenAnswer =
  | 'token'
  | 'short token'
  | 'late short token'
  | '503'
  | '429 later'
  | 'empty'
  | 'invalid_client'
  | 'network error';
type ApiAnswer = 'honest' | '401' | '401 consent' | 'network error';

interface Issued {
  readonly nth: number;
  readonly scope: string;
  /** Deadlines by the clocks as they were when the request for it was sent. */
  readonly wall: number;
  readonly monotonic: number;
  revoked: boolean;
}

interface Pending<How> {
  readonly settle: (how: How) => void;
}

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      context: fc.constantFrom<PsuContext>('private', 'corporate'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat(20) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('answer token request' as const),
      which: fc.nat(3),
      how: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom<TokenAnswer>('token', 'short token') },
        {
          weight: 3,
          arbitrary: fc.constantFrom<TokenAnswer>(
            'late short token',
            '503',
            '429 later',
            'empty',
            'invalid_client',
            'network error',
          ),
        },
      ),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('answer call' as const),
      which: fc.nat(20),
      how: fc.oneof(
        { weight: 4, arbitrary: fc.constant<ApiAnswer>('honest') },
        { weight: 2, arbitrary: fc.constantFrom<ApiAnswer>('401', '401 consent', 'network error') },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 500, 1_900, 1_990, 2_000, 6_000, 61_000, 3_500_000, 3_575_000, 3_600_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('set wall clock' as const, 'sleep' as const),
      ms: fc.constantFrom(-7_200_000, -5_000, 5_000, 7_200_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('revoke all' as const, 'rotate secret' as const) }) },
);

/** A source between a token endpoint and an API that answer when they are told to. Every invariant is checked as it runs. */
class World {
  readonly clock = new FakeClock();
  readonly broken: string[] = [];
  readonly #issued: Issued[] = [];
  readonly #newest = new Map<string, number>();
  readonly #inFlight = new InFlight();
  readonly #tokenRequests: Pending<TokenAnswer>[] = [];
  readonly #apiCalls: Pending<ApiAnswer>[] = [];
  readonly #calls: { readonly controller: AbortController; settled: boolean }[] = [];
  readonly #sends = new Map<string, number>();
  #secret = 0;
  #tokenRequestsSent = 0;

  readonly #tokens = createTokenSource(
    {
      ...CONFIG,
      clientSecret: () => `secret-${this.#secret}`,
      fetch: (_url, init) =>
        this.#tokenRequest(new URLSearchParams(String(init?.body)).get('scope') ?? '', init?.signal),
    },
    { clock: this.clock, random: () => 0.5 },
  );

  readonly #fetch = openBankingFetch(this.#tokens, { fetch: (url, init) => this.#apiCall(String(url), init) });

  #tokenRequest(scope: string, signal: AbortSignal | null | undefined): Promise<Response> {
    const nth = ++this.#tokenRequestsSent;
    const [wall, monotonic] = [this.clock.wall(), this.clock.monotonic()];
    const landed = this.#inFlight.begin(scope, this.broken);
    // Given up, but its answer may still come: it must not be taken.
    signal?.addEventListener('abort', landed);
    return new Promise((resolve, reject) => {
      const settle = (how: TokenAnswer) => {
        landed();
        const json = (body: object, status = 200, headers = {}) =>
          resolve(new Response(JSON.stringify(body), { status, headers }));
        const token = (seconds: number) => {
          this.#issued.push({
            nth,
            scope,
            wall: wall + seconds * 1_000,
            monotonic: monotonic + seconds * 1_000,
            revoked: false,
          });
          json({ access_token: `token-${this.#issued.length - 1}`, token_type: 'Bearer', expires_in: seconds });
        };
        if (how === 'token') token(3_600);
        else if (how === 'short token') token(2);
        else if (how === 'late short token') {
          this.clock.advance(1_950);
          token(2);
        } else if (how === '503') json({}, 503);
        else if (how === '429 later') json({}, 429, { 'retry-after': '3' });
        else if (how === 'empty') resolve(new Response(''));
        else if (how === 'invalid_client') json({ error: 'invalid_client' }, 400);
        else reject(new TypeError('fetch failed'));
      };
      this.#tokenRequests.push({ settle });
    });
  }

  #apiCall(url: string, init: RequestInit | undefined): Promise<Response> {
    const value = new Headers(init?.headers).get('authorization')?.slice('Bearer token-'.length);
    const token = this.#issued[Number(value)];
    const sends = (this.#sends.get(url) ?? 0) + 1;
    this.#sends.set(url, sends);
    if (sends > 3) this.broken.push(`${url} was sent ${sends} times`);
    if (!token) this.broken.push(`${url} was sent with "${value}", which was never issued`);
    else if (this.clock.wall() >= token.wall || this.clock.monotonic() >= token.monotonic)
      this.broken.push(`${url} was sent with an expired token`);
    return new Promise((resolve, reject) => {
      const settle = (how: ApiAnswer) => {
        if (how === 'network error') reject(new TypeError('fetch failed'));
        else if (how === '401 consent') resolve(new Response('{"code":"CONSENT_EXPIRED"}', { status: 401 }));
        else if (how === '401' || token?.revoked) resolve(new Response('{"code":"TOKEN_INVALID"}', { status: 401 }));
        else resolve(new Response('{}'));
      };
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      this.#apiCalls.push({ settle });
    });
  }

  #call(context: PsuContext): void {
    const controller = new AbortController();
    const call = { controller, settled: false };
    const url = `https://api.test.invalid/${this.#calls.length}`;
    this.#calls.push(call);
    this.#fetch(url, { signal: controller.signal, openBanking: { context } })
      .then(
        () => undefined,
        (error: Error | OpenBankingAuthError) => {
          const aborted = controller.signal.aborted;
          if (error.name === 'AbortError' && !aborted) this.broken.push(`${url} was aborted, but not by its caller`);
          else if (!['AbortError', 'OpenBankingAuthError', 'TypeError'].includes(error.name))
            this.broken.push(`${url}: ${error}`);
        },
      )
      .then(() => {
        call.settled = true;
      });
  }

  async do(action: Action): Promise<void> {
    if (action.do === 'call') this.#call(action.context);
    else if (action.do === 'abort') this.#calls[action.which % this.#calls.length]?.controller.abort();
    else if (action.do === 'answer token request')
      this.#tokenRequests.splice(action.which % this.#tokenRequests.length, 1)[0]?.settle(action.how);
    else if (action.do === 'answer call')
      this.#apiCalls.splice(action.which % this.#apiCalls.length, 1)[0]?.settle(action.how);
    else if (action.do === 'advance') this.clock.advance(action.ms);
    else if (action.do === 'set wall clock') this.clock.setWallBy(action.ms);
    else if (action.do === 'sleep') this.clock.setWallBy(Math.abs(action.ms));
    else if (action.do === 'rotate secret') this.#secret++;
    else for (const token of this.#issued) token.revoked = true;
    await this.#settle();
    this.#look();
  }

  /** Aborted callers are through at once; a token that is held is never replaced by one that was requested before it. */
  #look(): void {
    for (const [index, { controller, settled }] of this.#calls.entries()) {
      if (controller.signal.aborted && !settled) this.broken.push(`call ${index} was aborted and waits on`);
    }
    for (const context of ['private', 'corporate'] as const) {
      const held = this.#tokens.peek({ context });
      const token = this.#issued[Number(held?.value.slice('token-'.length))];
      if (!token) continue;
      const newest = this.#newest.get(token.scope) ?? 0;
      if (token.nth < newest) this.broken.push(`an older token replaced a newer one for ${token.scope}`);
      this.#newest.set(token.scope, Math.max(newest, token.nth));
    }
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Everybody gets an answer now; then nobody may be waiting any more. */
  async finish(): Promise<void> {
    for (let round = 0; round < 60 && this.#calls.some(({ settled }) => !settled); round++) {
      for (const { settle } of this.#tokenRequests.splice(0)) settle('token');
      for (const { settle } of this.#apiCalls.splice(0)) settle('honest');
      await this.#settle();
      if (round > 10) this.clock.advance(1_000);
    }
    const hanging = this.#calls.flatMap(({ settled }, index) => (settled ? [] : [index]));
    if (hanging.length > 0) this.broken.push(`calls ${hanging} hang`);
  }
}

hashImmediately();

test('whatever happens, in whatever order: one request in flight per key, nothing sent past expiry, no waiter hangs, no newer token is overwritten, at most three sends', async () => {
  await breaksNothing(action, () => new World(), IN_FULL ? 1_500 : 200);
}, 60_000);
