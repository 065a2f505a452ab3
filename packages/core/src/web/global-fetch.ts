const wrappers = new WeakSet<typeof fetch>();

/** Marks a `fetch` of ours, which must never be called from below itself. */
export function markAsWrapper(wrapped: typeof fetch): typeof fetch {
  wrappers.add(wrapped);
  return wrapped;
}

/**
 * The global `fetch` at this moment. If an application has made one of our own wrappers the global one, calling it from below itself
 * would never end; then it is `before`.
 */
export function globalFetch(before: typeof fetch): typeof fetch {
  return wrappers.has(globalThis.fetch) ? before : globalThis.fetch;
}
