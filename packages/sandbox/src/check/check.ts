import { CheckFailure } from './failure.js';
import type { CheckIo } from './io.js';
import { ObservedFetch } from './observed-fetch.js';
import { DEFAULT_SCOPE, maskId, misnamedVariables, settingsFrom, showScope } from './settings.js';
import { getBanks, getToken, prepare } from './steps.js';

const HELP = `Usage: npx @open-banking-auth/sandbox check

Requests a token and the list of banks with the credentials in the environment, and explains what is wrong, if anything.
Exits with status 0 if everything works, otherwise with 1. Prints neither the secret nor the token.

  OPEN_BANKING_CLIENT_ID      from the platform's portal
  OPEN_BANKING_CLIENT_SECRET  from the platform's portal
  OPEN_BANKING_SCOPE          default: ${DEFAULT_SCOPE}
  OPEN_BANKING_ENVIRONMENT    sandbox (the platform's) or production; default: sandbox
  OPEN_BANKING_TOKEN_URL      default: that of the environment
  OPEN_BANKING_API_URL        origin of the API (default: that of the environment)

The client certificate, which production demands on API calls:
  OPEN_BANKING_PFX and OPEN_BANKING_PFX_PASSPHRASE  path of the pfx file from the portal, and its passphrase
  OPEN_BANKING_CERT and OPEN_BANKING_KEY            or the paths of certificate and key, as PEM`;

/** A Date header has whole seconds, and the response takes time. Only a larger difference is reported. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Requests a token and the bank list with the credentials in the environment. Resolves with the exit code. */
export async function check(args: readonly string[], io: CheckIo): Promise<number> {
  const [argument] = args;
  if (argument === '--help' || argument === '-h') {
    io.out(HELP);
    return 0;
  }
  if (argument !== undefined) {
    throw new Error(
      "'check' takes no arguments: its settings are environment variables, such as OPEN_BANKING_ENVIRONMENT",
    );
  }
  const network = new ObservedFetch(io.stop);
  const pass = (step: string, words: string) => io.out(`ok      ${step.padEnd(9)}  ${words}`);
  let step = 'settings';
  try {
    const settings = settingsFrom(io.variables);
    const prepared = prepare(settings, network, io);
    pass(step, `client id ${maskId(settings.config.clientId)}, scope "${showScope(settings.config.scope)}"`);
    if (prepared.certificate)
      pass(step, `client certificate, valid until ${prepared.certificate.expiresAt.toISOString().slice(0, 10)}`);
    for (const note of misnamedVariables(io.variables)) io.out(`note    settings   ${note}`);
    step = 'token';
    const scope = await getToken(prepared.tokens, settings, network, io);
    pass(step, `from ${network.host}, for "${showScope(scope)}"`);
    step = 'bank list';
    const banks = await getBanks(prepared, scope, network, io);
    pass(step, `${banks} banks, from ${prepared.apiUrl}`);
    const clock = clockError(network);
    if (clock) io.out(`note    clock      ${clock}`);
    io.out('\nEverything works.');
    return 0;
  } catch (failure) {
    if (io.stop.aborted) {
      io.out('Stopped.');
      return 1;
    }
    if (!(failure instanceof CheckFailure)) throw failure;
    io.out(`FAILED  ${step}\n\n${failure.problem}.`);
    const clock = clockError(network);
    for (const advice of [...failure.advice, ...(clock ? [clock] : [])])
      io.out(`- ${advice}${/\?$|\/\S+$/.test(advice) ? '' : '.'}`);
    return 1;
  }
}

function clockError({ clockAheadMs }: ObservedFetch): string | undefined {
  if (clockAheadMs === undefined || Math.abs(clockAheadMs) <= CLOCK_TOLERANCE_MS) return undefined;
  const minutes = Math.max(1, Math.round(Math.abs(clockAheadMs) / 60_000));
  const direction = clockAheadMs > 0 ? 'ahead of' : 'behind';
  return `This machine's clock is about ${minutes} min ${direction} the server's. Tokens are not affected, since only their lifetime counts, but certificates and logs are`;
}
