import fc from 'fast-check';
import type { Bench, CallPlan, PreparedCall } from './bench.js';
import { bodyOf, failsByItself, isStream, NO_BODY, overwrite } from './body-plan.js';
import { CALL_PLANS, someOf } from './call-plan.js';
import { consistent, DEFAULT_CALL } from './consistent.js';
import { headersOf } from './header-plan.js';
import { mostly } from './response-plan.js';
import { SHORT_LIMIT_MS } from './signal-plan.js';

/** A request of axios. */
export interface AxiosPlan extends CallPlan {
  readonly entry: 'request' | 'call' | 'shortcut' | 'form';
  readonly url: 'absolute' | 'relative' | 'relative without slash' | 'URL object';
  readonly params: keyof typeof PARAMS;
  readonly headerValues: 'text' | 'odd' | 'AxiosHeaders';
  /** How the caller gives up: with a signal, a CancelToken, or a signal of the abort-controller package. */
  readonly abortBy: 'signal' | 'CancelToken' | 'old signal';
  readonly timeout: string | number | null;
  readonly options: Readonly<Record<string, string | number | boolean | null>>;
  readonly functions: readonly (keyof typeof FUNCTIONS)[];
  readonly elsewhere: boolean;
}

/** What the tests get from axios itself, which the test kit does not know. */
export interface AxiosParts {
  /** An instance, with us on it or bare. */
  readonly instance: object;
  cancelToken(): { readonly token: object; cancel(): void };
  axiosHeaders(headers: object): object;
}

export const AXIOS_DEFAULT: AxiosPlan = {
  ...DEFAULT_CALL,
  entry: 'request',
  url: 'absolute',
  params: 'none',
  headerValues: 'text',
  abortBy: 'signal',
  timeout: null,
  options: {},
  functions: [],
  elsewhere: false,
};

const PARAMS = {
  none: () => undefined,
  object: () => ({ from: '2024-01-01', 'ä b': '&=', list: [1, 2], nested: { deep: [true] }, gone: null, [`d${1}`]: 1 }),
  URLSearchParams: () =>
    new URLSearchParams([
      ['a', '1'],
      ['a', '2'],
    ]),
  date: () => ({ at: new Date(0) }),
} as const;

/** Options that are functions or objects, by name so that they print. */
const FUNCTIONS = {
  'validateStatus null': () => ({ validateStatus: null }),
  'validateStatus always': () => ({ validateStatus: () => true }),
  'validateStatus never': () => ({ validateStatus: () => false }),
  'paramsSerializer function': () => ({ paramsSerializer: { serialize: () => 'made=by-hand' } }),
  'paramsSerializer indexes': () => ({ paramsSerializer: { indexes: null } }),
  transformRequest: () => ({ transformRequest: [(data: unknown) => data] }),
  transformResponse: () => ({ transformResponse: [(data: unknown) => data] }),
  transitional: () => ({ transitional: { clarifyTimeoutError: true, silentJSONParsing: false } }),
  auth: () => ({ auth: { username: 'Ada', password: 'söcret' } }),
  beforeRedirect: () => ({
    beforeRedirect: (options: { headers: object }) => Object.assign(options.headers, { 'x-redirected': '1' }),
  }),
  formSerializer: () => ({ formSerializer: { dots: true } }),
  'adapter absent': () => ({ adapter: undefined }),
  onDownloadProgress: (progress: Map<string, unknown>) => ({
    onDownloadProgress: (event: ProgressEvent) => void progress.set('download', withoutTime(event)),
  }),
  onUploadProgress: (progress: Map<string, unknown>) => ({
    onUploadProgress: (event: ProgressEvent) => void progress.set('upload', withoutTime(event)),
  }),
} as const;

interface ProgressEvent {
  readonly loaded: number;
  readonly total?: number;
  readonly progress?: number;
}

function withoutTime({ loaded, total, progress }: ProgressEvent): ProgressEvent {
  return { loaded, ...(total !== undefined && { total }), ...(progress !== undefined && { progress }) };
}

const options = fc
  .record(
    {
      responseType: fc.constantFrom('json', 'text', 'arraybuffer', 'blob', 'stream', 'document', 'formdata', null),
      maxRedirects: fc.constantFrom(0, 1, 5),
      decompress: fc.boolean(),
      maxContentLength: fc.constantFrom(-1, 10, 10_000),
      maxBodyLength: fc.constantFrom(-1, 10, 1_000_000),
      responseEncoding: fc.constantFrom('latin1', 'utf8'),
      timeoutErrorMessage: fc.constant('too slow'),
      withCredentials: fc.boolean(),
      allowAbsoluteUrls: fc.boolean(),
      maxRate: fc.constant(10_000_000),
    },
    { requiredKeys: [] },
  )
  .map((all): AxiosPlan['options'] => ({ ...all }));

// Text without a number is a millisecond for the fetch adapter, and an error for the other.
const SHORT_LIMITS = [SHORT_LIMIT_MS, String(SHORT_LIMIT_MS), `${SHORT_LIMIT_MS}ms`, 'soon'];

export const axiosPlans: fc.Arbitrary<AxiosPlan> = fc
  .record({
    entry: mostly<AxiosPlan['entry']>('request', 'call', 'shortcut', 'form'),
    url: mostly<AxiosPlan['url']>('absolute', 'relative', 'relative without slash', 'URL object'),
    method: fc.option(
      fc.constantFrom('get', 'GET', 'post', 'POST', 'put', 'patch', 'DELETE', 'head', 'options', 'purge'),
      { freq: 3 },
    ),
    params: mostly<AxiosPlan['params']>('none', 'object', 'URLSearchParams', 'date'),
    headerValues: mostly<AxiosPlan['headerValues']>('text', 'odd', 'AxiosHeaders'),
    abortBy: mostly<AxiosPlan['abortBy']>('signal', 'CancelToken', 'old signal'),
    timeout: fc.oneof(
      { weight: 6, arbitrary: fc.constant(null) },
      { weight: 2, arbitrary: fc.constantFrom(0, 10_000, '10000') },
      { weight: 1, arbitrary: fc.constantFrom(...SHORT_LIMITS) },
    ),
    options: fc.oneof(fc.constant({}), options),
    functions: someOf(FUNCTIONS, 3),
    ...CALL_PLANS,
  })
  .map(consistentAxios);

/** As `consistent`, for a client that reads all of a body before it has a response, and has a time limit of its own. */
export function consistentAxios(plan: AxiosPlan): AxiosPlan {
  if (SHORT_LIMITS.some((limit) => limit === plan.timeout))
    return consistent({ ...plan, ...NOTHING_FAILS_SOONER }, true);
  // For axios it is an object like others, which becomes JSON.
  if (plan.body.kind === 'iterable') return consistentAxios({ ...plan, body: { ...plan.body, kind: 'object' } });
  const { url, response, options, functions } = plan;
  // Once axios has given out an error, nothing ends the body that comes with it.
  const ends = options.responseType === 'stream' && response.status < 300 && functions.length === 0;
  return consistent({
    ...plan,
    ...(failsByItself(plan.body) && { method: 'post', options: {}, timeout: null, url: 'relative' }),
    // A relative URL whose base may not have the token is an error of the configuration.
    elsewhere:
      plan.elsewhere &&
      !failsByItself(plan.body) &&
      (url === 'absolute' || url === 'URL object') &&
      options.allowAbsoluteUrls !== false,
    // A 401 that axios itself refuses is seen by nobody.
    ...(response.status === 401 && { options: { ...options, maxContentLength: -1 } }),
    response: {
      ...response,
      ...(response.ending === 'stalls' && !ends && { ending: 'never' }),
      // The fetch adapter refuses such a 401 before anybody sees it.
      ...(response.status === 401 && response.ending === 'breaks off' && { ending: 'whole' as const }),
      // What postForm makes is a stream: neither a redirect nor a 401 sends it again.
      ...(plan.entry === 'form' && { redirect: null }),
    },
    again: plan.again && plan.entry !== 'form',
    ...(plan.entry === 'form' && { method: 'post' }),
  });
}

/** With a short time limit: what else is wrong with a request must not compete with it. */
const NOTHING_FAILS_SOONER = { body: NO_BODY, options: {}, elsewhere: false, url: 'relative' } as const;

/** Makes the call ready on an instance with this adapter. */
export function prepareAxios(plan: AxiosPlan, bench: Bench, parts: AxiosParts): PreparedCall {
  const at = plan.elsewhere ? bench.echo.elsewhere : bench.origin;
  const path = `${bench.id}/path%20x/ä?q=1#part`;
  const cancel = parts.cancelToken();
  const body = bodyOf(plan.body);
  const config: Record<string, unknown> = {
    ...urlOf(plan, at, path),
    ...(plan.method !== null && { method: plan.method }),
    ...(plan.body.kind !== 'absent' && { data: body }),
    ...(plan.timeout !== null && { timeout: plan.timeout }),
    ...(plan.params !== 'none' && { params: PARAMS[plan.params]() }),
    ...plan.options,
  };
  const progress = new Map<string, unknown>();
  for (const name of plan.functions) Object.assign(config, FUNCTIONS[name](progress));
  const headers = axiosHeadersOf(plan, parts);
  if (headers !== undefined) config.headers = headers;

  return {
    given: [body, config.params],
    progress,
    call(signal) {
      if (signal && plan.abortBy === 'CancelToken') {
        config.cancelToken = cancel.token;
        if (signal.aborted) cancel.cancel();
        else signal.addEventListener('abort', () => cancel.cancel());
      } else if (signal) config.signal = plan.abortBy === 'old signal' ? new OldSignal(signal) : signal;
      return invoke(plan, parts.instance, config);
    },
    change() {
      // fetch itself looks at a FormData again when it follows a redirect.
      if (!plan.response.redirect) overwrite(body);
      if (config.url instanceof URL) config.url.searchParams.set('changed', 'yes');
      if (config.params instanceof URLSearchParams) config.params.set('changed', 'yes');
      else if (config.params) Object.assign(config.params, { changed: 'yes' });
      if (config.headers) Object.assign(config.headers, { 'x-changed': 'yes' });
      Object.assign(config, { url: '/changed', method: 'put', timeout: 1, data: 'changed', maxRedirects: 0 });
    },
  };
}

function urlOf({ url }: AxiosPlan, at: string, path: string): object {
  if (url === 'relative') return { baseURL: `${at}/`, url: `/${path}` };
  if (url === 'relative without slash') return { baseURL: at, url: path };
  return { url: url === 'absolute' ? `${at}/${path}` : new URL(`${at}/${path}`) };
}

function axiosHeadersOf(plan: AxiosPlan, parts: AxiosParts): unknown {
  const headers = headersOf(plan.headers.form === 'pairs' ? { ...plan.headers, form: 'object' } : plan.headers);
  if (headers === undefined || headers instanceof Headers) return headers;
  if (plan.headerValues === 'AxiosHeaders') return parts.axiosHeaders(Object(headers));
  const odd = { 'X-List': ['1', '2'], 'X-Null': null, 'X-False': false, 'X-Undefined': undefined, 'X-Number': 7 };
  return plan.headerValues === 'odd' ? { ...Object(headers), ...odd } : headers;
}

function invoke({ entry, method }: AxiosPlan, instance: object, config: Record<string, unknown>): unknown {
  const call = (name: string, ...parameters: unknown[]) =>
    Reflect.apply(Reflect.get(instance, name), instance, parameters);
  if (entry === 'request') return call('request', config);
  if (entry === 'call') return Reflect.apply(instance as () => unknown, undefined, [config.url, config]);
  if (entry === 'form') return call('postForm', config.url, config.data, config);
  const name = (method ?? 'get').toLowerCase();
  if (['post', 'put', 'patch'].includes(name)) return call(name, config.url, config.data, config);
  return call(['delete', 'head', 'options'].includes(name) ? name : 'get', config.url, config);
}

/** A signal as older packages have it: without `throwIfAborted` and `reason`. */
class OldSignal {
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  get aborted(): boolean {
    return this.#signal.aborted;
  }

  addEventListener(...parameters: Parameters<AbortSignal['addEventListener']>): void {
    this.#signal.addEventListener(...parameters);
  }

  removeEventListener(...parameters: Parameters<AbortSignal['removeEventListener']>): void {
    this.#signal.removeEventListener(...parameters);
  }
}

/** Whether a 401 is final: there is a stream, which is also what `postForm` makes of an object. */
export function isFinalAxios({ body, entry, functions }: AxiosPlan): boolean {
  return isStream(body) || (entry === 'form' && body.kind === 'object' && !functions.includes('transformRequest'));
}

/** Whether axios makes an error of a 401, which is what axios-auth-refresh sees. */
export function rejects401({ functions }: AxiosPlan): boolean {
  const last = functions.filter((name) => name.startsWith('validateStatus')).at(-1);
  return last === undefined || last === 'validateStatus never';
}
