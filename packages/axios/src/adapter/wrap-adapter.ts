import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import { type Adapter, InnerAdapter } from './inner-adapter.js';

/** One token source's way of putting itself around an adapter. */
interface Wrapping {
  readonly inner: Adapter;
  wrapperOf(adapter: Adapter): AxiosAdapter;
}

/** The adapters made here. */
const wrappings = new WeakMap<AxiosAdapter, Wrapping>();
/** Adapters that are to be left as they are. */
const leftAlone = new WeakSet<AxiosAdapter>();

/** Makes every {@link wrapAdapter} leave requests with this adapter as they are. */
export function leaveAlone(adapter: AxiosAdapter): AxiosAdapter {
  leftAlone.add(adapter);
  return adapter;
}

/** A request interceptor that wraps the adapter of each request. The adapter puts the config's own back when it is called. */
export function wrapAdapter(
  wrap: (inner: InnerAdapter) => AxiosAdapter,
): (config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig {
  const byName: { readonly names: Names; readonly wrapper: AxiosAdapter }[] = [];
  const byFunction = new WeakMap<AxiosAdapter, AxiosAdapter>();

  function makeWrapper(adapter: Adapter): AxiosAdapter {
    const other = typeof adapter === 'function' && wrappings.has(adapter) ? adapter : undefined;
    const inner = new InnerAdapter(innermost(adapter), other);
    const send = wrap(inner);
    const wrapper: AxiosAdapter = (config) => {
      // From here on nobody who has the config, or sends it once more elsewhere, meets this source.
      if (config.adapter === wrapper) inner.restore(config);
      return send(config);
    };
    wrappings.set(wrapper, { inner: adapter, wrapperOf });
    return wrapper;
  }

  /** One for all requests with the same adapter: making one per request would cost more than attaching the token. */
  function wrapperOf(adapter: Adapter): AxiosAdapter {
    const known =
      typeof adapter === 'function'
        ? byFunction.get(adapter)
        : byName.find(({ names }) => isSame(names, adapter))?.wrapper;
    if (known) return known;
    const wrapper = makeWrapper(adapter);
    if (typeof adapter === 'function') byFunction.set(adapter, wrapper);
    else if (isSame(adapter, adapter)) byName.push({ names: adapter, wrapper });
    return wrapper;
  }

  /** Several sources on one instance: the first to be asked stays the outermost. */
  function wrapInnermost(adapter: Adapter): AxiosAdapter {
    const wrapping = typeof adapter === 'function' ? wrappings.get(adapter) : undefined;
    if (typeof adapter !== 'function' || !wrapping) return wrapperOf(adapter);
    return wrapping.wrapperOf === wrapperOf ? adapter : wrapping.wrapperOf(wrapInnermost(wrapping.inner));
  }

  return (config) => {
    const { adapter } = config;
    if (!(typeof adapter === 'function' && leftAlone.has(adapter))) config.adapter = wrapInnermost(adapter);
    return config;
  };
}

function innermost(adapter: Adapter): Adapter {
  const wrapping = typeof adapter === 'function' ? wrappings.get(adapter) : undefined;
  return wrapping ? innermost(wrapping.inner) : adapter;
}

type Names = Exclude<Adapter, AxiosAdapter>;

/** Whether both are the same names. axios makes a list of its own for each request. */
function isSame(some: Names, others: Names): boolean {
  if (!Array.isArray(some) || !Array.isArray(others)) return some === others;
  return some.length === others.length && some.every((name, n) => typeof name === 'string' && name === others[n]);
}
