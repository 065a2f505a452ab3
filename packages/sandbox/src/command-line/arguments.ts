import { parseArgs } from 'node:util';
import type { SandboxFault } from '../faults/fault.js';
import type { SandboxOptions } from '../options.js';
import { parseFaultFlag } from './fault-flag.js';
import { suggestion } from './suggestion.js';

/** As it works everywhere. Outside a project, the name of the bin alone would be looked up in the registry. */
export const COMMAND = 'npx @open-banking-auth/sandbox';

/** The flag of each option that has one. */
export const FLAGS = {
  tokenPort: 'token-port',
  apiPort: 'api-port',
  foreignPort: 'foreign-port',
  lifetimeSeconds: 'lifetime-seconds',
  clientCertificate: 'client-certificate',
} as const;

export const HELP = `Usage: ${COMMAND} [options]
       ${COMMAND} check
       ${COMMAND} view <file>

Starts a local sandbox, an imitation of the Open Payments (openpayments.io) Open Banking API, and runs until Ctrl-C. Prints the URL of a page that shows live what happens.
'check' checks whether your account with the platform is set up: see ${COMMAND} check --help
'view' shows a log of the library's events in the same page: see ${COMMAND} view --help

Options:
  --fault <host>:<kind>,...     a failure to simulate; can be given several times
  --token-port <port>           port of the token host (default: any free port)
  --api-port <port>             port of the API host (default: any free port)
  --foreign-port <port>         port of a host that must never see a token (default: any free port)
  --lifetime-seconds <seconds>  lifetime of issued tokens (default: 3600)
  --client-certificate <how>    makes the API use https and demand a client certificate; without one that it accepts, 'handshake' fails the TLS handshake, 'answer' responds with 401 (default: plain http)
  --version                     show the version
  --help                        show this text

Faults: the host is token, api or foreign; kinds and options are those of sandbox.fault(), for example
  --fault token:slow,delayMs=2000
  --fault api:status,status=503,times=2
  --fault api:unauthorized,code=CONSENT_EXPIRED,path=/psd2`;

const COMMANDS = ['check', 'view'];
const text = { type: 'string' } as const;
const KNOWN = {
  fault: { type: 'string', multiple: true },
  [FLAGS.tokenPort]: text,
  [FLAGS.apiPort]: text,
  [FLAGS.foreignPort]: text,
  [FLAGS.lifetimeSeconds]: text,
  [FLAGS.clientCertificate]: text,
  version: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const;

export interface ParsedArguments {
  readonly options: SandboxOptions;
  readonly faults: readonly SandboxFault[];
}

/**
 * Parses the flags of the command without `check` or `view`.
 *
 * @throws Error that names the flag and says what is wrong with it
 */
export function parseArguments(args: readonly string[]): ParsedArguments | 'help' | 'version' {
  assertKnown(args);
  const { values } = parseArgs({ args: [...args], options: KNOWN });
  if (values.help) return 'help';
  if (values.version) return 'version';
  const options: { -readonly [Name in keyof typeof FLAGS]?: SandboxOptions[Name] } = {};
  for (const [name, rule] of [
    ['tokenPort', PORT_RULE],
    ['apiPort', PORT_RULE],
    ['foreignPort', PORT_RULE],
    ['lifetimeSeconds', LIFETIME_RULE],
  ] as const) {
    const value = values[FLAGS[name]];
    if (value === undefined) continue;
    if (value.trim() === '' || !rule.holds(Number(value)))
      throw new Error(`--${FLAGS[name]} must be ${rule.words}, got '${value}'`);
    options[name] = Number(value);
  }
  const demand = values[FLAGS.clientCertificate];
  if (demand === 'handshake' || demand === 'answer') options.clientCertificate = demand;
  else if (demand !== undefined)
    throw new Error(`--${FLAGS.clientCertificate} must be 'handshake' or 'answer', got '${demand}'`);
  return { options, faults: (values.fault ?? []).map(parseFaultFlag) };
}

// Before parseArgs does, whose messages suggest nothing.
function assertKnown(args: readonly string[]): void {
  const { tokens } = parseArgs({ args: [...args], options: KNOWN, strict: false, tokens: true });
  const flags = Object.keys(KNOWN).map((name) => `--${name}`);
  for (const token of tokens) {
    if (token.kind === 'option' && !Object.hasOwn(KNOWN, token.name)) {
      throw new Error(`'${token.rawName}' is not an option.${suggestion(token.rawName, [...flags, ...COMMANDS])}`);
    }
    if (token.kind === 'positional') {
      if (token.value === 'check') throw new Error("'check' must come first, and has no options of its own");
      if (token.value === 'view') throw new Error("'view' must come first, then the name of the file");
      throw new Error(`'${token.value}' is not a command.${suggestion(token.value, [...COMMANDS, ...flags])}`);
    }
  }
}

const PORT_RULE = {
  words: 'a whole number from 0 (any free port) to 65535',
  holds: (port: number) => Number.isInteger(port) && port >= 0 && port <= 65_535,
};

const LIFETIME_RULE = {
  words: 'a number of seconds above 0',
  holds: (seconds: number) => Number.isFinite(seconds) && seconds > 0,
};
