import type { SandboxHost } from '../hosts/host.js';
import type { UnauthorizedShape } from '../hosts/unauthorized.js';

/** Which requests a fault affects. */
export interface SandboxFaultTarget {
  /** The host that has the fault. */
  readonly at: SandboxHost;
  /** The fault ends after this many matching requests, 1 or more. Default: it stays until it is removed. */
  readonly times?: number;
  /** Only paths that begin with this text or match this pattern. The query is not part of the path. Default: every path. */
  readonly path?: string | RegExp;
}

/** Delays the response: the normal one, or that of another fault which matches the request too. */
export interface SlowFault extends SandboxFaultTarget {
  readonly kind: 'slow';
  /** The delay, in milliseconds, 0 or more. */
  readonly delayMs: number;
  /**
   * The most that is added to `delayMs`, in milliseconds, 0 or more. The additions are spread evenly over the requests
   * and are the same in every run. Default: 0.
   */
  readonly jitterMs?: number;
}

/** Never responds. The connection stays open until the client or the sandbox closes it. */
export interface HangFault extends SandboxFaultTarget {
  readonly kind: 'hang';
}

/** Responds with a status of your choice. */
export interface StatusFault extends SandboxFaultTarget {
  readonly kind: 'status';
  /** 200 to 599. */
  readonly status: number;
  /** Headers to add, such as `Retry-After`. Default: none. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Text and bytes are sent unchanged, anything else as JSON. Default: empty. */
  readonly body?: string | Uint8Array | object;
}

/** Responds with an HTML error page, as a gateway does. */
export interface HtmlFault extends SandboxFaultTarget {
  readonly kind: 'html';
  /** 200 to 599. Default: 502. */
  readonly status?: number;
}

/** Responds with an empty body. */
export interface EmptyFault extends SandboxFaultTarget {
  readonly kind: 'empty';
  /** 200 to 599. Default: 200. */
  readonly status?: number;
}

/** Reads the request and then resets the connection. */
export interface ResetFault extends SandboxFaultTarget {
  readonly kind: 'reset';
}

/** Responds with a body of your choice, for example truncated JSON. */
export interface BodyFault extends SandboxFaultTarget {
  readonly kind: 'body';
  /** Sent unchanged. */
  readonly body: string | Uint8Array;
  /** The `Content-Type`. Default: `application/json`. */
  readonly contentType?: string;
  /** 200 to 599. Default: 200. */
  readonly status?: number;
}

/** Responds with 401, whatever the token. */
export interface UnauthorizedFault extends SandboxFaultTarget {
  readonly kind: 'unauthorized';
  /** The code, such as `CONSENT_EXPIRED`. Default: none, only `WWW-Authenticate: Bearer` and an empty body. */
  readonly code?: string;
  /** The shape in which the code is sent. Default: the sandbox's `unauthorizedShape`. */
  readonly shape?: UnauthorizedShape;
}

/** Responds with a redirect. */
export interface RedirectFault extends SandboxFaultTarget {
  readonly kind: 'redirect';
  /** The `Location`, absolute or relative. */
  readonly location: string;
  /** 300 to 399. Default: 302. */
  readonly status?: number;
}

/** The token host responds with `invalid_client`, whatever the request. */
export interface WrongSecretFault extends SandboxFaultTarget {
  readonly kind: 'wrong-secret';
  readonly at: 'token';
  /** 400, as the platform does, or 401 with `WWW-Authenticate: Basic`, as other servers do. Default: 400. */
  readonly status?: 400 | 401;
}

/** A failure to simulate. See {@link Sandbox.fault}. */
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

/** Every kind of fault. */
export const FAULT_KINDS: readonly SandboxFault['kind'][] = [
  'slow',
  'hang',
  'reset',
  'status',
  'html',
  'empty',
  'body',
  'unauthorized',
  'redirect',
  'wrong-secret',
];

/** A fault that replaces the response. */
export type ResponseFault = Exclude<SandboxFault, SlowFault | HangFault | ResetFault>;
