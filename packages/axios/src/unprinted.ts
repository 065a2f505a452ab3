const inspect = Symbol.for('nodejs.util.inspect.custom');

/**
 * Keeps a client's request object, which holds the token it was sent with, usable but out of logs: printed or as JSON it
 * shows its kind alone, wherever it hangs (on a response, an error, a stream).
 */
export function unprinted(request: unknown): void {
  if (typeof request !== 'object' || request === null || Object.hasOwn(request, inspect)) return;
  Object.defineProperties(request, hidden);
  // Under follow-redirects a request is two objects, and sockets hold on to the one that is not on the response.
  unprinted(Reflect.get(request, '_redirectable'));
  unprinted(Reflect.get(request, '_currentRequest'));
}

// One for all requests: this is on the path of every one of them.
const hidden: PropertyDescriptorMap = { [inspect]: { value: shown }, toJSON: { value: shown } };

function shown(this: object): string {
  return `[${this.constructor?.name ?? 'Request'}: not shown, it holds the access token]`;
}
