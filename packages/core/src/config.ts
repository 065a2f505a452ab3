import { invalidConfig, kindOf } from './errors.js';
import type { AuthEvent } from './events.js';
import { ENVIRONMENTS, type Environment, environmentOf } from './platform.js';
import { DEFAULT_TIMEOUT_MS, LONGEST_TIMEOUT_MS } from './policy.js';
import { formatScope, parseScope, type Scope, unrecognisedWords } from './scope.js';
import { parseStore, type TokenStore } from './store.js';

/**
 * What the library needs to know. Read once, when the source is made; never written to. A value of `undefined` counts as
 * not given.
 *
 * @see https://docs.openpayments.io/en/ the platform's documents: hosts, scopes, fair use
 */
export interface OpenBankingAuthConfig {
  /**
   * Presets `tokenUrl` and `apiOrigins`. What is given besides overrides the preset, piece by piece. One of
   * `environment` and `tokenUrl` is required.
   */
  readonly environment?: 'production' | 'sandbox' | undefined;
  /** The whole URL of the token endpoint, https (http for loopback alone). Default: the environment's. */
  readonly tokenUrl?: string | URL | undefined;
  /**
   * The origins that may see the token, such as `https://api.openbankingplatform.com`; https (http for loopback alone).
   * Default: the environment's, or the one that belongs to a token URL of the platform; otherwise required.
   */
  readonly apiOrigins?: readonly (string | URL)[] | undefined;
  /** Client id, from the platform's portal. Required; typed with `undefined` so that `process.env.…` fits as it is. */
  readonly clientId: string | undefined;
  /**
   * Client secret, from the platform's portal. Required. A function is asked at every token request, so that a rotated
   * secret is taken up without a restart.
   */
  readonly clientSecret: string | (() => string | Promise<string>) | undefined;
  /**
   * One or more API scopes and one PSU context, `private` or `corporate`; order, spaces and repetitions do not matter.
   * Combine the API scopes that the application needs: the platform asks for one token per client and PSU context.
   */
  readonly scope: string | readonly string[];
  /** How the client proves itself (RFC 6749 section 2.3.1). Default: `client_secret_post`, which the platform documents. */
  readonly clientAuthentication?: 'client_secret_post' | 'client_secret_basic' | undefined;
  /** `fetch` for the token request alone: for a proxy, TLS settings, tests. Default: the global one, at the time of the call. */
  readonly fetch?: typeof fetch | undefined;
  /** One attempt of the token request, in milliseconds, 1 to 600,000. Default: 5,000. */
  readonly timeoutMs?: number | undefined;
  /**
   * Whether to request the next token in the background while the one in use is still good, so that no caller waits.
   * Happens on use only, without timers. Default: `true`.
   */
  readonly refreshAhead?: boolean | undefined;
  /** Whether to add an `X-Request-ID`, a fresh UUID, to API requests that have none. Default: `true`. */
  readonly requestId?: boolean | undefined;
  /**
   * Where all processes of an application share one token for each scope and PSU context. Values arrive there sealed with a
   * key that is derived from the client secret. If the store fails, each process goes on alone. Default: none, tokens stay
   * in the memory of this source.
   */
  readonly store?: TokenStore | undefined;
  /** Told what happens, at once; what it throws is ignored. */
  readonly onEvent?: ((event: AuthEvent) => void) | undefined;
  /**
   * A client secret has no place in a browser, so the library refuses to start in one. Default: `false`. For test
   * environments that look like a browser, such as Jest's jsdom.
   */
  readonly dangerouslyAllowBrowser?: boolean | undefined;
}

/** A configuration that has been checked. Held in closures alone, so that nothing prints it. */
export interface Settings {
  readonly tokenUrl: URL;
  readonly apiOrigins: ReadonlySet<string>;
  readonly clientId: string;
  readonly clientSecret: string | (() => unknown);
  readonly scope: Scope;
  readonly clientAuthentication: 'client_secret_post' | 'client_secret_basic';
  readonly fetch: typeof fetch | undefined;
  readonly timeoutMs: number;
  readonly refreshAhead: boolean;
  readonly requestId: boolean;
  readonly store: TokenStore | undefined;
  readonly tokenHint: string;
  readonly emit: (event: AuthEvent) => void;
}

/** @throws OpenBankingAuthError `invalid_config` for each option that is missing or wrong. */
export function parseConfig(config: OpenBankingAuthConfig): Settings {
  if (typeof config !== 'object' || config === null) {
    throw invalidConfig(
      `The configuration must be an object, got ${config === null ? 'null' : typeof config}`,
      'Give { environment, clientId, clientSecret, scope }',
    );
  }
  refuseBrowser(config.dangerouslyAllowBrowser);
  const environment = parseEnvironment(config.environment);
  const tokenUrl = parseTokenUrl(config.tokenUrl ?? environment?.tokenUrl, environment ?? ENVIRONMENTS.production);
  const platform = environment ?? environmentOf(tokenUrl);
  const scope = parseScope(config.scope, 'scope');
  const written = formatScope(scope, 'scope');
  const emit = listener(config.onEvent);
  for (const word of unrecognisedWords(scope)) emit({ type: 'scope.unrecognised', scope: written, word });
  return Object.freeze({
    tokenUrl,
    apiOrigins: parseOrigins(config.apiOrigins ?? (platform ? [platform.apiOrigin] : undefined)),
    clientId: parseCredential(config.clientId, 'clientId'),
    clientSecret:
      typeof config.clientSecret === 'function'
        ? config.clientSecret
        : parseCredential(config.clientSecret, 'clientSecret'),
    scope,
    clientAuthentication: parseChoice(
      config.clientAuthentication ?? 'client_secret_post',
      ['client_secret_post', 'client_secret_basic'],
      'clientAuthentication',
    ),
    fetch: parseFunction(config.fetch, 'fetch'),
    timeoutMs: parseTimeout(config.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    refreshAhead: parseBoolean(config.refreshAhead ?? true, 'refreshAhead'),
    requestId: parseBoolean(config.requestId ?? true, 'requestId'),
    store: parseStore(config.store),
    tokenHint: platform?.tokenHint ?? '',
    emit,
  });
}

/** A client id or secret. What it is goes into no message: people mix the two up. */
export function parseCredential(value: unknown, option: string): string {
  const where = "Copy it from the platform's portal; if it comes from an environment variable, check that it is set";
  if (typeof value !== 'string') throw invalidConfig(`"${option}" must be a string, got ${kindOf(value)}`, where);
  if (value.trim() === '') throw invalidConfig(`"${option}" is empty`, where);
  if (/^\s|\s$/.test(value)) {
    throw invalidConfig(`"${option}" begins or ends with a space or line break`, 'Trim it where it is read');
  }
  if (/[\p{Cc}]/u.test(value)) {
    throw invalidConfig(`"${option}" holds a control character`, 'Check how it is read: it was damaged on the way');
  }
  return value;
}

function parseEnvironment(value: unknown) {
  if (value === undefined) return undefined;
  return ENVIRONMENTS[parseChoice(value, ['production', 'sandbox'], 'environment')];
}

function parseTokenUrl(value: unknown, { tokenUrl }: Environment): URL {
  const example = `the whole token URL, for example "${tokenUrl}"`;
  if (value === undefined) {
    throw invalidConfig(
      'Neither "environment" nor "tokenUrl" is given',
      `Give environment: "production" or "sandbox", or as "tokenUrl" ${example}`,
    );
  }
  const url = parseUrl(value, 'tokenUrl', `Give ${example}`);
  if (url.pathname === '/') {
    throw invalidConfig(
      `"tokenUrl" is the bare host ${JSON.stringify(url.host)}`,
      `Give ${example}. Some of the platform's documents call the bare host AUTH_HOST, others the whole URL`,
    );
  }
  return url;
}

function parseOrigins(value: unknown): ReadonlySet<string> {
  const example = 'for example ["https://api.openbankingplatform.com"]';
  if (value === undefined) {
    throw invalidConfig(
      '"apiOrigins" is missing: with a "tokenUrl" of your own there is no default for it',
      `List the origins that may see the token, ${example}`,
    );
  }
  if (!Array.isArray(value) || value.length === 0) {
    throw invalidConfig(
      `"apiOrigins" must be an array with at least one origin, got ${Array.isArray(value) ? 'an empty one' : kindOf(value)}`,
      `List the origins that may see the token, ${example}`,
    );
  }
  return new Set(
    value.map((origin: unknown, index) => {
      const option = `apiOrigins[${index}]`;
      const url = parseUrl(origin, option, `Give an origin, ${example}`);
      if (url.pathname !== '/' || url.search !== '') {
        throw invalidConfig(
          `"${option}" is ${JSON.stringify(url.origin + url.pathname)}, which has more than an origin`,
          `Give "${url.origin}": a token is for a whole origin, not for a path`,
        );
      }
      return url.origin;
    }),
  );
}

function parseUrl(value: unknown, option: string, hint: string): URL {
  if (typeof value !== 'string' && !(typeof value === 'object' && value !== null && 'href' in value)) {
    throw invalidConfig(`"${option}" must be a URL, got ${kindOf(value)}`, hint);
  }
  let url: URL;
  try {
    url = new URL(String(value));
  } catch {
    throw invalidConfig(
      `"${option}" is ${JSON.stringify(String(value).replace(/^.*@/, '…@').slice(0, 200))}, which is not a whole URL`,
      hint,
    );
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw invalidConfig(`"${option}" holds credentials or a fragment (${url.host})`, hint);
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw invalidConfig(
      `"${option}" is ${JSON.stringify(url.origin === 'null' ? url.protocol : url.origin)}, which is not https`,
      `Use https: secrets and tokens cross this connection. Plain http is accepted for loopback alone. ${hint}`,
    );
  }
  return url;
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}

function parseChoice<T extends string>(value: unknown, choices: readonly T[], option: string): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  throw invalidConfig(
    `"${option}" is ${typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : kindOf(value)}`,
    `It must be ${choices.map((candidate) => `"${candidate}"`).join(' or ')}`,
  );
}

function parseTimeout(value: unknown): number {
  if (typeof value === 'number' && value >= 1 && value <= LONGEST_TIMEOUT_MS) return value;
  throw invalidConfig(
    `"timeoutMs" is ${typeof value === 'number' ? value : kindOf(value)}`,
    `It must be a number of milliseconds, 1 to ${LONGEST_TIMEOUT_MS}`,
  );
}

function parseBoolean(value: unknown, option: string): boolean {
  if (typeof value === 'boolean') return value;
  throw invalidConfig(`"${option}" is ${kindOf(value)}`, 'It must be true or false');
}

function parseFunction<T>(value: T, option: string): T {
  if (value === undefined || typeof value === 'function') return value;
  throw invalidConfig(`"${option}" is ${kindOf(value)}`, 'It must be a function');
}

function listener(onEvent: ((event: AuthEvent) => void) | undefined): (event: AuthEvent) => void {
  parseFunction(onEvent, 'onEvent');
  if (!onEvent) return () => {};
  return (event) => {
    try {
      // An async listener's failure must not become an unhandled rejection of the application's.
      Promise.resolve(onEvent(event)).catch(() => {});
    } catch {}
  };
}

function refuseBrowser(allowed: unknown): void {
  if (allowed === true || !isBrowser()) return;
  throw invalidConfig(
    'This looks like a browser, where everybody can read the client secret',
    'Call the API from a server. If this is a test under Jest, its jsdom environment looks like a browser: use testEnvironment "node", or set dangerouslyAllowBrowser: true',
  );
}

/** A page, or a worker of one. Edge runtimes have the scope of workers too, but do not call themselves Mozilla. */
function isBrowser(): boolean {
  if ('window' in globalThis && 'document' in globalThis) return true;
  const { navigator } = globalThis as { navigator?: { readonly userAgent?: unknown } };
  return 'WorkerGlobalScope' in globalThis && String(navigator?.userAgent).startsWith('Mozilla/');
}
