const inspect = Symbol.for('nodejs.util.inspect.custom');

/** How the request objects of the http adapter's transports lead to each other: under follow-redirects a request is two. */
interface Linked {
  readonly _redirectable?: unknown;
  readonly _currentRequest?: unknown;
}

/** Where they keep the headers, as text or by name. */
const HEADER_MEMBERS = ['_header', 'outputData', '_options'];

/**
 * Keeps a client's request object, which holds the token it was sent with, out of logs wherever it is referenced: by a
 * response, a stream, a socket, an agent, another request's error. It stays usable, but printed or as JSON it shows only
 * its kind; and what ignores both and walks through enumerable members does not come to the headers.
 */
export function hideFromInspection(request: unknown): void {
  if (!isObject(request)) return;
  hide(request);
  const { _redirectable, _currentRequest }: Linked = request;
  if (isObject(_redirectable)) hide(_redirectable);
  if (isObject(_currentRequest)) hide(_currentRequest);
}

function hide(request: object): void {
  if (Object.hasOwn(request, inspect) || !Object.isExtensible(request)) return;
  Object.defineProperty(request, inspect, hidden);
  Object.defineProperty(request, 'toJSON', hidden);
  for (const name of HEADER_MEMBERS) hideMember(request, name);
  if (!Object.hasOwn(request, '_header')) return;
  // follow-redirects sets it on a request of Node.js' afterwards, and it stays as it is now.
  if (!Object.hasOwn(request, '_redirectable')) Object.defineProperty(request, '_redirectable', unset);
  hideMember(request, '_redirectable');
  hideMember(request, outHeadersOf(request));
}

/** Hides an object of others, and one of its members from those who do not ask. @returns a function that shows it again. */
export function hideTemporarily(holder: object, member: string): () => void {
  hideMember(holder, member);
  if (Object.hasOwn(holder, inspect)) return () => {};
  Object.defineProperty(holder, inspect, { value: placeholder, configurable: true });
  return () => void Reflect.deleteProperty(holder, inspect);
}

// One of each for all requests: every request passes here.
const hidden: PropertyDescriptor = { value: placeholder };
const unset: PropertyDescriptor = { value: undefined, writable: true, configurable: true };
const notEnumerable: PropertyDescriptor = { enumerable: false };

function placeholder(this: object): string {
  return `[${this.constructor?.name ?? 'Request'}: not shown, it holds the access token]`;
}

/** Node.js' own name for the headers by name, a symbol that it does not export. */
let outHeaders: symbol | undefined;

function outHeadersOf(request: object): symbol | undefined {
  outHeaders ??= Object.getOwnPropertySymbols(request).find(({ description }) => description === 'kOutHeaders');
  return outHeaders;
}

/** Keeps a member from being printed; it can still be read and set. */
function hideMember(holder: object, name: string | symbol | undefined): void {
  if (name !== undefined && Object.hasOwn(holder, name)) Object.defineProperty(holder, name, notEnumerable);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
