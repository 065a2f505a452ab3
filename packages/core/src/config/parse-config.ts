import type { Clock } from '../clock.js';
import { DEFAULT_TIMEOUT_MS, TOKEN_REQUEST_BUDGET_MS } from '../policy.js';
import { parseStore } from '../token-store.js';
import { assertNotBrowser } from './browser.js';
import { emitterFor } from './emitter.js';
import { parseOrigins, parseTokenUrl } from './endpoint.js';
import { Faults } from './faults.js';
import { likelyName } from './likely-name.js';
import { assertConfiguration } from './misuse.js';
import { assertNodeVersion } from './node-version.js';
import { parseBoolean, parseChoice, parseCredential, parseFunction, parseTimeout } from './option.js';
import { ENVIRONMENTS, type Environment, environmentOf } from './platform.js';
import { formatScope, parseScope, type Scope, unrecognisedWords } from './scope.js';
import type { OpenBankingAuthConfig, Settings } from './settings.js';

/** Every option, so that the compiler notices one that is missing here. */
const OPTIONS: Readonly<Record<keyof OpenBankingAuthConfig, true>> = {
  environment: true,
  tokenUrl: true,
  apiOrigins: true,
  clientId: true,
  clientSecret: true,
  scope: true,
  clientAuthentication: true,
  fetch: true,
  timeoutMs: true,
  refreshAhead: true,
  requestId: true,
  store: true,
  onEvent: true,
  dangerouslyAllowBrowser: true,
};

/** Names of other libraries that are too far from ours to be found by their spelling. */
const FOREIGN_NAMES: ReadonlyMap<string, keyof OpenBankingAuthConfig> = new Map([
  ['baseURL', 'apiOrigins'],
  ['baseUrl', 'apiOrigins'],
  ['apiUrl', 'apiOrigins'],
  ['tokenEndpoint', 'tokenUrl'],
  ['authHost', 'tokenUrl'],
  ['env', 'environment'],
  ['secret', 'clientSecret'],
  ['logger', 'onEvent'],
]);

/** @throws OpenBankingAuthError `invalid_config` that names every option that is missing or wrong, and what to do. */
export function parseConfig(config: OpenBankingAuthConfig, clock: Clock): Settings {
  assertNodeVersion();
  assertConfiguration(config);
  assertNotBrowser(config.dangerouslyAllowBrowser);
  const faults = new Faults();
  for (const [name, value] of Object.entries(config)) {
    if (Object.hasOwn(OPTIONS, name) || value === undefined) continue;
    faults.unknown(name.slice(0, 60), FOREIGN_NAMES.get(name) ?? likelyName(name, Object.keys(OPTIONS)));
  }

  const { clientSecret: secret, clientAuthentication: method = 'client_secret_post', onEvent } = config;
  const environment = faults.read('environment', config.environment, () => parseEnvironment(config.environment));
  const example = exampleFor(config);
  const tokenUrl = faults.read(config.tokenUrl === undefined ? 'environment' : 'tokenUrl', config.tokenUrl, () =>
    parseTokenUrl(config.tokenUrl ?? environment()?.tokenUrl, example),
  );
  const platform = () => environment() ?? environmentOf(tokenUrl());
  const apiOrigins = faults.read('apiOrigins', config.apiOrigins, () =>
    parseOrigins(config.apiOrigins ?? originsOf(platform()), example),
  );
  const clientId = faults.read('clientId', config.clientId, () => parseCredential(config.clientId, 'clientId'));
  const clientSecret = faults.read('clientSecret', secret, () =>
    typeof secret === 'function' ? secret : parseCredential(secret, 'clientSecret'),
  );
  const scope = faults.read('scope', config.scope, () => parseWholeScope(config.scope));
  const clientAuthentication = faults.read<Settings['clientAuthentication']>('clientAuthentication', method, () =>
    parseChoice(method, ['client_secret_post', 'client_secret_basic'], 'clientAuthentication'),
  );
  const fetch = faults.read('fetch', config.fetch, () => parseFunction(config.fetch, 'fetch'));
  const timeoutMs = faults.read('timeoutMs', config.timeoutMs, () =>
    parseTimeout(config.timeoutMs ?? DEFAULT_TIMEOUT_MS),
  );
  const flag = (option: 'refreshAhead' | 'requestId') =>
    faults.read(option, config[option], () => parseBoolean(config[option] ?? true, option));
  const refreshAhead = flag('refreshAhead');
  const requestId = flag('requestId');
  const store = faults.read('store', config.store, () => parseStore(config.store));
  const events = faults.read('onEvent', onEvent, () => emitterFor(onEvent, clock));
  faults.throwIfAny();

  for (const word of unrecognisedWords(scope())) {
    events().emit({ type: 'scope.unrecognised', scope: formatScope(scope(), 'scope'), word });
  }
  return Object.freeze({
    tokenUrl: tokenUrl(),
    apiOrigins: apiOrigins(),
    clientId: clientId(),
    clientSecret: clientSecret(),
    scope: scope(),
    clientAuthentication: clientAuthentication(),
    fetch: fetch(),
    timeoutMs: timeoutMs(),
    budgetMs: Math.max(TOKEN_REQUEST_BUDGET_MS, timeoutMs()),
    refreshAhead: refreshAhead(),
    requestId: requestId(),
    store: store(),
    tokenHint: platform()?.tokenHint ?? '',
    ...events(),
  });
}

function parseEnvironment(value: unknown): Environment | undefined {
  if (value === undefined) return undefined;
  return ENVIRONMENTS[parseChoice(value, ['production', 'sandbox'], 'environment')];
}

/** The environment whose hosts an error shows as an example. */
function exampleFor({ environment, tokenUrl }: OpenBankingAuthConfig): Environment {
  const named = [environment, tokenUrl instanceof URL ? tokenUrl.href : tokenUrl];
  const isSandbox = named.some((text) => typeof text === 'string' && /sandbox/i.test(text));
  return isSandbox ? ENVIRONMENTS.sandbox : ENVIRONMENTS.production;
}

function originsOf(platform: Environment | undefined): readonly string[] | undefined {
  return platform && [platform.apiOrigin];
}

function parseWholeScope(value: unknown): Scope {
  const scope = parseScope(value, 'scope');
  formatScope(scope, 'scope');
  return scope;
}
