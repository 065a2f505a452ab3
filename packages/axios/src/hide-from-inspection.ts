const inspect = Symbol.for('nodejs.util.inspect.custom');

/**
 * Keeps the request on a response or an error out of logs, since it holds the token it was sent with. It stays usable, but
 * is not enumerable, and printed or as JSON it shows only its kind.
 */
export function hideRequest(holder: object | undefined): void {
  if (holder === undefined || !('request' in holder)) return;
  hideMember(holder, 'request');
  hideFromInspection(holder.request);
}

/** How request objects of the http adapter's transports lead to others that hold the token. */
interface Linked {
  /** The response, which has its request as `req`. */
  readonly res?: unknown;
  /** Under follow-redirects a request is two objects, and sockets hold on to the one that is not on the response. */
  readonly _redirectable?: unknown;
  readonly _currentRequest?: unknown;
}

/** Keeps a client's request object from printing wherever it is referenced: by a stream, a socket, an agent. */
export function hideFromInspection(request: unknown): void {
  if (typeof request !== 'object' || request === null || Object.hasOwn(request, inspect)) return;
  Object.defineProperty(request, inspect, hidden);
  Object.defineProperty(request, 'toJSON', hidden);
  const { res, _redirectable, _currentRequest }: Linked = request;
  // console.dir ignores both; a response that is a stream leads to its request by this member.
  if (res !== undefined) hideMember(res, 'req');
  hideFromInspection(_redirectable);
  hideFromInspection(_currentRequest);
}

// One of each for all requests: every request passes here.
const hidden: PropertyDescriptor = { value: placeholder };
const notEnumerable: PropertyDescriptor = { enumerable: false };

function placeholder(this: object): string {
  return `[${this.constructor?.name ?? 'Request'}: not shown, it holds the access token]`;
}

function hideMember(holder: unknown, name: string): void {
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, name)) return;
  Object.defineProperty(holder, name, notEnumerable);
}
