import { type ClientSecretConfig, type Clock, createTokenSource } from '@open-banking-auth/core';
import { FakeClock } from './fake-clock.js';
import { recordEvents } from './recorded-events.js';

export const SECRET = 's3cr+t/ä=&?';

/** With the rules of openpayments.io, on hosts of the tests' own. */
export const CONFIG = {
  environment: 'production',
  tokenUrl: 'https://auth.test.invalid/connect/token',
  apiOrigins: ['https://api.test.invalid'],
  clientId: '5b1cb4a0-0000-4000-8000-3a5d0ee1a5c1',
  clientSecret: SECRET,
  scope: 'accountinformation private',
} satisfies ClientSecretConfig;

export interface TokenCall {
  readonly url: string;
  readonly init: RequestInit;
  readonly form: URLSearchParams;
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
}

/** The usual response; the n-th token is called `token-n`. */
export function granted(n: number): Response {
  return grantedWith(n, {});
}

export function grantedWith(n: number, over: Record<string, unknown>): Response {
  return json({ access_token: `token-${n}`, token_type: 'Bearer', expires_in: 3600, ...over });
}

/** A stubbed `fetch`, and what it was called with. */
export function recordCalls(answer: (n: number, call: TokenCall) => Response | Promise<Response>) {
  const calls: TokenCall[] = [];
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    const call = { url: String(url), init, form: new URLSearchParams(String(init.body)) };
    calls.push(call);
    return answer(calls.length, call);
  };
  return { calls, fetch };
}

/** A source over a stubbed `fetch` and a fake clock. */
export function sourceOver(
  answer: (n: number, call: TokenCall) => Response | Promise<Response>,
  config: Partial<ClientSecretConfig> = {},
  random = 1,
) {
  const clock = new FakeClock();
  const { calls, fetch } = recordCalls(answer);
  const { all, events, onEvent } = recordEvents();
  const tokens = createTokenSource({ ...CONFIG, fetch, onEvent, ...config }, { clock, random: () => random });
  return { tokens, clock, calls, all, events };
}

/** The machine's clock, but for waits between attempts, which take no time. */
export const QUICK_CLOCK: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs <= 2_000 ? 0 : delayMs);
    return () => clearTimeout(timer);
  },
};

/** A promise that the test settles when it is time. */
export function deferred<T>() {
  let give: (value: T) => void = () => {};
  let fail: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((...settlers) => {
    [give, fail] = settlers;
  });
  return { promise, give, fail };
}

/** Waits for something that comes about without time passing. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000; turn++) {
    if (condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`This did not come about: ${condition}`);
}

/** Gives what should not happen the chance to happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
