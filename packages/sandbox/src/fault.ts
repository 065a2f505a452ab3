import { validateHeaderName, validateHeaderValue } from 'node:http';
import { type SandboxHost, sandboxHosts } from './host.js';
import { readShape, type UnauthorizedShape } from './unauthorized.js';

/** Where a fault strikes, and how often. */
export interface SandboxFaultTarget {
  /** The host that has the fault. */
  readonly at: SandboxHost;
  /** After so many matching requests the fault is over. 1 or more. Default: it stays until it is undone. */
  readonly times?: number;
  /** Only for paths that begin with this text or match this pattern. The query is no part of the path. Default: every path. */
  readonly path?: string | RegExp;
}

/** Answers late. What is answered is the normal answer, or that of another fault that matches the request too. */
export interface SlowFault extends SandboxFaultTarget {
  readonly kind: 'slow';
  /** The wait before the answer, in milliseconds, 0 or more. */
  readonly delayMs: number;
  /**
   * A further wait from 0 up to this, in milliseconds, spread evenly over the requests and the same in every run.
   * Default: 0.
   */
  readonly jitterMs?: number;
}

/** Never answers. The connection stays open until the client or the sandbox closes it. */
export interface HangFault extends SandboxFaultTarget {
  readonly kind: 'hang';
}

/** Answers with a status of your choice. */
export interface StatusFault extends SandboxFaultTarget {
  readonly kind: 'status';
  /** 200 to 599. */
  readonly status: number;
  /** Headers to add, such as `Retry-After`. Default: none. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Text and bytes go out as they are, anything else as JSON. Default: empty. */
  readonly body?: string | Uint8Array | object;
}

/** Answers with an HTML error page, as a gateway does. */
export interface HtmlFault extends SandboxFaultTarget {
  readonly kind: 'html';
  /** 200 to 599. Default: 502. */
  readonly status?: number;
}

/** Answers with an empty body. */
export interface EmptyFault extends SandboxFaultTarget {
  readonly kind: 'empty';
  /** 200 to 599. Default: 200. */
  readonly status?: number;
}

/** Reads the request and then resets the connection. */
export interface ResetFault extends SandboxFaultTarget {
  readonly kind: 'reset';
}

/** Answers with a body of your choice, for example JSON that ends too early. */
export interface BodyFault extends SandboxFaultTarget {
  readonly kind: 'body';
  /** Goes out as it is. */
  readonly body: string | Uint8Array;
  /** The `Content-Type`. Default: `application/json`. */
  readonly contentType?: string;
  /** 200 to 599. Default: 200. */
  readonly status?: number;
}

/** Answers 401, whatever the token. */
export interface UnauthorizedFault extends SandboxFaultTarget {
  readonly kind: 'unauthorized';
  /** The code, such as `CONSENT_EXPIRED`. Default: none, a bare `WWW-Authenticate: Bearer` with an empty body. */
  readonly code?: string;
  /** How the code is worded. Default: the sandbox's `unauthorizedShape`. */
  readonly shape?: UnauthorizedShape;
}

/** Answers with a redirect. */
export interface RedirectFault extends SandboxFaultTarget {
  readonly kind: 'redirect';
  /** The `Location`, absolute or relative. */
  readonly location: string;
  /** 300 to 399. Default: 302. */
  readonly status?: number;
}

/** The token host answers `invalid_client`, whatever it is asked. */
export interface WrongSecretFault extends SandboxFaultTarget {
  readonly kind: 'wrong-secret';
  readonly at: 'token';
  /** 400, as the platform does, or 401 with `WWW-Authenticate: Basic`, as other servers do. Default: 400. */
  readonly status?: 400 | 401;
}

/** Something that goes wrong on demand. See {@link Sandbox.fault}. */
export type SandboxFault =
  | SlowFault
  | HangFault
  | StatusFault
  | HtmlFault
  | EmptyFault
  | ResetFault
  | BodyFault
  | UnauthorizedFault
  | RedirectFault
  | WrongSecretFault;

/** A fault that says what is answered. */
export type AnsweringFault = Exclude<SandboxFault, SlowFault | HangFault | ResetFault>;

/** Checks a fault and takes a copy, so that changing the object later changes nothing. */
export function readFault(fault: SandboxFault): SandboxFault {
  const hosts: readonly SandboxHost[] = fault.kind === 'wrong-secret' ? ['token'] : sandboxHosts;
  if (!hosts.includes(fault.at)) refuse('at', `one of ${hosts.join(', ')}`, fault.at);
  const { times } = fault;
  if (times !== undefined && !(Number.isInteger(times) && times >= 1)) refuse('times', 'a whole number from 1', times);
  switch (fault.kind) {
    case 'slow':
      readMilliseconds('delayMs', fault.delayMs);
      readMilliseconds('jitterMs', fault.jitterMs ?? 0);
      break;
    case 'status':
      readStatus(fault.status, 200, 599);
      readHeaders(fault.headers ?? {});
      break;
    case 'html':
    case 'empty':
      readStatus(fault.status, 200, 599);
      break;
    case 'body':
      readStatus(fault.status, 200, 599);
      readHeaders({ 'Content-Type': fault.contentType ?? '' });
      break;
    case 'redirect':
      readStatus(fault.status, 300, 399);
      readHeaders({ Location: fault.location });
      break;
    case 'unauthorized':
      if (fault.shape !== undefined) readShape('shape', fault.shape);
      readHeaders({ 'WWW-Authenticate': fault.code ?? '' });
      break;
    case 'wrong-secret':
      if (fault.status !== undefined && fault.status !== 401) readStatus(fault.status, 400, 400);
      break;
    case 'hang':
    case 'reset':
      break;
    default:
      refuse('kind', 'one of those of SandboxFault', (fault satisfies never as { kind: unknown }).kind);
  }
  return { ...fault };
}

function readMilliseconds(name: string, value: number): void {
  if (!(Number.isFinite(value) && value >= 0)) refuse(name, 'a number of milliseconds, 0 or more', value);
}

function readStatus(status: number | undefined, from: number, to: number): void {
  if (status === undefined) return;
  if (!(Number.isInteger(status) && status >= from && status <= to)) refuse('status', `${from} to ${to}`, status);
}

// Here and not when it is sent: the mistake is to appear where it was made.
function readHeaders(headers: Readonly<Record<string, string | readonly string[]>>): void {
  for (const [name, values] of Object.entries(headers)) {
    validateHeaderName(name);
    for (const value of [values].flat()) validateHeaderValue(name, value);
  }
}

function refuse(name: string, rule: string, value: unknown): never {
  throw new TypeError(`The fault's "${name}" must be ${rule}, got ${String(value)}`);
}
