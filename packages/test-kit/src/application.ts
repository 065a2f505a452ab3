// The side of an application that runs in a process of its own: one token source over a store, and requests to the API when
// it is ordered to make some. To start is most of its work, so it serves one test after the other, each with a store, a
// source and a clock of its own. `processes.ts` is the side of the test, which talks to it over IPC.
import {
  type AuthEvent,
  type Clock,
  createTokenSource,
  openBankingFetch,
  type TokenStore,
} from '@open-banking-auth/core';
import { blockAgainAndAgain } from './blocked-loop.js';

/** What an application in a process begins with. */
export interface ApplicationSettings<Place> {
  /** Where its store is. */
  readonly place: Place;
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

/** The store of an application. */
export interface Connection {
  readonly store: TokenStore;
  readonly reconnected?: () => Promise<unknown>;
  readonly close?: () => void;
}

export type Order<Place> =
  | { readonly do: 'begin'; readonly settings: ApplicationSettings<Place> }
  | { readonly do: 'end' }
  /** `busy`: meanwhile other work blocks its event loop again and again. */
  | { readonly do: 'call'; readonly times: number; readonly busy: boolean }
  /** Its tokens are cleared. Nothing is reported. */
  | { readonly do: 'clear' }
  /** Time passes, on both hands of its clock. Nothing is reported. */
  | { readonly do: 'skip'; readonly ms: number }
  /** Its store has a connection again. */
  | { readonly do: 'reconnect' };

export type Report =
  | { readonly type: 'ready' | 'ended' }
  | { readonly type: 'event'; readonly event: AuthEvent }
  /** `accepted` requests of an order; what became of the others. */
  | { readonly type: 'done'; readonly accepted: number; readonly failures: readonly string[] };

interface Application<Place> {
  obey(order: Order<Place>): Promise<void>;
  end(): void;
}

/** Serves the test that started this process. */
export function runApplications<Place>(connect: (place: Place, clock: Clock) => Promise<Connection>): void {
  let application: Application<Place> | undefined;
  process.once('disconnect', () => process.exit());
  process.on('message', async (order: Order<Place>) => {
    if (order.do === 'begin') {
      application = await begin(order.settings, connect);
      report({ type: 'ready' });
    } else if (order.do === 'end') {
      application?.end();
      report({ type: 'ended' });
    } else await application?.obey(order);
  });
}

const report = (what: Report) => process.send?.(what);

async function begin<Place>(
  settings: ApplicationSettings<Place>,
  connect: (place: Place, clock: Clock) => Promise<Connection>,
): Promise<Application<Place>> {
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
  const { store, reconnected, close } = await connect(settings.place, clock);
  const onEvent = (event: AuthEvent) => {
    if (!ended) report({ type: 'event', event });
  };
  const tokens = createTokenSource({ ...settings.config, store, onEvent, fetch: signed }, { clock });
  const fetch = openBankingFetch(tokens);
  const done = (accepted: number, failures: readonly string[]) => {
    if (!ended) report({ type: 'done', accepted, failures });
  };

  return {
    async obey(order) {
      if (order.do === 'clear') tokens.clear();
      if (order.do === 'skip') skippedMs += order.ms;
      if (order.do === 'reconnect') {
        await reconnected?.();
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
      close?.();
    },
  };
}

/** Token requests say whose they are. */
const signed: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set('x-process', String(process.pid));
  return fetch(input, { ...init, headers });
};
