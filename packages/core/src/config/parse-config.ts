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
import { parseBoolean, parseChoice, parseFunction, parseTimeout } from './option.js';
import { parseParameters } from './parameters.js';
import { parseClient } from './parse-client.js';
import { ENVIRONMENTS, type Environment, environmentOf, isOpenPayments } from './platform.js';
import { openPayments, type Profile, plainOAuth } from './profile.js';
import type { Scope } from './scope.js';
import type { OpenBankingAuthConfig, Settings } from './settings.js';

/** Every option, so that the compiler notices one that is missing here. */
const OPTIONS: Readonly<Record<keyof OpenBankingAuthConfig, true>> = {
  environment: true,
  tokenUrl: true,
  apiOrigins: true,
  requestToken: true,
  clientId: true,
  clientSecret: true,
  clientKey: true,
  clientAuthentication: true,
  scope: true,
  parameters: true,
  fetch: true,
  timeoutMs: true,
  refreshAhead: true,
  requestId: true,
  store: true,
  storeSecret: true,
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
  const faults = new Faults(config);
  for (const [name, value] of Object.entries(config)) {
    if (Object.hasOwn(OPTIONS, name) || value === undefined) continue;
    faults.unknown(name.slice(0, 60), FOREIGN_NAMES.get(name) ?? likelyName(name, Object.keys(OPTIONS)));
  }

  const hosts = parseHosts(config, faults);
  const { profile } = hosts;
  const client = parseClient(config, profile, faults);
  const scope = faults.read('scope', (value) => parseWholeScope(value, profile));
  const parameters = faults.read('parameters', parseParameters);
  const fetch = faults.read('fetch', parseFunction);
  const timeoutMs = faults.read('timeoutMs', (value) => parseTimeout(value ?? DEFAULT_TIMEOUT_MS));
  const refreshAhead = faults.read('refreshAhead', (value, option) => parseBoolean(value ?? true, option));
  const requestId = faults.read('requestId', (value, option) => parseBoolean(value ?? true, option));
  const store = faults.read('store', parseStore);
  const events = faults.read('onEvent', (onEvent) => emitterFor(onEvent, clock));
  faults.throwIfAny();

  for (const word of profile.unrecognisedWords(scope())) {
    events().emit({ type: 'scope.unrecognised', scope: profile.formatScope(scope(), 'scope'), word });
  }
  return Object.freeze({
    profile,
    tokenUrl: hosts.tokenUrl(),
    apiOrigins: hosts.apiOrigins(),
    ...client(),
    scope: scope(),
    parameters: parameters(),
    fetch: fetch(),
    timeoutMs: timeoutMs(),
    budgetMs: Math.max(TOKEN_REQUEST_BUDGET_MS, timeoutMs()),
    refreshAhead: refreshAhead(),
    requestId: requestId(),
    store: store(),
    tokenHint: hosts.tokenHint(),
    ...events(),
  });
}

/** Where tokens come from, where they may go, and the platform whose rules hold there. */
function parseHosts(config: OpenBankingAuthConfig, faults: Faults) {
  const example = exampleFor(config);
  const { requestToken } = config;
  const environment = faults.read('environment', parseEnvironment);
  const tokenUrl = faults.read(config.tokenUrl === undefined ? 'environment' : 'tokenUrl', () =>
    requestToken === undefined ? parseTokenUrl(config.tokenUrl ?? environment()?.tokenUrl, example) : undefined,
  );
  const platform = () => environment() ?? environmentOf(tokenUrl());
  const apiOrigins = faults.read('apiOrigins', (origins) => parseOrigins(origins ?? originsOf(platform()), example));
  const isOurs = requestToken === undefined && isOpenPayments(config.environment, config.tokenUrl);
  return {
    profile: isOurs ? openPayments : plainOAuth,
    tokenUrl,
    apiOrigins,
    // With another token URL, nothing is known of its host.
    tokenHint: () => environmentOf(tokenUrl())?.tokenHint ?? '',
  };
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

function parseWholeScope(value: unknown, profile: Profile): Scope {
  const scope = profile.parseScope(value, 'scope');
  profile.formatScope(scope, 'scope');
  return scope;
}
