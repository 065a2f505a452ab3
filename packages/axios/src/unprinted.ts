const inspect = Symbol.for('nodejs.util.inspect.custom');

/**
 * Keeps the request on a response or an error, which holds the token it was sent with, usable but out of logs: it is not
 * enumerable, and printed or as JSON it shows its kind alone.
 */
export function hideRequest(holder: object | undefined): void {
  if (holder === undefined || !('request' in holder)) return;
  hideMember(holder, 'request');
  unprinted(holder.request);
}

/** Where request objects of the http adapter's transports lead on to others that hold the token. */
interface Linked {
  /** The answer, which has its request as `req`. */
  readonly res?: unknown;
  /** Under follow-redirects a request is two objects, and sockets hold on to the one that is not on the response. */
  readonly _redirectable?: unknown;
  readonly _currentRequest?: unknown;
}

/** Marks a client's request object so that it does not print, wherever it hangs: on a stream, a socket, an agent. */
export function unprinted(request: unknown): void {
  if (typeof request !== 'object' || request === null || Object.hasOwn(request, inspect)) return;
  Object.defineProperty(request, inspect, printing);
  Object.defineProperty(request, 'toJSON', printing);
  const { res, _redirectable, _currentRequest }: Linked = request;
  // console.dir heeds neither; a response that is a stream leads to its request by this member.
  if (res !== undefined) hideMember(res, 'req');
  unprinted(_redirectable);
  unprinted(_currentRequest);
}

// One of each for all requests: this is on the path of every one of them.
const printing: PropertyDescriptor = { value: shown };
const notEnumerable: PropertyDescriptor = { enumerable: false };

function shown(this: object): string {
  return `[${this.constructor?.name ?? 'Request'}: not shown, it holds the access token]`;
}

function hideMember(holder: unknown, name: string): void {
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, name)) return;
  Object.defineProperty(holder, name, notEnumerable);
}
