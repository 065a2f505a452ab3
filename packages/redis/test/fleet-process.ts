// A process of an application: one token source over Redis, and requests to the API when it is ordered to make some. Started
// by processes.test.ts, which talks to it over IPC. To start is most of its work, so it serves one test after the other, each
// with a client, a source and a clock of its own.
import { type AuthEvent, type Clock, createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { redisTokenStore } from '@open-banking-auth/redis';
import { type ClientKind, clientKinds } from './redis-clients.js';

/** What an application in a process begins with. */
export interface ProcessSettings {
  readonly kind: ClientKind;
  readonly redis: string;
  readonly apiUrl: string;
  readonly config: {
    readonly tokenUrl: string;
    readonly apiOrigins: string[];
    readonly clientId: string;
    readonly clientSecret: string;
    readonly scope: string;
  };
  /** How much its host's wall clock goes wrong. */
  readonly wallOffByMs: number;
}

export type Order =
  | { readonly do: 'begin'; readonly settings: ProcessSettings }
  | { readonly do: 'end' }
  /** `busy`: meanwhile other work blocks its event loop again and again. */
  | { readonly do: 'call'; readonly times: number; readonly busy: boolean }
  /** Time passes, on both hands of its clock. Nothing is reported. */
  | { readonly do: 'skip'; readonly ms: number }
  /** Its client has a connection to Redis again. */
  | { readonly do: 'reconnect' };

export type Report =
  | { readonly type: 'ready' | 'ended' }
  | { readonly type: 'event'; readonly event: AuthEvent }
  /** `accepted` requests of an order; what became of the others. */
  | { readonly type: 'done'; readonly accepted: number; readonly failures: readonly string[] };

/** For longer than an operation of the store may take, and for shorter. */
const BLOCKED_FOR_MS = [300, 50, 270, 120];
const FREE_FOR_MS = 3;

/** Blocks the event loop as long computations do, but leaves the processors to others. Returns what ends it. */
function blockAgainAndAgain(): () => void {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  let timer: NodeJS.Timeout;
  let times = 0;
  const block = () => {
    Atomics.wait(nothing, 0, 0, BLOCKED_FOR_MS[times++ % BLOCKED_FOR_MS.length]);
    timer = setTimeout(block, FREE_FOR_MS);
  };
  timer = setTimeout(block, FREE_FOR_MS);
  return () => clearTimeout(timer);
}

const report = (what: Report) => process.send?.(what);
process.once('disconnect', () => process.exit());

async function begin(settings: ProcessSettings): Promise<{ obey(order: Order): Promise<void>; end(): void }> {
  let skippedMs = 0;
  let ended = false;
  const clock: Clock = {
    wall: () => Date.now() + skippedMs + settings.wallOffByMs,
    monotonic: () => performance.now() + skippedMs,
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  };
  const { client, close } = await clientKinds[settings.kind](settings.redis);
  const store = redisTokenStore({ client });
  const onEvent = (event: AuthEvent) => {
    if (!ended) report({ type: 'event', event });
  };
  const tokens = createTokenSource({ ...settings.config, store, onEvent }, { clock });
  const fetch = openBankingFetch(tokens);
  const done = (accepted: number, failures: readonly string[]) => {
    if (!ended) report({ type: 'done', accepted, failures });
  };

  return {
    async obey(order) {
      if (order.do === 'skip') skippedMs += order.ms;
      if (order.do === 'reconnect') {
        await client.get('anything');
        done(0, []);
      }
      if (order.do !== 'call') return;
      const unblock = order.busy ? blockAgainAndAgain() : () => {};
      const failures: string[] = [];
      for (let call = 0; call < order.times; call++) {
        try {
          const { status } = await fetch(`${settings.apiUrl}/psd2/aspspinformation/v1/aspsps`);
          if (status !== 200) failures.push(`HTTP ${status}`);
        } catch (error) {
          failures.push(String(error));
        }
      }
      unblock();
      done(order.times - failures.length, failures);
    },
    end() {
      ended = true;
      close();
    },
  };
}

let application: Awaited<ReturnType<typeof begin>> | undefined;
process.on('message', async (order: Order) => {
  if (order.do === 'begin') {
    application = await begin(order.settings);
    report({ type: 'ready' });
  } else if (order.do === 'end') {
    application?.end();
    report({ type: 'ended' });
  } else await application?.obey(order);
});
