import type { SandboxExchange } from '../records/exchange.js';
import type { Sandbox } from '../sandbox.js';
import { PortError } from '../server/loopback-server.js';
import { COMMAND, FLAGS } from './arguments.js';

/** The text printed at the start, with a configuration to paste. */
export function introduction({ tokenUrl, apiUrl, foreignUrl, pageUrl, config }: Sandbox): string {
  const certificate = apiUrl.startsWith('https:')
    ? `
// The client certificate is invented and public too:
// npm install @open-banking-auth/core undici@7
import { clientCertificate } from '@open-banking-auth/core/node';
import { sandboxCertificate } from '@open-banking-auth/sandbox';
const { pfx, passphrase, ca } = sandboxCertificate;
const certificate = clientCertificate({ pfx, passphrase, ca });
`
    : '';
  return `The local sandbox is running. Press Ctrl-C to stop it.

  token URL     ${tokenUrl}
  API           ${apiUrl}
  foreign host  ${foreignUrl}
  live page     ${pageUrl}

Its client is invented and works only here, so the secret can be shown. As a .env file:

OPEN_BANKING_CLIENT_ID=${config.clientId}
OPEN_BANKING_CLIENT_SECRET=${config.clientSecret}
OPEN_BANKING_SCOPE="${config.scope}"
OPEN_BANKING_TOKEN_URL=${tokenUrl}
OPEN_BANKING_API_URL=${apiUrl}

Or in code:

const config = {
  tokenUrl: '${tokenUrl}',
  apiOrigins: ['${apiUrl}'],
  clientId: '${config.clientId}',
  clientSecret: '${config.clientSecret}',
  scope: '${config.scope}',
};
${certificate}`;
}

export function logLine({ host, method, path, status, durationMs, token, note }: SandboxExchange): string {
  const time = new Date().toTimeString().slice(0, 8);
  const outcome = status === 0 ? '---' : status;
  const tokenPart = token === undefined ? '' : `  token ${token}`;
  const notePart = note === undefined ? '' : `  ${note}`;
  return `${time}  ${host.padEnd(7)}  ${outcome}  ${method} ${path}  ${Math.round(durationMs)} ms${tokenPart}${notePart}`;
}

/** `command` is the one that failed, if it has a help of its own. */
export function errorLine(error: unknown, command?: 'check' | 'view'): string {
  return `@open-banking-auth/sandbox: ${messageOf(error, command)}`;
}

function messageOf(error: unknown, command?: string): string {
  if (error instanceof PortError) {
    const flag = Object.entries(FLAGS).find(([name]) => name === error.option)?.[1] ?? error.option;
    return `--${flag}: ${error.reason}`;
  }
  const message = error instanceof Error ? error.message : String(error);
  return `${message}\nSee ${[COMMAND, command, '--help'].filter(Boolean).join(' ')}`;
}
