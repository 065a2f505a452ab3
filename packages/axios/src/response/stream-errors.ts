import { isNodeStream } from './node-stream.js';

type OnError = (error: unknown) => void;

/**
 * Calls back before anybody else hears that the stream of a request has failed. axios makes it fail when it is too long,
 * with an error that has the config of the adapter. That somebody listens also keeps the process alive: the fetch adapter
 * listens only when it has a connection.
 */
export function whenBodyFails(body: unknown, callback: OnError): void {
  if (typeof body !== 'object' || body === null || !('prependListener' in body)) return;
  (body as NodeJS.EventEmitter).prependListener('error', callback);
}

/**
 * Calls back before anybody hears that the stream of a response has failed. It is no listener: an error that nobody listens
 * to has to end the process, as it does without us.
 */
export function whenStreamFails(stream: unknown, callback: OnError): void {
  if (!isNodeStream(stream) || !('emit' in stream)) return;
  const emit = stream.emit as NodeJS.EventEmitter['emit'];
  const value = (event: string | symbol, ...details: unknown[]): boolean => {
    if (event === 'error') callback(details[0]);
    return emit.call(stream, event, ...details);
  };
  Object.defineProperty(stream, 'emit', { value, configurable: true, writable: true });
}
