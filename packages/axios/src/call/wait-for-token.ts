import { AxiosError, CanceledError } from 'axios';
import { discardBody } from '../response/response-body.js';
import { abortListenersOf } from './abort-listeners.js';
import type { AxiosCall } from './axios-call.js';
import { remainingMs, timeoutError } from './time-limit.js';

/**
 * A wait for a token ends as a request of axios ends: on `signal`, on `cancelToken`, after `timeout`, and when the body
 * fails. A body that nobody will read then is closed.
 */
export async function waitForToken<T>(
  call: AxiosCall,
  isFetch: boolean,
  task: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  call.hold();
  try {
    return await untilEnded(call, isFetch, task);
  } catch (error) {
    if (!call.isRepeatable) closeBody(call.sent.data);
    throw error;
  }
}

async function untilEnded<T>(
  call: AxiosCall,
  isFetch: boolean,
  task: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  const { config, sent } = call;
  const { signal, cancelToken } = sent;
  const body = isEmitter(sent.data) ? sent.data : undefined;
  const limitMs = remainingMs(call, isFetch);
  if (!signal && !cancelToken && !body && limitMs === undefined) return task(undefined);

  const controller = new AbortController();
  const end = (reason: unknown) => controller.abort(reason);
  const abort = () => end(new CanceledError(isFetch ? messageOf(signal) : undefined, config));
  const listeners = signal ? abortListenersOf(signal) : undefined;
  const fail = (error: Error) => end(bodyError(error, call, isFetch));
  const timer = limitMs === undefined ? undefined : setTimeout(() => end(timeoutError(call, isFetch)), limitMs);
  if (signal?.aborted) abort();
  listeners?.add(abort);
  body?.on('error', fail);
  // Not by its promise, which would keep this request for as long as the token may be cancelled.
  cancelToken?.subscribe(end);
  try {
    cancelToken?.throwIfRequested();
    const result = await task(controller.signal);
    if (limitMs !== undefined) sent.timeout = remainingMs(call, isFetch) ?? 0;
    return result;
  } finally {
    clearTimeout(timer);
    listeners?.delete(abort);
    body?.off('error', fail);
    cancelToken?.unsubscribe(end);
  }
}

interface Emitter {
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
}

/** Nobody listens to a stream that is not sent yet, and an error that nobody listens to ends the process. */
function isEmitter(body: unknown): body is Emitter {
  return typeof body === 'object' && body !== null && 'pipe' in body && 'on' in body && 'off' in body;
}

function closeBody(body: unknown): void {
  // A file that is not there fails after it was closed.
  if (isEmitter(body)) body.on('error', () => {});
  discardBody(body);
}

/** As each adapter reports a body that fails while it is sent. */
function bodyError(error: Error, { config }: AxiosCall, isFetch: boolean): AxiosError {
  if (!isFetch) return AxiosError.from(error, undefined, config);
  const networkError = new AxiosError('Network Error', AxiosError.ERR_NETWORK, config);
  Object.defineProperty(networkError, 'cause', { value: error, writable: true, configurable: true });
  return networkError;
}

/** The fetch adapter reports an abort in the words of its reason, if it has any; a reason that is no error is the message. */
function messageOf(signal: object | undefined): string | undefined {
  const reason: unknown = signal && 'reason' in signal ? signal.reason : undefined;
  return reason instanceof Error ? reason.message : (reason as string | undefined);
}
