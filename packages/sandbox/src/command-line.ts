import { parseArgs } from 'node:util';
import { type CheckIo, check } from './check.js';
import type { SandboxExchange } from './exchange.js';
import type { SandboxFault } from './fault.js';
import { readFaultFlag } from './fault-flag.js';
import { PortError } from './loopback-server.js';
import type { SandboxOptions } from './options.js';
import type { Sandbox } from './sandbox.js';
import { startSandbox } from './start-sandbox.js';

/** Where the command line writes, and what ends it. */
export interface CommandLineIo extends CheckIo {
  readonly error: (line: string) => void;
}

const flags = {
  tokenPort: 'token-port',
  apiPort: 'api-port',
  foreignPort: 'foreign-port',
  lifetimeSeconds: 'lifetime-seconds',
  clientCertificate: 'client-certificate',
} as const;

const help = `Usage: open-banking-sandbox [options]
       open-banking-sandbox check      is my account set up? See open-banking-sandbox check --help

Starts a local imitation of the Open Payments (openpayments.io) Open Banking API and runs until Ctrl-C.

Faults: the host is token, api or foreign; the kinds and their options are those of sandbox.fault(), for example
  --fault token:slow,delayMs=2000
  --fault api:status,status=503,times=2
  --fault api:unauthorized,code=CONSENT_EXPIRED,path=/psd2/accountinformation

Options:
  --fault <host>:<kind>,...     something that goes wrong; can be given several times
  --token-port <port>           port of the token host (default: any free port)
  --api-port <port>             port of the API host (default: any free port)
  --foreign-port <port>         port of a host that must never see a token (default: any free port)
  --lifetime-seconds <seconds>  lifetime of the tokens issued (default: 3600)
  --client-certificate <how>    the API speaks https and demands a client certificate, and refuses others
                                'handshake': in the TLS handshake, 'answer': by a 401 (default: plain http)
  --help                        show this text`;

/** Runs the sandbox until `io.stop` is aborted. Resolves with the exit code. */
export async function run(args: readonly string[], io: CommandLineIo): Promise<number> {
  try {
    if (args[0] === 'check') return await check(args.slice(1), io);
    const given = readArguments(args);
    if (given === 'help') {
      io.out(help);
      return 0;
    }
    const onExchange = (exchange: SandboxExchange) => {
      // Requests that the end cuts off are no news.
      if (!io.stop.aborted) io.out(logLine(exchange));
    };
    const sandbox = await startSandbox({ ...given.options, onExchange });
    for (const fault of given.faults) sandbox.fault(fault);
    io.out(introduction(sandbox));
    await aborted(io.stop);
    await sandbox.close();
    io.out('Stopped.');
    return 0;
  } catch (error) {
    io.error(`open-banking-sandbox: ${messageOf(error)}`);
    return 1;
  }
}

function readArguments(
  args: readonly string[],
): { readonly options: SandboxOptions; readonly faults: readonly SandboxFault[] } | 'help' {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      fault: { type: 'string', multiple: true },
      [flags.tokenPort]: text,
      [flags.apiPort]: text,
      [flags.foreignPort]: text,
      [flags.lifetimeSeconds]: text,
      [flags.clientCertificate]: text,
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const options: { -readonly [Name in keyof typeof flags]?: SandboxOptions[Name] } = {};
  for (const [name, rule] of [
    ['tokenPort', portRule],
    ['apiPort', portRule],
    ['foreignPort', portRule],
    ['lifetimeSeconds', lifetimeRule],
  ] as const) {
    const value = values[flags[name]];
    if (value === undefined) continue;
    if (value.trim() === '' || !rule.holds(Number(value)))
      throw new Error(`--${flags[name]} must be ${rule.words}, got '${value}'`);
    options[name] = Number(value);
  }
  const how = values[flags.clientCertificate];
  if (how === 'handshake' || how === 'answer') options.clientCertificate = how;
  else if (how !== undefined)
    throw new Error(`--${flags.clientCertificate} must be 'handshake' or 'answer', got '${how}'`);
  return { options, faults: (values.fault ?? []).map(readFaultFlag) };
}

const portRule = {
  words: 'a whole number from 0 (any free port) to 65535',
  holds: (port: number) => Number.isInteger(port) && port >= 0 && port <= 65_535,
};

const lifetimeRule = {
  words: 'a number of seconds above 0',
  holds: (seconds: number) => Number.isFinite(seconds) && seconds > 0,
};

function messageOf(error: unknown): string {
  if (error instanceof PortError) {
    const flag = Object.entries(flags).find(([name]) => name === error.option)?.[1] ?? error.option;
    return `--${flag}: ${error.reason}`;
  }
  const message = error instanceof Error ? error.message : String(error);
  return `${message}\nSee open-banking-sandbox --help`;
}

function introduction({ tokenUrl, apiUrl, foreignUrl, config }: Sandbox): string {
  const certificate = apiUrl.startsWith('https:')
    ? `
// Its client certificate is invented and public too: npm install @open-banking-auth/core undici@7
import { clientCertificate } from '@open-banking-auth/core/node';
import { sandboxCertificate } from '@open-banking-auth/sandbox';
const { pfx, passphrase, ca } = sandboxCertificate;
const certificate = clientCertificate({ pfx, passphrase, ca });
`
    : '';
  return `The sandbox is running. Ctrl-C stops it.

  token URL     ${tokenUrl}
  API           ${apiUrl}
  foreign host  ${foreignUrl}

Paste this. The client is invented and opens nothing but this sandbox, so its secret may be shown.

const config = {
  tokenUrl: '${tokenUrl}',
  apiOrigins: ['${apiUrl}'],
  clientId: '${config.clientId}',
  clientSecret: '${config.clientSecret}',
  scope: '${config.scope}',
};
${certificate}`;
}

function logLine({ host, method, path, status, durationMs, token, note }: SandboxExchange): string {
  const time = new Date().toTimeString().slice(0, 8);
  const outcome = status === 0 ? '---' : status;
  const which = token === undefined ? '' : `  token ${token}`;
  const why = note === undefined ? '' : `  ${note}`;
  return `${time}  ${host.padEnd(7)}  ${outcome}  ${method} ${path}  ${Math.round(durationMs)} ms${which}${why}`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
