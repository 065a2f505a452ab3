import type { OpenBankingAuthConfig, TokenSource } from '@open-banking-auth/core';
import { exchangeOf } from '@open-banking-auth/core/client';
import { type AxiosAdapter, type AxiosResponse, getAdapter, type InternalAxiosRequestConfig } from 'axios';
import { adapterClient } from './adapter-client.js';
import { Refusal } from './refusal.js';

type Adapter = InternalAxiosRequestConfig['adapter'];

/** The adapters made here. An interceptor that retries sends a config through again, with our adapter already in it. */
const ours = new WeakSet<object>();

/**
 * An axios request interceptor that puts a valid token on every request to `apiOrigins`, and answers a 401 that a new
 * token can cure by sending the request once more. Nothing else needs to be installed.
 *
 * It works at the adapter, below axios' other interceptors: they see neither the token nor the first 401.
 *
 * @param source A configuration, or a token source to share with other clients.
 * @throws OpenBankingAuthError `invalid_config` for a bad configuration.
 *
 * @example
 * ```ts
 * axios.interceptors.request.use(openBankingAuth(config));
 * ```
 */
export function openBankingAuth(
  source: TokenSource | OpenBankingAuthConfig,
): (config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig {
  const exchange = exchangeOf(source);
  const byName = new Map<string, AxiosAdapter>();
  const byFunction = new WeakMap<object, AxiosAdapter>();

  function around(adapter: Adapter): AxiosAdapter {
    const client = adapterClient(
      exchange,
      typeof adapter === 'function' ? adapter : (config) => getAdapter(adapter, config)(config),
    );
    const send: AxiosAdapter = (config) => exchange.run(client, config).then(orThrow);
    ours.add(send);
    return send;
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

function orThrow(answer: AxiosResponse | Refusal): AxiosResponse {
  if (answer instanceof Refusal) throw answer.error;
  return answer;
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
