// The members of RequestInit, in the fetch standard and in undici. A class may have them as getters, which nothing lists.
const MEMBERS = [
  'method',
  'headers',
  'body',
  'mode',
  'credentials',
  'cache',
  'redirect',
  'referrer',
  'referrerPolicy',
  'integrity',
  'keepalive',
  'signal',
  'duplex',
  'priority',
  'window',
  'dispatcher',
] as const;

const IS_MEMBER: ReadonlySet<string> = new Set(MEMBERS);

type Members = Record<string, unknown>;

/** What `fetch` was called with, read once. */
export interface FetchArguments<Init extends RequestInit = RequestInit> {
  /** Text, or a Request whose URL cannot change: that of the platform, or a copy of one of another implementation. */
  readonly input: string | Request;
  readonly url: string;
  readonly init: Init | undefined;
  /** Whether a Request's referrer is sent. `fetch` resets it if `init` has any member. */
  readonly keepsReferrer: boolean;
}

/**
 * Reads what `fetch` was called with as `fetch` does: everything once, getters and inherited members too. What is judged
 * later is thus what is sent.
 *
 * @throws Whatever a getter or a `toString` of the caller throws.
 */
export function readFetchArguments<Init extends RequestInit>(
  input: unknown,
  init: Init | undefined,
): FetchArguments<Init> {
  if (typeof input === 'object' && input !== null && isCalledRequest(input)) {
    const url = urlOf(input);
    const copy = copyInit(init);
    if (url !== undefined) return { input: input as Request, url, init: copy, keepsReferrer: !hasMembers(copy) };
    if (input.constructor !== Object) {
      // Of another implementation, such as the undici package, whose own `fetch` takes it. Only we hold the copy.
      const request = copyRequest(input as Request, copy);
      return { input: request, url: String(request.url), init: withoutMembers(copy), keepsReferrer: true };
    }
  }
  const url = `${input as string}`;
  return { input: url, url, init: copyInit(init), keepsReferrer: false };
}

/** A Request with the body of this one, of the same class. */
export function copyRequest(request: Request, init?: RequestInit): Request {
  const Class = urlOf(request) === undefined ? (request.constructor as typeof Request) : Request;
  return neverText(new Class(request, init));
}

/** A `fetch` that takes a Request of another implementation for text finds no address in it, and so not another one. */
export function neverText(request: Request): Request {
  if (urlOf(request) !== undefined) return request;
  return Object.defineProperty(request, Symbol.toPrimitive, { value: () => '[object Request]' });
}

function isCalledRequest(value: object): boolean {
  return value instanceof Request || Object.prototype.toString.call(value) === '[object Request]';
}

let readUrl: (() => string) | undefined;

/** The URL inside a Request, whatever properties it has been given; `undefined` if it is none of the global class. */
function urlOf(value: object): string | undefined {
  try {
    // Not when this module is loaded: only then does Node 20 load its fetch, which takes twice as long as all of this package.
    readUrl ??= Object.getOwnPropertyDescriptor(Request.prototype, 'url')?.get;
    return readUrl?.call(value);
  } catch {
    return undefined;
  }
}

/** Of a copy, which has everything as its own. */
function hasMembers(copy: RequestInit | undefined): boolean {
  for (const name in copy) {
    if (IS_MEMBER.has(name) && (copy as Members)[name] !== undefined) return true;
  }
  return false;
}

/** What is not for the Request: options of ours, and of a `fetch` that knows more than the standard. */
function withoutMembers<Init extends RequestInit>(init: Init | undefined): Init | undefined {
  const rest: Members = { ...init };
  for (const name of MEMBERS) delete rest[name];
  return rest as Init;
}

/** The members of an init, or of a Request in its place, as they are now. */
export function copyInit<Init extends RequestInit>(init: Init | undefined): Init | undefined {
  if (init === undefined || init === null) return undefined;
  const given = init as unknown as Members;
  const copy: Members = { ...given };
  if (isPlain(given)) return copy as Init;
  // What else a `fetch` may read, such as `next`, can be inherited too; but not all that a Request has.
  if (!isCalledRequest(init)) for (const name in given) if (!(name in copy)) copy[name] = given[name];
  for (const name of MEMBERS) {
    if (name in copy) continue;
    const value = given[name];
    if (value !== undefined) copy[name] = value;
  }
  return copy as Init;
}

/** Whether a copy of its own enumerable properties has all that it has. */
function isPlain(value: object): boolean {
  return (
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.getOwnPropertyNames(value).length === Object.keys(value).length
  );
}
