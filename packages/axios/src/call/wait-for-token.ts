import { isOneShot, onFailure } from '@open-banking-auth/core/client';
import { AxiosError, CanceledError } from 'axios';
import { isWebStream } from '../response/node-stream.js';
import { abortListenersOf } from './abort-listeners.js';
import type { AxiosCall } from './axios-call.js';
import { remainingMs, timeoutError } from './time-limit.js';

/** A wait for a token ends as a request of axios ends: on `signal`, on `cancelToken`, after `timeout`, and when the body fails. */
export async function waitForToken<T>(
  call: AxiosCall,
  isFetch: boolean,
  task: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  call.hold();
  const { config, sent } = call;
  const { signal, cancelToken } = sent;
  const body = canFail(sent.data, isFetch) ? sent.data : undefined;
  const limitMs = remainingMs(call, isFetch);
  if (!signal && !cancelToken && !body && limitMs === undefined) return task(undefined);

  const controller = new AbortController();
  const end = (reason: unknown) => controller.abort(reason);
  const abort = () => end(new CanceledError(isFetch ? messageOf(signal) : undefined, config));
  const listeners = signal ? abortListenersOf(signal) : undefined;
  const stopWatching = body && onFailure(body, (error) => end(bodyError(error, call, isFetch)));
  const timer = limitMs === undefined ? undefined : setTimeout(() => end(timeoutError(call, isFetch)), limitMs);
  if (signal?.aborted) abort();
  listeners?.add(abort);
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
    stopWatching?.();
    cancelToken?.unsubscribe(end);
  }
}

/** Whether it is a stream, of a kind that the adapter sends. */
function canFail(body: unknown, isFetch: boolean): body is object {
  return isOneShot(body) && (isFetch || !isWebStream(body));
}

/** As each adapter reports a body that fails while it is sent. */
function bodyError(error: unknown, { config }: AxiosCall, isFetch: boolean): AxiosError {
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
