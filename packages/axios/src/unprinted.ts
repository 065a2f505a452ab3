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

/** Marks a client's request object so that it does not print, wherever it hangs: on a stream, a socket, an agent. */
export function unprinted(request: unknown): void {
  if (typeof request !== 'object' || request === null || Object.hasOwn(request, inspect)) return;
  Object.defineProperties(request, hidden);
  // console.dir heeds neither; a response that is a stream leads to its request by this member.
  hideMember(Reflect.get(request, 'res'), 'req');
  // Under follow-redirects a request is two objects, and sockets hold on to the one that is not on the response.
  unprinted(Reflect.get(request, '_redirectable'));
  unprinted(Reflect.get(request, '_currentRequest'));
}

// One for all requests: this is on the path of every one of them.
const hidden: PropertyDescriptorMap = { [inspect]: { value: shown }, toJSON: { value: shown } };
const notEnumerable: PropertyDescriptor = { enumerable: false };

function shown(this: object): string {
  return `[${this.constructor?.name ?? 'Request'}: not shown, it holds the access token]`;
}

function hideMember(holder: unknown, name: string): void {
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, name)) return;
  Object.defineProperty(holder, name, notEnumerable);
}
