import { parseArgs } from 'node:util';
import {
  type AuthEvent,
  createTokenSource,
  isOpenBankingAuthError,
  openBankingFetch,
  type TokenSource,
} from '@open-banking-auth/core';
import { bearerAuthOf } from '@open-banking-auth/core/client';
import { apiAdvice, closedAdvice, networkAdvice, tokenAdvice } from './check-advice.js';
import {
  type CheckSettings,
  defaultScope,
  inVariables,
  readSettings,
  shownId,
  type Variables,
} from './check-settings.js';
import { ObservedFetch } from './observed-fetch.js';

/** Where the check writes and what it reads. */
export interface CheckIo {
  readonly out: (line: string) => void;
  readonly variables: Variables;
  readonly stop: AbortSignal;
  /** For tests: the time of the token request. */
  readonly runtime?: Parameters<typeof createTokenSource>[1];
}

/** What is wrong, and what to do about it. Every word of it is fit to be printed. */
class Fault {
  constructor(
    readonly problem: string,
    readonly advice: readonly string[],
  ) {}
}

const help = `Usage: open-banking-sandbox check

Asks for a token and for the list of banks with the credentials in the environment, and says what is wrong, if anything.
Ends with status 0 if all is well, else with 1. Prints neither the secret nor the token.

  OPEN_BANKING_CLIENT_ID      from the platform's portal
  OPEN_BANKING_CLIENT_SECRET  from the platform's portal
  OPEN_BANKING_SCOPE          default: ${defaultScope}
  OPEN_BANKING_ENVIRONMENT    sandbox or production (default: sandbox)
  OPEN_BANKING_TOKEN_URL      default: that of the environment
  OPEN_BANKING_API_URL        origin of the API (default: that of the environment)`;

const banksPath = '/psd2/aspspinformation/v1/aspsps';

/** The API's origins, of which the library tells for which a configuration is. */
const apiUrls = ['https://api.sandbox.openbankingplatform.com', 'https://api.openbankingplatform.com'];

/** Longer than any answer of the API should take; a check that hangs tells nobody anything. */
const longestApiCallMs = 30_000;

/** The time in a Date header is cut to seconds, and an answer takes some. What is off by more is worth a word. */
const tolerableClockErrorMs = 60_000;

/** Asks for a token and the bank list as the environment says. Resolves with the exit code. */
export async function check(args: readonly string[], io: CheckIo): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    io.out(help);
    return 0;
  }
  const wire = new ObservedFetch(io.stop);
  const say = (step: string, words: string) => io.out(`ok      ${step.padEnd(9)}  ${words}`);
  let step = 'settings';
  try {
    const settings = readSettings(io.variables);
    const { tokens, apiUrl, events } = prepare(settings, wire, io);
    say(step, `client id ${shownId(settings.config.clientId)}, scope "${settings.config.scope}"`);
    step = 'token';
    const scope = await getToken(tokens, settings, wire, io);
    say(step, `from ${wire.host}, for "${scope}"`);
    step = 'bank list';
    const banks = await getBanks(tokens, apiUrl, scope, events, wire, io);
    say(step, `${banks} banks, from ${apiUrl}`);
    const clock = clockError(wire);
    if (clock) io.out(`note    clock      ${clock}`);
    io.out('\nAll is well.');
    return 0;
  } catch (fault) {
    if (io.stop.aborted) {
      io.out('Stopped.');
      return 1;
    }
    if (!(fault instanceof Fault)) throw fault;
    io.out(`FAILED  ${step}\n\n${fault.problem}.`);
    const clock = clockError(wire);
    for (const advice of [...fault.advice, ...(clock ? [clock] : [])])
      io.out(`- ${advice.endsWith('?') ? advice : `${advice}.`}`);
    return 1;
  }
}

function prepare({ config, apiUrl }: CheckSettings, wire: ObservedFetch, io: CheckIo) {
  const events: AuthEvent[] = [];
  try {
    const onEvent = (event: AuthEvent) => void events.push(event);
    const tokens = createTokenSource({ ...config, fetch: wire.fetch, onEvent }, io.runtime);
    const bearerAuth = bearerAuthOf(tokens);
    const url = [apiUrl, ...apiUrls].find((candidate) => candidate !== undefined && bearerAuth.mayHaveToken(candidate));
    if (url === undefined) throw unknownApi();
    return { tokens, events, apiUrl: new URL(url).origin };
  } catch (error) {
    if (!isOpenBankingAuthError(error)) throw error;
    const unset = ['OPEN_BANKING_CLIENT_ID', 'OPEN_BANKING_CLIENT_SECRET'].filter((name) => !io.variables[name]);
    if (unset.length > 0)
      throw new Fault(`${unset.join(' and ')} ${unset.length > 1 ? 'are' : 'is'} not set`, [
        "Set what the platform's portal shows for your application, in this shell or with node --env-file",
        'To try things out without an account, start a sandbox of your own: npx open-banking-sandbox',
      ]);
    if (apiUrl === undefined && error.problem.includes('"apiOrigins"')) throw unknownApi();
    throw new Fault(inVariables(error.problem), [inVariables(error.hint)]);
  }
}

function unknownApi(): Fault {
  return new Fault("OPEN_BANKING_TOKEN_URL is not one of the platform's, and OPEN_BANKING_API_URL is not set", [
    `Set OPEN_BANKING_API_URL to the origin of the API, for example ${apiUrls[0]}`,
  ]);
}

async function getToken(tokens: TokenSource, { config }: CheckSettings, wire: ObservedFetch, io: CheckIo) {
  try {
    return (await tokens.get({ signal: io.stop })).scope;
  } catch (error) {
    if (!isOpenBankingAuthError(error)) throw error;
    const advice =
      error.status === undefined
        ? networkAdvice(wire.failure, wire.host, io.variables)
        : tokenAdvice(error, config, wire.host);
    const requestId = error.requestId === undefined ? [] : [`The platform's name for this call is ${error.requestId}`];
    throw new Fault(inVariables(error.problem), [...advice, inVariables(error.hint), ...requestId]);
  }
}

async function getBanks(
  tokens: TokenSource,
  apiUrl: string,
  scope: string,
  events: readonly AuthEvent[],
  wire: ObservedFetch,
  io: CheckIo,
): Promise<number> {
  const url = apiUrl + banksPath;
  let response: Response;
  let body: string;
  try {
    const signal = AbortSignal.timeout(longestApiCallMs);
    response = await openBankingFetch(tokens, { fetch: wire.fetch })(url, { signal });
    body = await response.text();
  } catch {
    throw new Fault(`The call to ${url} failed (${wire.failure ?? 'no answer in time'})`, [
      ...closedAdvice(wire.failure, wire.host),
      ...networkAdvice(wire.failure, wire.host, io.variables),
    ]);
  }
  const banks = banksIn(body);
  if (response.ok && banks !== undefined) return banks;
  if (response.ok)
    throw new Fault(`${url} answered with HTTP ${response.status}, but not with a list of banks`, [
      'Does something else answer in place of the API, such as a proxy or a login page?',
    ]);
  // A code and nothing else of the body: what a server writes there is not ours to vouch for.
  const code = /"code"\s*:\s*"([A-Z][A-Z_]{2,39})"/.exec(body)?.[1];
  const unauthorized = events.findLast((event) => event.type === 'request.unauthorized');
  throw new Fault(`${url} answered with HTTP ${response.status}${code ? ` and ${code}` : ''}`, [
    ...(response.status === 401 && unauthorized ? [unauthorized.hint] : []),
    ...apiAdvice(response.status, code, scope, wire.host),
  ]);
}

function banksIn(body: string): number | undefined {
  try {
    const { aspsps } = JSON.parse(body);
    return Array.isArray(aspsps) ? aspsps.length : undefined;
  } catch {
    return undefined;
  }
}

function clockError({ clockAheadMs }: ObservedFetch): string | undefined {
  if (clockAheadMs === undefined || Math.abs(clockAheadMs) <= tolerableClockErrorMs) return undefined;
  const minutes = Math.max(1, Math.round(Math.abs(clockAheadMs) / 60_000));
  const direction = clockAheadMs > 0 ? 'ahead of' : 'behind';
  return `This machine's clock is about ${minutes} min ${direction} the server's: tokens are kept by their lifetime and do not mind, but certificates and logs do`;
}
