import type { CallPlan, Outcome } from './bench.js';
import type { SentRequest } from './echo-server.js';
import { OWN_REQUEST_ID } from './header-plan.js';
import { withoutBoundary } from './shape.js';

interface ComparableRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  /** In the order and the case in which they came. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** What is compared of an outcome: results as they are, requests without our two headers. */
export interface Comparable {
  readonly results: readonly unknown[];
  readonly requests: readonly (readonly ComparableRequest[])[];
  /** Of a call that succeeds. What another one has come to when it fails is chance. */
  readonly progress: unknown;
}

/** Whether the request gets a token, and so may be sent a second time: the bare client sends no credentials with it. */
export function getsToken(plan: CallPlan & { readonly elsewhere?: boolean }, bare: Outcome): boolean {
  const headers = bare.requests[0]?.[0]?.headers;
  if (headers === undefined || plan.elsewhere === true) return false;
  return !headers.some(([name]) => /^authorization$/i.test(name));
}

/** Whether the API's own response is a 401 that a new token might cure. */
export function isUnexplained({ response, method }: CallPlan, hidesReason: boolean): boolean {
  const isEncoded = hidesReason && response.encoding !== 'identity';
  // A response to HEAD has no body that could name another cause.
  const namesCause = response.content === 'consent' && method?.toUpperCase() !== 'HEAD' && !isEncoded;
  return response.status === 401 && !namesCause && response.ending !== 'never';
}

/** The outcome that a call must have, from that of the bare client. */
export function expected(
  bare: Outcome,
  { replays, revoked, unexplained }: { replays: boolean; revoked: boolean; unexplained: boolean },
): Comparable {
  const once = actual(bare);
  if (!replays) return once;
  return {
    ...once,
    requests: once.requests.map((call, nth) => {
      if (unexplained) return [...call, ...call];
      return revoked && nth === 0 ? [...call.slice(0, 1), ...call] : call;
    }),
  };
}

export function actual({ results, requests, progress }: Outcome): Comparable {
  return {
    results: results.map(exempted),
    progress: results.every((result) => Object(result) === result && 'resolves' in Object(result))
      ? progress
      : undefined,
    requests: requests.map((call) => call.filter(({ complete }) => complete).map((request) => comparable(request))),
  };
}

function comparable({ method, url, headers, body }: SentRequest): ComparableRequest {
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

/** Both without what an error lacks that comes from the wait for the token, if this is one. */
export function withoutSending(ours: Comparable, bare: Comparable): readonly [Comparable, Comparable] {
  const waited = ours.results.map((result) => isAxiosError(result) && result.rejects.requestClass === undefined);
  const strip = (all: Comparable): Comparable => ({
    ...all,
    results: all.results.map((result, nth) =>
      waited[nth] && isAxiosError(result) ? { rejects: withoutHeaders(result.rejects) } : result,
    ),
  });
  return [strip(ours), strip(bare)];
}

interface ShapedAxiosError {
  readonly rejects: {
    readonly requestClass?: unknown;
    readonly fields: { readonly config: { readonly fields: object } };
  };
}

function isAxiosError(result: unknown): result is ShapedAxiosError {
  return JSON.stringify(result)?.startsWith('{"rejects":{"class":"AxiosError"') === true;
}

function withoutHeaders({ requestClass: _, fields, ...rest }: ShapedAxiosError['rejects']): object {
  const config = { ...fields.config, fields: { ...fields.config.fields, headers: 'exempt' } };
  return { ...rest, fields: { ...fields, config } };
}

/** Without what is in `EXEMPTIONS`. */
function exempted(shape: unknown): unknown {
  if (Array.isArray(shape)) return shape.map(exempted);
  if (typeof shape !== 'object' || shape === null) return shape;
  const entries = Object.entries(shape).map(([key, value]): [string, unknown] => {
    if (key === 'keys' && Array.isArray(value)) return [key, value.filter((name) => name !== 'request')];
    if (key === 'data' && 'status' in shape && shape.status === '401') return [key, anyStream(value)];
    if (key === 'duration') return [key, typeof value];
    if (key === 'adapter') return [key, 'exempt'];
    return [key, exempted(value)];
  });
  return Object.fromEntries('config' in shape ? entries.filter(([key]) => key !== 'request') : entries);
}

/** A stream whose start has been read is another one, with the same content. */
function anyStream(shape: unknown): unknown {
  const isStream = typeof shape === 'object' && shape !== null && 'content' in shape;
  return isStream ? { ...shape, class: 'stream' } : exempted(shape);
}
