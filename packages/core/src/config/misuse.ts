import { invalidConfig, kindOf } from '../errors.js';

/** @throws OpenBankingAuthError `invalid_config` for what is put in place of a configuration by mistake. */
export function assertConfiguration(value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null) {
    throw invalidConfig(
      `The configuration must be an object, got ${kindOf(value)}`,
      typeof value === 'function'
        ? 'Call the function, and give what it returns'
        : 'Give { environment, clientId, clientSecret, scope }',
    );
  }
  if ('then' in value) {
    throw invalidConfig('The configuration is a promise', 'Await it first: openBankingAuth(await loadConfig())');
  }
  if ('headers' in value || 'hooks' in value) {
    throw invalidConfig(
      'The configuration is that of an HTTP client or of one of its requests',
      'If you passed the function itself to the client, call it with your own configuration, and pass on what it returns: openBankingAuth(config)',
    );
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
