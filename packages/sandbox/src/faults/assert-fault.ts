import { validateHeaderName, validateHeaderValue } from 'node:http';
import { inspect } from 'node:util';
import { SANDBOX_HOSTS, type SandboxHost } from '../hosts/host.js';
import { assertShape } from '../hosts/unauthorized.js';
import { FAULT_KINDS, type SandboxFault } from './fault.js';

/**
 * Checks every value of a fault.
 *
 * @throws TypeError when a value is out of its range; the message names the value
 */
export function assertFault(fault: SandboxFault): void {
  if (Object(fault) !== fault)
    throw new TypeError("A fault is an object, such as { at: 'api', kind: 'hang' }. Only the command line takes text");
  const hosts: readonly SandboxHost[] = fault.kind === 'wrong-secret' ? ['token'] : SANDBOX_HOSTS;
  if (!hosts.includes(fault.at)) throwInvalid('at', `one of ${hosts.join(', ')}`, fault.at);
  const { times } = fault;
  if (times !== undefined && !(Number.isInteger(times) && times >= 1))
    throwInvalid('times', 'a whole number, 1 or more', times);
  switch (fault.kind) {
    case 'slow':
      assertMilliseconds('delayMs', fault.delayMs);
      assertMilliseconds('jitterMs', fault.jitterMs ?? 0);
      break;
    case 'status':
      assertStatus(fault.status, 200, 599);
      assertHeaders(fault.headers ?? {});
      break;
    case 'html':
    case 'empty':
      assertStatus(fault.status, 200, 599);
      break;
    case 'body':
      assertStatus(fault.status, 200, 599);
      assertHeaders({ 'Content-Type': fault.contentType ?? '' });
      break;
    case 'redirect':
      assertStatus(fault.status, 300, 399);
      assertHeaders({ Location: fault.location });
      break;
    case 'unauthorized':
      if (fault.shape !== undefined) assertShape('shape', fault.shape);
      assertHeaders({ 'WWW-Authenticate': fault.code ?? '' });
      break;
    case 'wrong-secret':
      if (fault.status !== undefined && fault.status !== 401) assertStatus(fault.status, 400, 400);
      break;
    case 'hang':
    case 'reset':
      break;
    default:
      throwInvalid('kind', `one of ${FAULT_KINDS.join(', ')}`, (fault satisfies never as { kind: unknown }).kind);
  }
}

function assertMilliseconds(name: string, value: number): void {
  if (!(Number.isFinite(value) && value >= 0)) throwInvalid(name, 'a number of milliseconds, 0 or more', value);
}

function assertStatus(status: number | undefined, from: number, to: number): void {
  if (status === undefined) return;
  if (!(Number.isInteger(status) && status >= from && status <= to)) throwInvalid('status', `${from} to ${to}`, status);
}

// Checked now rather than when the response is sent, so that the error's stack leads to the mistake.
function assertHeaders(headers: Readonly<Record<string, string | readonly string[]>>): void {
  for (const [name, values] of Object.entries(headers)) {
    validateHeaderName(name);
    for (const value of [values].flat()) validateHeaderValue(name, value);
  }
}

function throwInvalid(name: string, rule: string, value: unknown): never {
  throw new TypeError(`The fault's "${name}" must be ${rule}, got ${inspect(value)}`);
}
