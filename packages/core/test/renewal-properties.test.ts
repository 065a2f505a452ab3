import { type Clock, openBankingFetch, type TokenSource } from '@open-banking-auth/core';
import { MINUTE, SECOND } from '@open-banking-auth/test-kit/fake-clock';
import { IN_FULL } from '@open-banking-auth/test-kit/in-full';
import { granted, json } from '@open-banking-auth/test-kit/token-endpoint';
import fc from 'fast-check';
import { cryptoImmediately } from './immediate-crypto.js';
import { breaksNothing } from './in-any-order.js';
import { after, fleet } from './shared-store.js';

const PROCESSES = 3;
const PATHS = ['/a', '/b'];

/** More of them where nobody waits for them. */
const RUNS = IN_FULL ? 150 : 20;

/** Faults of store and API, and what processes do meanwhile, in any order. The token endpoint is well. */
type Action =
  | { readonly do: 'call'; readonly process: number; readonly path: string }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'freeze' | 'thaw' | 'kill'; readonly process: number }
  | {
      readonly do:
        | 'revoke'
        | 'revoke twice'
        | 'store down'
        | 'store hangs'
        | 'store up'
        | 'new tokens late'
        | 'at once';
    };

const process = fc.nat(PROCESSES - 1);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('call' as const), process, path: fc.constantFrom(...PATHS) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, 20, 80, 300, 1_000, 20_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('freeze' as const, 'thaw' as const, 'kill' as const), process }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'revoke' as const,
        'revoke twice' as const,
        'store down' as const,
        'store hangs' as const,
        'store up' as const,
        'new tokens late' as const,
        'at once' as const,
      ),
    }),
  },
);

/** The clock of a process that can be frozen: its timers fire when it goes on, if it ever does. */
class ProcessClock implements Clock {
  frozen = false;
  readonly #due: (() => void)[] = [];

  constructor(readonly clock: Clock) {}

  wall = () => this.clock.wall();
  monotonic = () => this.clock.monotonic();
  after = (delayMs: number, run: () => void) =>
    this.clock.after(delayMs, () => (this.frozen ? this.#due.push(run) : run()));

  thaw(): void {
    this.frozen = false;
    for (const run of this.#due.splice(0)) run();
  }
}

class World {
  readonly broken: string[] = [];
  readonly #revoked = new Set<string>();
  readonly #knownFrom = new Map<string, number>();
  readonly #sends = new Map<string, number>();
  readonly #shares: boolean;
  #lateMs = 0;
  #issued = 0;
  #calls = 0;
  /** Processes that have had a token accepted since they started: others may wait for up to a minute. */
  readonly #proven = new Set<TokenSource>();

  readonly #fleet = fleet((nth) => {
    this.#issued = nth;
    this.#knownFrom.set(`token-${nth}`, this.#fleet.clock.monotonic() + 20 + this.#lateMs);
    return after(this.#fleet.clock, 20, granted(nth));
  });
  readonly #clocks: ProcessClock[] = [];
  readonly #sources: TokenSource[] = [];

  constructor(shares: boolean) {
    this.#shares = shares;
    for (let index = 0; index < PROCESSES; index++) this.#start(index);
  }

  #start(index: number): void {
    const clock = new ProcessClock(this.#fleet.clock);
    this.#clocks[index] = clock;
    this.#sources[index] = this.#fleet.start(this.#shares ? {} : { store: undefined }, clock);
  }

  async #call(index: number, path: string): Promise<number> {
    const source = this.#sources[index];
    if (!source) return 0;
    const url = `https://api.test.invalid${path}?${this.#calls++}`;
    const fetch = openBankingFetch(source, {
      fetch: async (_url, init) => {
        const token = new Headers(init?.headers).get('authorization')?.slice('Bearer '.length) ?? '';
        const sends = (this.#sends.get(url) ?? 0) + 1;
        this.#sends.set(url, sends);
        if (sends > 3) this.broken.push(`${url} was sent ${sends} times`);
        await after(this.#fleet.clock, 5, json({}));
        const isKnown = this.#fleet.clock.monotonic() >= (this.#knownFrom.get(token) ?? 0);
        return this.#revoked.has(token) || !isKnown
          ? new Response('{"code":"TOKEN_INVALID"}', { status: 401 })
          : json({});
      },
    });
    try {
      const { status } = await fetch(url);
      if (status === 200) this.#proven.add(source);
      return status;
    } catch (error) {
      this.broken.push(`${url}: ${error}`);
      return 0;
    }
  }

  #revoke(): void {
    for (let nth = 1; nth <= this.#issued; nth++) this.#revoked.add(`token-${nth}`);
  }

  async do(action: Action): Promise<void> {
    const { store } = this.#fleet;
    const down = () => Promise.reject(new Error('down'));
    const hang = () => new Promise<never>(() => {});
    if (action.do === 'call') void this.#call(action.process, action.path);
    else if (action.do === 'advance') await this.#pass(action.ms);
    else if (action.do === 'freeze') (this.#clocks[action.process] as ProcessClock).frozen = true;
    else if (action.do === 'thaw') this.#clocks[action.process]?.thaw();
    else if (action.do === 'kill') {
      // What it was about to do, such as to release a lock, never happens; its calls have nobody who waits for them.
      (this.#clocks[action.process] as ProcessClock).frozen = true;
      this.#start(action.process);
    } else if (action.do === 'revoke') this.#revoke();
    else if (action.do === 'revoke twice') {
      this.#revoke();
      await this.#pass(80);
      this.#revoke();
    } else if (action.do === 'store down') store.instead = { get: down, set: down, delete: down, lock: down };
    else if (action.do === 'store hangs') store.instead = { get: hang, set: hang, delete: hang, lock: hang };
    else if (action.do === 'store up') store.instead = {};
    else this.#lateMs = action.do === 'at once' ? 0 : 300;
    await this.#turn();
  }

  async #turn(): Promise<void> {
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Time passes in steps, so that whoever waits for something can go on in time. */
  async #pass(ms: number): Promise<void> {
    const stepMs = ms > 2 * SECOND ? 500 : 20;
    for (let left = ms; left > 0; left -= stepMs) {
      await this.#turn();
      this.#fleet.clock.advance(Math.min(stepMs, left));
    }
    await this.#turn();
  }

  /** Everything is well from now on: after 2 s no request fails. */
  async finish(): Promise<void> {
    this.#fleet.store.instead = {};
    for (const clock of this.#clocks) clock.thaw();
    if (this.#lateMs > 0) await this.#pass(this.#lateMs);
    this.#lateMs = 0;
    await this.#pass(2 * SECOND);
    // Two tokens in a row that nothing had accepted have a longer cooldown, which is announced.
    const announced = this.#fleet.events('token.renewal_paused').filter(({ unhelpful }) => unhelpful > 1);
    await this.#pass(Math.max(0, ...announced.map(({ pauseMs }) => pauseMs)));
    if (this.#sources.some((source) => !this.#proven.has(source))) await this.#pass(MINUTE);
    for (let index = 0; index < PROCESSES; index++) {
      for (const path of PATHS) {
        let status: number | undefined;
        void this.#call(index, path).then((given) => {
          status = given;
        });
        // A lock whose holder was killed is waited for.
        for (let steps = 0; status === undefined && steps < 13; steps++) await this.#pass(SECOND);
        if (status !== 200)
          this.broken.push(`process ${index} got ${status} for ${path}, though all had been well for 2 s`);
      }
    }
  }
}

cryptoImmediately();

test.each([
  ['share a store', true],
  ['have none', false],
])(
  'whatever happens to processes that %s: when all has been well for 2 s, no request fails',
  async (_, shares) => {
    await breaksNothing(action, () => new World(shares), RUNS);
  },
  120_000,
);
