import { AxiosError } from 'axios';
import type { AxiosCall } from './axios-call.js';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * What is left of a request's `timeout`, in milliseconds; `undefined` if it has none. It is read as the adapter reads it:
 * the http adapter takes the number at the start of a text, the fetch adapter hands it to a timer as it is.
 *
 * @throws AxiosError `ERR_BAD_OPTION_VALUE`, as the http adapter does, if there is no number in it.
 */
export function remainingMs({ config, timeout, startedAt }: AxiosCall, isFetch: boolean): number | undefined {
  if (!timeout) return undefined;
  const limitMs = isFetch ? Number(timeout) : Number.parseInt(String(timeout), 10);
  if (Number.isNaN(limitMs) && !isFetch) {
    throw new AxiosError('error trying to parse `config.timeout` to int', AxiosError.ERR_BAD_OPTION_VALUE, config);
  }
  // For a timer, whatever is not a number that it can count is one millisecond.
  const countable = limitMs >= 1 && limitMs <= LONGEST_TIMER_MS ? limitMs : 1;
  return Math.max(1, Math.ceil(startedAt + countable - performance.now()));
}

/** As the adapter itself makes it. The fetch adapter knows neither of the options. */
export function timeoutError({ config, timeout }: AxiosCall, isFetch: boolean): AxiosError {
  const message = timeoutMessage(timeout);
  if (isFetch) return new AxiosError(message, AxiosError.ETIMEDOUT, config);
  return new AxiosError(
    config.timeoutErrorMessage || message,
    config.transitional?.clarifyTimeoutError ? AxiosError.ETIMEDOUT : AxiosError.ECONNABORTED,
    config,
  );
}

/** An error of a send that had less than the whole `timeout` speaks of the whole. */
export function nameWholeTimeout(error: Error, { timeout, sent }: AxiosCall): void {
  const short = error.message;
  // Before axios 1.8, the fetch adapter has the words in another order.
  if (sent.timeout === timeout || !/^timeout .* exceeded$/.test(short)) return;
  error.message = short.replace(String(sent.timeout), String(timeout));
  error.stack = error.stack?.replace(short, error.message) ?? '';
}

function timeoutMessage(timeout: unknown): string {
  return `timeout of ${timeout}ms exceeded`;
}
