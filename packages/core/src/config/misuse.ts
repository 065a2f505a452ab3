import { invalidConfig, kindOf } from '../errors.js';

/** @throws OpenBankingAuthError `invalid_config` for what is put in place of a configuration by mistake. */
export function assertConfiguration(value: unknown): asserts value is object {
  const has = (...names: string[]) => names.some((name) => name in Object(value));
  if (has('headers', 'hooks', 'interceptors', 'extend')) {
    throw invalidConfig(
      'In place of the configuration, there is an HTTP client, or its options',
      'If you passed the function itself to the client, call it with your own configuration, and pass on what it returns: openBankingAuth(config)',
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidConfig(
      `The configuration must be an object, got ${kindOf(value)}`,
      typeof value === 'function'
        ? 'Call the function, and give what it returns'
        : 'Give { environment, clientId, clientSecret, scope }',
    );
  }
  if (has('then')) {
    throw invalidConfig('The configuration is a promise', 'Await it first: openBankingAuth(await loadConfig())');
  }
  if (has('config')) {
    throw invalidConfig('The configuration contains a configuration, as "config"', 'Give that, as in sandbox.config');
  }
}

/**
 * For functions and objects that a client must get in one certain place: reading one of these properties, as other places
 * would, throws instead of finding nothing and sending requests without a token.
 *
 * @throws OpenBankingAuthError `invalid_config` when one of the properties is read.
 */
export function throwOnRead<T extends object>(
  target: T,
  properties: readonly string[],
  problem: string,
  hint: string,
): T {
  const get = () => {
    throw invalidConfig(problem, hint);
  };
  for (const property of properties) Object.defineProperty(target, property, { get });
  return target;
}
