import { type AxiosAdapter, getAdapter, type InternalAxiosRequestConfig } from 'axios';

type Adapter = InternalAxiosRequestConfig['adapter'];

/** The adapters made here. An interceptor that retries sends a config through again, with our adapter already in it. */
const ours = new WeakSet<object>();

/** Has {@link aroundAdapter} leave requests with this adapter as they are. */
export function markAsOurs(adapter: AxiosAdapter): AxiosAdapter {
  ours.add(adapter);
  return adapter;
}

/** A request interceptor that puts something around the adapter of each request, once however often it meets a config. */
export function aroundAdapter(
  wrap: (send: AxiosAdapter) => AxiosAdapter,
): (config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig {
  const byName = new Map<string, AxiosAdapter>();
  const byFunction = new WeakMap<object, AxiosAdapter>();

  function around(adapter: Adapter): AxiosAdapter {
    return markAsOurs(wrap(typeof adapter === 'function' ? adapter : (config) => getAdapter(adapter, config)(config)));
  }

  /** One for all requests with the same adapter: making it for each would cost more than sending the token. */
  function wrapped(adapter: Adapter): AxiosAdapter {
    if (typeof adapter === 'function') return remembered(byFunction, adapter, () => around(adapter));
    const names = namesOf(adapter);
    return names === undefined ? around(adapter) : remembered(byName, names, () => around(adapter));
  }

  return (config) => {
    const { adapter } = config;
    if (!(typeof adapter === 'function' && ours.has(adapter))) config.adapter = wrapped(adapter);
    return config;
  };
}

function remembered<Key, Value>(
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
