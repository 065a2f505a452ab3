import type { AxiosResponse } from 'axios';
import { isNodeStream, isWebStream } from './node-stream.js';

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
 * Calls back before anybody hears that the stream of a response has failed. For a Node stream it is no listener: an error
 * that nobody listens to has to end the process, as it does without us.
 */
export function whenStreamFails(response: AxiosResponse, callback: OnError): void {
  const { data }: { data: unknown } = response;
  if (isNodeStream(data) && 'emit' in data) reportFirst(data, data.emit as NodeJS.EventEmitter['emit'], callback);
  // The fetch adapter makes a stream fail only when it is too long.
  else if (isWebStream(data) && Number(response.config.maxContentLength) > -1) response.data = relay(data, callback);
}

function reportFirst(stream: object, emit: NodeJS.EventEmitter['emit'], callback: OnError): void {
  const value = (event: string | symbol, ...details: unknown[]): boolean => {
    if (event === 'error') callback(details[0]);
    return emit.call(stream, event, ...details);
  };
  Object.defineProperty(stream, 'emit', { value, configurable: true, writable: true });
}

function relay(stream: ReadableStream<Uint8Array>, callback: OnError): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        callback(error);
        throw error;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
