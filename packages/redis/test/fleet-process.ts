// A process of an application: one token source over Redis, and requests to the API when it is told to make some. Started
// by processes.test.ts, which talks to it over IPC.
import { type AuthEvent, type Clock, createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { redisTokenStore } from '@open-banking-auth/redis';
import { type ClientKind, clientKinds } from './redis-clients.js';

/** What a process is started with. */
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
  | { readonly do: 'call'; readonly times: number }
  /** Time passes, on both hands of its clock. Nothing is reported. */
  | { readonly do: 'skip'; readonly ms: number }
  /** Its client has a connection to Redis again. */
  | { readonly do: 'reconnect' };

export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'event'; readonly event: AuthEvent }
  /** `accepted` requests of an order; what became of the others. */
  | { readonly type: 'done'; readonly accepted: number; readonly failures: readonly string[] };

const settings: ProcessSettings = JSON.parse(process.argv[2] ?? '');
const report = (what: Report) => process.send?.(what);
process.once('disconnect', () => process.exit());

let skippedMs = 0;
const clock: Clock = {
  wall: () => Date.now() + skippedMs + settings.wallOffByMs,
  monotonic: () => performance.now() + skippedMs,
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

async function main() {
  const { client } = await clientKinds[settings.kind](settings.redis);
  const store = redisTokenStore({ client });
  const onEvent = (event: AuthEvent) => void report({ type: 'event', event });
  const tokens = createTokenSource({ ...settings.config, store, onEvent }, { clock });
  const fetch = openBankingFetch(tokens);

  process.on('message', async (order: Order) => {
    if (order.do === 'skip') {
      skippedMs += order.ms;
      return;
    }
    if (order.do === 'reconnect') {
      await client.get('anything');
      report({ type: 'done', accepted: 0, failures: [] });
      return;
    }
    const failures: string[] = [];
    for (let call = 0; call < order.times; call++) {
      try {
        const { status } = await fetch(`${settings.apiUrl}/psd2/aspspinformation/v1/aspsps`);
        if (status !== 200) failures.push(`HTTP ${status}`);
      } catch (error) {
        failures.push(String(error));
      }
    }
    report({ type: 'done', accepted: order.times - failures.length, failures });
  });
  report({ type: 'ready' });
}

void main();
