interface Listening {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const listening = new WeakMap<AbortSignal, Listening>();

/**
 * Calls back when the signal aborts, unless the returned function is called before. Any number of callbacks share one
 * listener: an application may pass one signal to a hundred requests, and Node warns of a leak at the eleventh listener.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const entry = listening.get(signal) ?? listenTo(signal);
  const { callbacks, listener } = entry;
  callbacks.add(callback);
  return () => {
    // Most signals have one: taking it out of the set would cost more than all else here.
    if (callbacks.size > 1) callbacks.delete(callback);
    else if (callbacks.has(callback) && listening.get(signal) === entry) {
      listening.delete(signal);
      signal.removeEventListener('abort', listener);
    }
  };
}

function listenTo(signal: AbortSignal): Listening {
  const callbacks = new Set<() => void>();
  const listener = () => {
    listening.delete(signal);
    for (const callback of callbacks) callback();
  };
  const entry = { callbacks, listener };
  listening.set(signal, entry);
  signal.addEventListener('abort', listener, { once: true });
  return entry;
}

/** Why a signal was aborted. Signals of the abort-controller package have no reason. */
export function abortReason(signal: AbortSignal): unknown {
  return signal.reason ?? new DOMException('This operation was aborted', 'AbortError');
}
