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

// What a Request of another implementation passes on to one that is made from it.
const REQUEST_MEMBERS = MEMBERS.filter((name) => !['priority', 'window', 'dispatcher'].includes(name));

type Members = Record<string, unknown>;

/** What `fetch` was called with, read once. */
export interface FetchArguments<Init extends RequestInit = RequestInit> {
  /** Text, or a Request that the global `fetch` would take for one; its URL cannot change. */
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
    if (url !== undefined) {
      const copy = copyInit(init);
      return { input: input as Request, url, init: copy, keepsReferrer: !hasMembers(copy) };
    }
    // Of another implementation, such as the undici package. A `fetch` may take it for one or for text, and nothing shows which.
    return readForeignRequest(input as unknown as Members, init);
  }
  const url = `${input as string}`;
  return { input: url, url, init: copyInit(init), keepsReferrer: false };
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

function readForeignRequest<Init extends RequestInit>(request: Members, init: Init | undefined): FetchArguments<Init> {
  const url = String(request.url);
  const copy: Members = { ...copyInit(init) };
  for (const name of REQUEST_MEMBERS) if (copy[name] === undefined) copy[name] = request[name] ?? undefined;
  // Other than the rest, a body of null leaves the Request its own.
  copy.body ??= request.body;
  return { input: url, url, init: copy as Init, keepsReferrer: false };
}

/** Of a copy, which has everything as its own. */
function hasMembers(copy: RequestInit | undefined): boolean {
  for (const name in copy) {
    if (IS_MEMBER.has(name) && (copy as Members)[name] !== undefined) return true;
  }
  return false;
}

function copyInit<Init extends RequestInit>(init: Init | undefined): Init | undefined {
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
