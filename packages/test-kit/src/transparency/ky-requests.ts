import fc from 'fast-check';
import type { Bench, CallPlan, PreparedCall } from './bench.js';
import { bodyOf, failsByItself, isStream, NO_BODY, overwrite } from './body-plan.js';
import { CALL_PLANS, someOf } from './call-plan.js';
import { consistent, DEFAULT_CALL } from './consistent.js';
import { headersOf } from './header-plan.js';
import { mostly } from './response-plan.js';
import { SHORT_LIMIT_MS } from './signal-plan.js';

/** A call of ky. */
export interface KyPlan extends CallPlan {
  readonly input: 'text' | 'URL' | 'Request' | 'with prefix' | 'with base';
  readonly entry: 'ky' | 'shortcut' | 'extended';
  readonly json: boolean;
  readonly searchParams: keyof typeof SEARCH_PARAMS;
  /** How the response is read. */
  readonly read: 'response' | 'json' | 'text' | 'arrayBuffer' | 'blob';
  readonly retry: 0 | 1 | null;
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly functions: readonly (keyof typeof FUNCTIONS)[];
  readonly elsewhere: boolean;
}

export const KY_DEFAULT: KyPlan = {
  ...DEFAULT_CALL,
  input: 'text',
  entry: 'ky',
  json: false,
  searchParams: 'none',
  read: 'response',
  retry: 0,
  options: {},
  functions: [],
  elsewhere: false,
};

const SEARCH_PARAMS = {
  none: () => undefined,
  text: () => '?a=1&b=ä',
  object: () => ({ a: 1, b: 'ä &', gone: undefined, yes: true }),
  pairs: () => [
    ['a', '1'],
    ['a', '2'],
  ],
  URLSearchParams: () =>
    new URLSearchParams([
      ['a', '1'],
      ['a', '2'],
    ]),
} as const;

const FUNCTIONS = {
  onDownloadProgress: (progress: Map<string, unknown>) => ({
    onDownloadProgress: (event: unknown) => void progress.set('download', event),
  }),
  onUploadProgress: (progress: Map<string, unknown>) => ({
    onUploadProgress: (event: unknown) => void progress.set('upload', event),
  }),
  parseJson: () => ({ parseJson: (text: string) => ({ parsed: text }) }),
  stringifyJson: () => ({ stringifyJson: (value: unknown) => ` ${JSON.stringify(value)}` }),
  hooks: () => ({
    hooks: { beforeRequest: [], afterResponse: [() => {}], beforeError: [] },
  }),
  context: () => ({ context: { mine: true } }),
} as const;

const options = fc
  .record(
    {
      throwHttpErrors: fc.boolean(),
      redirect: fc.constantFrom('follow', 'manual', 'error'),
      referrer: fc.constantFrom('', 'http://api.test/page'),
      credentials: fc.constantFrom('omit', 'include'),
      cache: fc.constantFrom('no-store', 'reload'),
      mode: fc.constantFrom('cors', 'same-origin'),
      keepalive: fc.boolean(),
      timeout: fc.constantFrom(10_000, SHORT_LIMIT_MS),
    },
    { requiredKeys: [] },
  )
  .map((all): KyPlan['options'] => ({ ...all }));

export const kyPlans: fc.Arbitrary<KyPlan> = fc
  .record({
    input: mostly<KyPlan['input']>('text', 'URL', 'Request', 'with prefix', 'with base'),
    entry: mostly<KyPlan['entry']>('ky', 'shortcut', 'extended'),
    method: fc.option(fc.constantFrom('get', 'POST', 'post', 'put', 'PATCH', 'delete', 'head', 'OPTIONS', 'PURGE'), {
      freq: 3,
    }),
    json: fc.integer({ min: 0, max: 5 }).map((n) => n === 5),
    searchParams: mostly<KyPlan['searchParams']>('none', 'text', 'object', 'pairs', 'URLSearchParams'),
    read: mostly<KyPlan['read']>('response', 'json', 'text', 'arrayBuffer', 'blob'),
    retry: fc.constantFrom<KyPlan['retry']>(0, 0, 1, null),
    options: fc.oneof(fc.constant({}), options),
    functions: someOf(FUNCTIONS, 2),
    ...CALL_PLANS,
  })
  .map(consistentKy);

/** As `consistent`, for a client that may read the body itself, retries, and has a time limit of its own. */
export function consistentKy(plan: KyPlan): KyPlan {
  const { input, response, body, signal } = plan;
  if (plan.options.timeout === SHORT_LIMIT_MS) {
    // What else is wrong with a request must not compete with the time limit.
    return consistent(
      { ...plan, retry: 0, json: false, elsewhere: false, body: NO_BODY, options: { timeout: SHORT_LIMIT_MS } },
      true,
    );
  }
  const unending = response.ending !== 'whole' || signal.moment !== 'none' || isStream(body);
  // ky itself reads the body of an error, for up to its time limit.
  const stalls = response.ending === 'stalls' && (plan.read !== 'response' || response.status >= 400);
  const json = plan.json && input !== 'Request';
  return consistent({
    ...plan,
    ...(failsByItself(body) && { options: {} }),
    json,
    // With both, ky sends no body.
    searchParams: input === 'Request' && isStream(body) ? 'none' : plan.searchParams,
    // Only the retry of a plain response is without a wait for time to pass.
    retry: unending ? 0 : plan.retry,
    body: json ? NO_BODY : body,
    method: json || (body.kind !== 'absent' && plan.method === null) || failsByItself(body) ? 'post' : plan.method,
    elsewhere: plan.elsewhere && input !== 'with prefix' && input !== 'with base',
    response: stalls ? { ...response, ending: 'never' } : response,
  });
}

/** Makes the call with this instance. `prefix` is what ky calls the option: `prefixUrl` before version 2. */
export function prepareKy(plan: KyPlan, bench: Bench, ky: object, prefix: 'prefix' | 'prefixUrl'): PreparedCall {
  const at = plan.elsewhere ? bench.echo.elsewhere : bench.origin;
  const path = `${bench.id}/path%20x/?q=1#part`;
  const body = bodyOf(plan.body);
  const headers = headersOf(plan.headers);
  const url = new URL(`${at}/${path}`);
  const request: Record<string, unknown> = {
    ...(plan.method !== null && { method: plan.method }),
    ...(plan.body.kind !== 'absent' && { body, duplex: 'half' }),
    ...(headers !== undefined && { headers }),
  };
  const options: Record<string, unknown> = {
    ...(plan.input !== 'Request' && request),
    ...(plan.json && { json: { iban: 'SE35', ä: [1] } }),
    ...(plan.searchParams !== 'none' && { searchParams: SEARCH_PARAMS[plan.searchParams]() }),
    retry: plan.retry === 1 ? { limit: 1, methods: ['get', 'put'], statusCodes: [429, 500], delay: () => 0 } : 0,
    ...(plan.input === 'with prefix' && { [prefix]: at }),
    ...(plan.input === 'with base' && (prefix === 'prefix' ? { baseUrl: `${at}/` } : { prefixUrl: `${at}/` })),
    ...plan.options,
  };
  if (plan.retry === null) options.retry = { limit: 2, delay: () => 0, jitter: false };
  const progress = new Map<string, unknown>();
  for (const name of plan.functions) Object.assign(options, FUNCTIONS[name](progress));
  let made: Request | undefined;

  return {
    given: [body, options.searchParams],
    progress,
    call(signal) {
      if (signal) options.signal = signal;
      if (plan.input === 'Request') made ??= Reflect.construct(Request, [url.href, request]);
      const inputs = { text: url.href, URL: url, Request: made, 'with prefix': path, 'with base': path };
      const result = invoke(plan, ky, inputs[plan.input], options);
      return plan.read === 'response' ? result : Reflect.apply(Reflect.get(Object(result), plan.read), result, []);
    },
    change() {
      if (!plan.response.redirect) overwrite(body);
      url.searchParams.set('changed', 'yes');
      if (headers instanceof Headers) headers.set('x-changed', 'yes');
      else if (headers && !Array.isArray(headers)) Object.assign(headers, { 'x-changed': 'yes' });
      made?.headers.set('x-changed', 'yes');
      Object.assign(options, { method: 'PUT', body: 'changed', timeout: 1, throwHttpErrors: false });
    },
  };
}

function invoke({ entry, method }: KyPlan, ky: object, input: unknown, options: object): unknown {
  const call = (target: object, ...parameters: unknown[]) =>
    Reflect.apply(target as () => unknown, undefined, parameters);
  if (entry === 'extended')
    return call(Reflect.apply(Reflect.get(ky, 'extend'), ky, [{ headers: { 'x-extended': '1' } }]), input, options);
  const name = (method ?? 'get').toLowerCase();
  const shortcut = ['get', 'post', 'put', 'patch', 'head', 'delete'].includes(name) ? name : 'get';
  return entry === 'ky' ? call(ky, input, options) : Reflect.apply(Reflect.get(ky, shortcut), ky, [input, options]);
}
