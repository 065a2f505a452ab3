const inspect = Symbol.for('nodejs.util.inspect.custom');

/**
 * Keeps a client's request object, which holds the token it was sent with, usable but out of logs: printed or as JSON it
 * shows its kind alone, wherever it hangs (on a response, an error, a stream).
 */
export function unprinted(request: unknown): void {
  if (typeof request !== 'object' || request === null || inspect in request) return;
  const shown = `[${request.constructor?.name ?? 'Request'}: not shown, it holds the access token]`;
  Object.defineProperty(request, inspect, { value: () => shown });
  Object.defineProperty(request, 'toJSON', { value: () => shown, configurable: true });
}
