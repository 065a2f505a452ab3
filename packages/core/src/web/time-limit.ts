import type { Clock } from '../clock.js';
import { abortReason, onAbort } from './abort.js';

/**
 * Runs a task that must end within `limitMs`: after that its signal is aborted and the promise rejects at once, whether or
 * not `run` listens to the signal.
 */
export async function withTimeLimit<T>(
  clock: Clock,
  limitMs: number,
  timedOut: () => Error,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let cancel: (() => void) | undefined;
  const limit = new Promise<never>((_, reject) => {
    cancel = clock.after(limitMs, () => {
      const error = timedOut();
      reject(error);
      controller.abort(error);
    });
  });
  try {
    return await Promise.race([run(controller.signal), limit]);
  } finally {
    cancel?.();
  }
}

/** Resolves when the promise does, or after `limitMs`. */
export async function within(clock: Clock, limitMs: number, promise: Promise<unknown>): Promise<void> {
  let cancel = () => {};
  const limit = new Promise<void>((resolve) => {
    cancel = clock.after(limitMs, resolve);
  });
  await Promise.race([promise, limit]).finally(cancel);
}

/**
 * Waits for a promise that others wait for too: an abort ends only this wait, and calls `ifAborted`. With or without a signal it
 * takes the same number of turns, so that callers continue in the order in which they came.
 */
export function untilAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  ifAborted?: () => void,
): Promise<T> {
  if (!signal) return promise.then((value) => value);
  if (signal.aborted) {
    promise.catch(() => {});
    ifAborted?.();
    return Promise.reject(abortReason(signal));
  }
  return new Promise((resolve, reject) => {
    const stop = onAbort(signal, () => {
      ifAborted?.();
      reject(abortReason(signal));
    });
    const settled =
      <Value>(settle: (value: Value) => void) =>
      (value: Value) => {
        stop();
        settle(value);
      };
    promise.then(settled(resolve), settled(reject));
  });
}
