import type { GenericAbortSignal } from 'axios';

const shared = new WeakMap<GenericAbortSignal, AbortListeners>();

/** The calls that wait under one signal. They share one listener: Node.js warns of a leak at the eleventh. */
class AbortListeners {
  readonly #signal: GenericAbortSignal;
  readonly #listeners = new Set<() => void>();

  constructor(signal: GenericAbortSignal) {
    this.#signal = signal;
  }

  add(listener: () => void): void {
    if (this.#listeners.size === 0) this.#signal.addEventListener?.('abort', this.#abortAll);
    this.#listeners.add(listener);
  }

  delete(listener: () => void): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.#signal.removeEventListener?.('abort', this.#abortAll);
  }

  readonly #abortAll = (): void => {
    for (const listener of this.#listeners) listener();
  };
}

export function abortListenersOf(signal: GenericAbortSignal): AbortListeners {
  let listeners = shared.get(signal);
  if (!listeners) {
    listeners = new AbortListeners(signal);
    shared.set(signal, listeners);
  }
  return listeners;
}
