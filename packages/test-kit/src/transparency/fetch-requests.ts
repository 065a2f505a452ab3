import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import * as undici from 'undici';
import type { Bench, CallPlan, PreparedCall } from './bench.js';
import { bodyOf, failsByItself, isEndless, isStream, NO_BODY, overwrite } from './body-plan.js';
import { CALL_PLANS } from './call-plan.js';
import { consistent, DEFAULT_CALL } from './consistent.js';
import { headersOf, NO_HEADERS } from './header-plan.js';
import { mostly, PLAIN_RESPONSE } from './response-plan.js';
import { NO_SIGNAL } from './signal-plan.js';

/** A call of `fetch`. */
export interface FetchPlan extends CallPlan {
  /** `own kind`: an object with a `url`, or a `toString`, of the caller's. */
  readonly input: 'text' | 'URL' | 'Request' | 'own kind with url' | 'own kind with toString' | 'null';
  readonly init: InitForm;
  readonly options: Readonly<Record<string, string | boolean | null>>;
  /** What the init says over a `Request`. */
  readonly over: {
    readonly method: string | null;
    readonly body: boolean;
    readonly headers: boolean;
    readonly signal: 'absent' | 'null' | 'unused';
  };
  /** undici's own package has classes of its own. */
  readonly transport: 'global' | 'undici';
  readonly elsewhere: boolean;
}

export type InitForm = 'plain' | 'inherited' | 'getters' | 'other realm' | 'frozen' | 'absent';

export const FETCH_DEFAULT: FetchPlan = {
  ...DEFAULT_CALL,
  input: 'text',
  init: 'plain',
  options: {},
  over: { method: null, body: false, headers: false, signal: 'absent' },
  transport: 'global',
  elsewhere: false,
};

const methods = fc.constantFrom(
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'post',
  'PURGE',
  'PROPFIND',
  'TRACE',
);

const options = fc
  .record(
    {
      redirect: fc.constantFrom('follow', 'manual', 'error', 'sideways'),
      referrer: fc.constantFrom('', 'about:client', 'http://api.test/page'),
      referrerPolicy: fc.constantFrom('no-referrer', 'unsafe-url'),
      credentials: fc.constantFrom('omit', 'include'),
      cache: fc.constantFrom('no-store', 'reload'),
      mode: fc.constantFrom('cors', 'no-cors', 'same-origin'),
      keepalive: fc.boolean(),
      integrity: fc.constantFrom('', 'sha256-AAAA'),
    },
    { requiredKeys: [] },
  )
  .map((all): FetchPlan['options'] => ({ ...all }));

export const fetchPlans: fc.Arbitrary<FetchPlan> = fc
  .record({
    input: mostly<FetchPlan['input']>(
      'text',
      'URL',
      'Request',
      'Request',
      'own kind with url',
      'own kind with toString',
      'null',
    ),
    init: mostly<InitForm>('plain', 'inherited', 'getters', 'other realm', 'frozen', 'absent'),
    method: fc.option(methods, { freq: 3 }),
    options: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: options }),
    over: fc.record({
      method: fc.option(methods, { freq: 1 }),
      body: fc.boolean(),
      headers: fc.boolean(),
      signal: fc.constantFrom<FetchPlan['over']['signal']>('absent', 'null', 'unused'),
    }),
    transport: mostly<FetchPlan['transport']>('global', 'global', 'undici'),
    ...CALL_PLANS,
  })
  .map((plan) => consistent(withOneFault(withFittingMethod(onlyWhatIsSent(plan)))));

/** Without what has no place in the call: there is no init that would say it, or the init has another body. */
function onlyWhatIsSent(plan: FetchPlan): FetchPlan {
  // Node's fetch never comes back from a redirect to another origin.
  if (plan.options.mode === 'no-cors' && plan.response.redirect) {
    return onlyWhatIsSent({ ...plan, response: { ...plan.response, redirect: null } });
  }
  const { over, signal, response, body } = plan;
  // fetch itself reads all of a body that it has to check.
  if (plan.options.integrity && response.ending === 'stalls') {
    return onlyWhatIsSent({ ...plan, response: { ...response, ending: 'whole' } });
  }
  const mustEnd = signal.moment !== 'none' || response.ending !== 'whole' || isEndless(body);
  // It would take the place of the signal that ends the call.
  if (mustEnd && over.signal !== 'absent') return onlyWhatIsSent({ ...plan, over: { ...over, signal: 'absent' } });
  if (plan.input === 'Request') return plan.over.body && plan.init !== 'absent' ? { ...plan, body: NO_BODY } : plan;
  if (plan.init !== 'absent') return plan;
  return {
    ...plan,
    method: null,
    options: {},
    body: NO_BODY,
    headers: NO_HEADERS,
    signal: NO_SIGNAL,
    response: { ...plan.response, ending: 'whole' },
  };
}

/**
 * Whether a 401 is final: fetch itself refuses it, or there is a stream that can be read once. The stream of a `Request` is
 * copied.
 */
export function isFinal({ options, body, input }: FetchPlan): boolean {
  return Boolean(options.integrity) || (isStream(body) && input !== 'Request');
}

/** While the token is fetched, an abort or a stream that fails comes before what `fetch` would say about the options. */
function withOneFault(plan: FetchPlan): FetchPlan {
  const { input, options, body, signal, over } = plan;
  if (failsByItself(body)) return { ...plan, method: 'POST', options: {} };
  const method = (input === 'Request' && over.method) || plan.method;
  const hasBody = body.kind !== 'absent' || (input === 'Request' && over.body);
  const wrong =
    options.redirect === 'sideways' ||
    options.mode === 'no-cors' ||
    method === 'TRACE' ||
    (isStream(body) && options.keepalive === true) ||
    (hasBody && ['GET', 'HEAD', null].includes(method));
  return wrong && signal.moment !== 'none' ? { ...plan, signal: NO_SIGNAL, response: PLAIN_RESPONSE } : plan;
}

/** Most requests with a body are of a method that has one, since `fetch` refuses the others at once. */
function withFittingMethod(plan: FetchPlan): FetchPlan {
  return plan.body.kind !== 'absent' && plan.method === null ? { ...plan, method: 'POST' } : plan;
}

/** Makes the call with this `fetch`, which may be anybody's: the bare one or ours. */
export function prepareFetch(plan: FetchPlan, bench: Bench, fetch: typeof globalThis.fetch): PreparedCall {
  const at = plan.elsewhere ? bench.echo.elsewhere : bench.origin;
  const address = `${at}/${bench.id}/path%20x/?q=%C3%A4&n=1#part`;
  const url = new URL(address);
  const headers = headersOf(plan.headers);
  const body = bodyOf(plan.body);
  const fields: Record<string, unknown> = {
    ...(plan.method !== null && { method: plan.method }),
    ...(headers !== undefined && { headers }),
    ...(plan.body.kind !== 'absent' && { body }),
    // Streams need it, and other bodies may have it.
    ...(plan.body.kind !== 'absent' && { duplex: 'half' }),
    ...plan.options,
  };
  let request: Request | undefined;
  const own = { url: address, toString: () => address };
  let init: object | undefined;

  return {
    given: [body],
    call(signal) {
      const all = signal ? { ...fields, signal } : fields;
      if (plan.input === 'Request') {
        request ??= Reflect.construct(plan.transport === 'undici' ? undici.Request : Request, [address, all]);
        init ??= inForm(plan.init, overRequest(plan));
      } else init ??= inForm(plan.init, all);
      const inputs: Record<FetchPlan['input'], unknown> = {
        text: address,
        URL: url,
        Request: request,
        'own kind with url': own,
        'own kind with toString': { toString: own.toString },
        null: null,
      };
      return Reflect.apply(fetch, undefined, init ? [inputs[plan.input], init] : [inputs[plan.input]]);
    },
    change() {
      // fetch itself looks at a FormData again when it follows a redirect.
      if (!plan.response.redirect) overwrite(body);
      url.searchParams.set('changed', 'yes');
      url.hostname = 'changed.test';
      own.url = 'http://changed.test/';
      own.toString = () => 'http://changed.test/';
      if (headers instanceof Headers) headers.set('x-changed', 'yes');
      else if (Array.isArray(headers)) headers.push(['x-changed', 'yes']);
      else if (headers) Object.assign(headers, { 'x-changed': 'yes' });
      if (request) request.headers.set('x-changed', 'yes');
      if (!Object.isFrozen(fields)) Object.assign(fields, { method: 'PUT', redirect: 'error', body: 'changed' });
      if (init && Object.isExtensible(init) && plan.init !== 'getters')
        Object.assign(init, { method: 'PUT', body: 'changed' });
    },
  };
}

function overRequest({ over }: FetchPlan): Record<string, unknown> {
  return {
    ...(over.method !== null && { method: over.method }),
    ...(over.body && { body: 'over' }),
    ...(over.headers && { headers: { 'X-Over': 'yes' } }),
    ...(over.signal === 'null' && { signal: null }),
    ...(over.signal === 'unused' && { signal: new AbortController().signal }),
  };
}

/** The same options in an object of another kind. */
export function inForm(form: InitForm, fields: Record<string, unknown>): object | undefined {
  if (form === 'absent') return undefined;
  if (form === 'inherited') return Object.create(fields);
  if (form === 'frozen') return Object.freeze(fields);
  if (form === 'other realm') return Object.assign(runInNewContext('({})'), fields);
  if (form === 'plain') return fields;
  const getters = Object.keys(fields).map((name): [string, PropertyDescriptor] => [name, { get: () => fields[name] }]);
  return Object.create(Object.defineProperties({}, Object.fromEntries(getters)));
}
