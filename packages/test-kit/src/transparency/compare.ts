import type { CallPlan, Outcome, State } from './bench.js';
import type { SentRequest } from './echo-server.js';
import { hasOwnAuthorization, OWN_REQUEST_ID } from './header-plan.js';
import { withoutBoundary } from './shape.js';

/** What is compared of an outcome: results as they are, requests without our two headers. */
export interface Comparable {
  readonly results: readonly unknown[];
  readonly requests: readonly unknown[];
}

/** Whether the request gets a token, and so may be sent a second time. */
export function getsToken(plan: CallPlan & { elsewhere?: boolean; functions?: readonly string[] }): boolean {
  return !plan.functions?.includes('auth') && !hasOwnAuthorization(plan.headers) && plan.elsewhere !== true;
}

/** Whether the API's own response is a 401 that a new token might cure. */
export function isUnexplained({ response }: CallPlan): boolean {
  return response.status === 401 && response.content !== 'consent' && response.ending !== 'never';
}

/** The outcome that a call must have, from that of the bare client. */
export function expected(plan: CallPlan, state: State, bare: Outcome, replays: boolean): Comparable {
  const sent = bare.requests.filter(({ complete }) => complete).map((request) => comparable(request));
  const perCall = plan.again ? split(sent) : [sent];
  const requests = perCall.flatMap((call, nth) => {
    if (!replays) return call;
    if (isUnexplained(plan) && (nth === 0 || state !== 'revoked token')) return [...call, ...call];
    return state === 'revoked token' && nth === 0 ? [...call.slice(0, 1), ...call] : call;
  });
  return { results: bare.results.map(exempted), requests };
}

export function actual({ results, requests }: Outcome): Comparable {
  return {
    results: results.map(exempted),
    requests: requests.filter(({ complete }) => complete).map((request) => comparable(request)),
  };
}

function split<Each>(list: readonly Each[]): readonly (readonly Each[])[] {
  return [list.slice(0, list.length / 2), list.slice(list.length / 2)];
}

function comparable({ method, url, headers, body }: SentRequest): object {
  const kept = headers.filter(
    ([name, value]) =>
      !(/^authorization$/i.test(name) && value.startsWith('Bearer transparent-')) &&
      !(/^x-request-id$/i.test(name) && !value.startsWith(OWN_REQUEST_ID)),
  );
  return {
    method,
    url: url?.replace(/\d{7}/, 'ID'),
    headers: kept.map(([name, value]) => `${name}: ${withoutBoundary(value.replace(/\b\d{7}\b/, 'ID'))}`),
    body: withoutBoundary(body),
  };
}

/** Without what is in `EXEMPTIONS`. */
function exempted(shape: unknown): unknown {
  if (Array.isArray(shape)) return shape.map(exempted);
  if (typeof shape !== 'object' || shape === null) return shape;
  const entries = Object.entries(shape).map(([key, value]): [string, unknown] => {
    if (key === 'keys' && Array.isArray(value)) return [key, value.filter((name) => name !== 'request')];
    if (key === 'duration') return [key, typeof value];
    if (key === 'adapter') return [key, 'exempt'];
    return [key, exempted(value)];
  });
  return Object.fromEntries('config' in shape ? entries.filter(([key]) => key !== 'request') : entries);
}
