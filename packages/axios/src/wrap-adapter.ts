import { type AxiosAdapter, getAdapter, type InternalAxiosRequestConfig } from 'axios';

type Adapter = InternalAxiosRequestConfig['adapter'];

/** Adapters made here. A retrying interceptor sends a config through again, with our adapter already in it. */
const wrappers = new WeakSet<object>();

/** Makes {@link wrapAdapter} leave requests with this adapter as they are. */
export function markAsWrapper(adapter: AxiosAdapter): AxiosAdapter {
  wrappers.add(adapter);
  return adapter;
}

/** A request interceptor that wraps the adapter of each request, once however often it meets the same config. */
export function wrapAdapter(
  wrap: (send: AxiosAdapter) => AxiosAdapter,
): (config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig {
  const byName = new Map<string, AxiosAdapter>();
  const byFunction = new WeakMap<object, AxiosAdapter>();

  function makeWrapper(adapter: Adapter): AxiosAdapter {
    return markAsWrapper(
      wrap(typeof adapter === 'function' ? adapter : (config) => getAdapter(adapter, config)(config)),
    );
  }

  /** One for all requests with the same adapter: making one per request would cost more than attaching the token. */
  function wrapperOf(adapter: Adapter): AxiosAdapter {
    if (typeof adapter === 'function') return memoized(byFunction, adapter, () => makeWrapper(adapter));
    const names = namesOf(adapter);
    return names === undefined ? makeWrapper(adapter) : memoized(byName, names, () => makeWrapper(adapter));
  }

  return (config) => {
    const { adapter } = config;
    if (!(typeof adapter === 'function' && wrappers.has(adapter))) config.adapter = wrapperOf(adapter);
    return config;
  };
}

function memoized<Key, Value>(
  known: { get(key: Key): Value | undefined; set(key: Key, value: Value): unknown },
  key: Key,
  make: () => Value,
): Value {
  const before = known.get(key);
  if (before !== undefined) return before;
  const value = make();
  known.set(key, value);
  return value;
}

function namesOf(adapter: Exclude<Adapter, AxiosAdapter>): string | undefined {
  if (!Array.isArray(adapter)) return String(adapter);
  return adapter.every((entry) => typeof entry === 'string') ? adapter.join() : undefined;
}
