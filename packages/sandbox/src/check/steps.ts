import {
  type AuthEvent,
  createTokenSource,
  isOpenBankingAuthError,
  type OpenBankingAuthError,
  openBankingFetch,
  type TokenSource,
} from '@open-banking-auth/core';
import { bearerAuthOf, readText, UNAUTHORIZED_BODY_LIMIT_BYTES } from '@open-banking-auth/core/client';
import type { ClientCertificate } from '@open-banking-auth/core/node';
import { apiAdvice, closedAdvice, networkAdvice, tokenAdvice } from './advice.js';
import { certificateFrom, fetchWith } from './certificate.js';
import { CheckFailure } from './failure.js';
import type { CheckIo, Variables } from './io.js';
import type { ObservedFetch } from './observed-fetch.js';
import { type CheckSettings, misnamedVariables, withVariableNames } from './settings.js';

interface Prepared {
  readonly tokens: TokenSource;
  readonly events: readonly AuthEvent[];
  readonly apiUrl: string;
  /** Sent with API calls, not with the token request. */
  readonly certificate: ClientCertificate | undefined;
}

const BANKS_PATH = '/psd2/aspspinformation/v1/aspsps';

/** The API origins of the environments. The library decides which of them belongs to a configuration. */
const API_URLS = ['https://api.sandbox.openbankingplatform.com', 'https://api.openbankingplatform.com'];

/** Well above any response time of the API, so that the check never hangs. */
const API_TIMEOUT_MS = 30_000;

/** Several times the list of all banks of Europe. */
const BODY_LIMIT_BYTES = 4_194_304;

export function prepare({ config, apiUrl }: CheckSettings, network: ObservedFetch, io: CheckIo): Prepared {
  const events: AuthEvent[] = [];
  try {
    const onEvent = (event: AuthEvent) => void events.push(event);
    const tokens = createTokenSource({ ...config, fetch: network.fetch, onEvent }, io.runtime);
    const bearerAuth = bearerAuthOf(tokens);
    const url = [apiUrl, ...API_URLS].find(
      (candidate) => candidate !== undefined && bearerAuth.mayHaveToken(candidate),
    );
    if (url === undefined) throw unknownApi();
    return { tokens, events, apiUrl: new URL(url).origin, certificate: certificateFrom(io.variables) };
  } catch (error) {
    if (!isOpenBankingAuthError(error)) throw error;
    if (apiUrl === undefined && error.problem.startsWith('"apiOrigins" is missing')) throw unknownApi();
    throw settingsFailure(error, io.variables);
  }
}

/** Variables that are not set come first: without an account, nothing else matters. */
function settingsFailure({ problem, hint }: OpenBankingAuthError, variables: Variables): CheckFailure {
  const misnamed = misnamedVariables(variables);
  const unset = ['OPEN_BANKING_CLIENT_ID', 'OPEN_BANKING_CLIENT_SECRET'].filter((name) => !variables[name]);
  // Of several faults, the hint is a list.
  const [only = '', ...several] = withVariableNames(hint).split('\n- ');
  if (unset.length === 0) {
    return new CheckFailure(withVariableNames(problem), [...misnamed, ...(several.length > 0 ? several : [only])]);
  }
  return new CheckFailure(`${unset.join(' and ')} ${unset.length > 1 ? 'are' : 'is'} not set`, [
    ...misnamed,
    "Set the values that the platform's portal shows for your application, in this shell or with node --env-file",
    'To try this without an account, start a local sandbox: npx @open-banking-auth/sandbox',
    ...several.filter((fault) => !unset.some((name) => fault.startsWith(`${name} `))),
  ]);
}

function unknownApi(): CheckFailure {
  return new CheckFailure("OPEN_BANKING_TOKEN_URL is not one of the platform's, and OPEN_BANKING_API_URL is not set", [
    `Set OPEN_BANKING_API_URL to the origin of the API, for example ${API_URLS[0]}`,
  ]);
}

/** Resolves with the scope of the token. */
export async function getToken(
  tokens: TokenSource,
  { config }: CheckSettings,
  network: ObservedFetch,
  io: CheckIo,
): Promise<string> {
  try {
    return (await tokens.get({ signal: io.stop })).scope;
  } catch (error) {
    if (!isOpenBankingAuthError(error)) throw error;
    const advice =
      error.status === undefined
        ? [...networkAdvice(network.failure, network.host, io.variables), withVariableNames(error.hint)]
        : tokenAdvice(error, config, network.host);
    const requestId = error.requestId === undefined ? [] : [`The platform's id for this request is ${error.requestId}`];
    throw new CheckFailure(withVariableNames(error.problem), [...advice, ...requestId]);
  }
}

/** Resolves with the number of banks. */
export async function getBanks(
  { tokens, events, apiUrl, certificate }: Prepared,
  scope: string,
  network: ObservedFetch,
  io: CheckIo,
): Promise<number> {
  const url = apiUrl + BANKS_PATH;
  let response: Response;
  let body: string;
  try {
    const signal = AbortSignal.timeout(API_TIMEOUT_MS);
    response = await openBankingFetch(tokens, {
      fetch: certificate ? network.through(fetchWith(certificate)) : network.fetch,
    })(url, { signal });
    body = response.body ? (await readText(response.body, BODY_LIMIT_BYTES)).text : '';
  } catch {
    throw new CheckFailure(`The request to ${url} failed (${network.failure ?? 'no response in time'})`, [
      ...closedAdvice(network.failure, network.host, certificate !== undefined),
      ...networkAdvice(network.failure, network.host, io.variables),
    ]);
  }
  const banks = countBanks(body);
  if (response.ok && banks !== undefined) return banks;
  if (response.ok)
    throw new CheckFailure(`${url} responded with HTTP ${response.status}, but not with a list of banks`, [
      'Is something else responding in place of the API, such as a proxy or a login page?',
    ]);
  // Nothing but a code is quoted from the body, which could contain anything.
  const code = /"code"\s*:\s*"([A-Z][A-Z_]{2,39})"/.exec(body.slice(0, UNAUTHORIZED_BODY_LIMIT_BYTES))?.[1];
  const unauthorized = events.findLast((event) => event.type === 'request.unauthorized');
  throw new CheckFailure(`${url} responded with HTTP ${response.status}${code ? ` and ${code}` : ''}`, [
    ...(response.status === 401 && unauthorized ? [unauthorized.hint] : []),
    ...apiAdvice(response.status, code, scope, network.host, certificate !== undefined),
  ]);
}

function countBanks(body: string): number | undefined {
  try {
    const { aspsps } = JSON.parse(body);
    return Array.isArray(aspsps) ? aspsps.length : undefined;
  } catch {
    return undefined;
  }
}
