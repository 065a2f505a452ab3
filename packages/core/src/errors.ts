/** The kind of failure, for programs. The README's table has the remedy for each. */
export type OpenBankingAuthErrorCode =
  /** An option is missing or wrong; thrown when the source is created, or for an option given with a request. */
  | 'invalid_config'
  /** The token endpoint rejects the client id and secret (RFC 6749 section 5.2). */
  | 'invalid_client'
  /** The token endpoint does not grant this scope to this client (RFC 6749 section 5.2). */
  | 'invalid_scope'
  /** The token endpoint rejected the request for another reason, or redirected it. */
  | 'token_request_rejected'
  /** The token endpoint could not be reached, or is out of order (408, 429, 5xx). */
  | 'token_request_failed'
  /** The token endpoint did not respond in time. */
  | 'token_request_timeout'
  /** The token endpoint's response contains no usable token. */
  | 'token_response_invalid'
  /** A token request failed a moment ago and is cooling down; `retryAt` says when the next one may be made. */
  | 'token_request_paused';

/** The parts of an {@link OpenBankingAuthError}. */
export interface OpenBankingAuthErrorParts {
  readonly code: OpenBankingAuthErrorCode;
  /** What is wrong, and where. */
  readonly problem: string;
  /** What to do about it. */
  readonly hint: string;
  readonly status?: number | undefined;
  readonly oauthError?: string | undefined;
  readonly requestId?: string | undefined;
  readonly retryAt?: Date | undefined;
  /** The response could not be read at all; a broken connection or proxy may be the cause, so one retry is worth it. */
  readonly unreadable?: boolean | undefined;
}

const brand = Symbol.for('@open-banking-auth/core:error');

/**
 * The error of this library: `message` says what is wrong, where, and what to do. It never holds a token or a client
 * secret, and has no `cause`, because a cause (a request, a response body) can.
 *
 * Recognise it with {@link isOpenBankingAuthError}: `instanceof` fails when the ES module and the CommonJS copy of this
 * package meet in one process.
 */
export class OpenBankingAuthError extends Error {
  /** The kind of failure, for programs. */
  declare readonly code: OpenBankingAuthErrorCode;
  /** What is wrong, and where: `message` without the hint. */
  declare readonly problem: string;
  /**
   * What to do about it, in a sentence or two. Also the end of `message`. If several options are wrong, a list with a line
   * for each.
   */
  declare readonly hint: string;
  /** HTTP status of the token endpoint's response, if there was one. */
  declare readonly status?: number;
  /** `error` in the token endpoint's response (RFC 6749 section 5.2), if there was one. */
  declare readonly oauthError?: string;
  /** `X-Request-ID` of the token endpoint's response, if there was one: quote it when you ask the vendor. */
  declare readonly requestId?: string;
  /** The earliest moment at which another attempt makes sense, if that is known. */
  declare readonly retryAt?: Date;
  /** @internal */
  declare readonly unreadable: boolean;

  constructor(parts: OpenBankingAuthErrorParts) {
    // A hint of several lines is a list, which begins on a line of its own.
    super(`${parts.problem}.${parts.hint.startsWith('\n') ? '' : ' '}${parts.hint}`);
    this.code = parts.code;
    // Not enumerable: console.log has shown the message already.
    Object.defineProperties(this, {
      problem: { value: parts.problem },
      hint: { value: parts.hint },
      unreadable: { value: parts.unreadable === true },
      [brand]: { value: true },
    });
    if (parts.status !== undefined) this.status = parts.status;
    if (parts.oauthError !== undefined) this.oauthError = parts.oauthError;
    if (parts.requestId !== undefined) this.requestId = parts.requestId;
    if (parts.retryAt !== undefined) this.retryAt = parts.retryAt;
  }

  /** Whether the same token request may well succeed in a moment: the endpoint was unreachable, slow or out of order. */
  get isTransient(): boolean {
    return this.code === 'token_request_failed' || this.code === 'token_request_timeout';
  }

  /** For structured logs: `JSON.stringify` of a plain `Error` has no message. */
  toJSON(): object {
    const { name, message, code, hint, status, oauthError, requestId, retryAt } = this;
    return { name, message, code, hint, status, oauthError, requestId, retryAt };
  }
}

// On the prototype, as in Error itself: an own property would be printed a second time.
Object.defineProperty(OpenBankingAuthError.prototype, 'name', { value: 'OpenBankingAuthError' });

/**
 * Whether a value is an error of this library, whichever copy of the library made it.
 *
 * @example
 * ```ts
 * if (isOpenBankingAuthError(error) && error.code === 'invalid_client') { ... }
 * ```
 */
export function isOpenBankingAuthError(value: unknown): value is OpenBankingAuthError {
  return typeof value === 'object' && value !== null && brand in value;
}

/** An error about the caller's mistake: `problem` names the option in quotes, `hint` the rule. */
export function invalidConfig(problem: string, hint: string): OpenBankingAuthError {
  return new OpenBankingAuthError({ code: 'invalid_config', problem, hint });
}

/** The kind of a wrong value, without its content. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  return Array.isArray(value) ? 'an array' : 'then' in value ? 'a promise' : 'an object';
}

/** The members of whatever was thrown. Not by `instanceof`, which fails for errors of another realm such as a worker's. */
export function fieldsOf(error: unknown): Partial<Record<'cause' | 'errors' | 'message' | 'name' | 'code', unknown>> {
  return typeof error === 'object' && error !== null ? error : {};
}

/** The name of a class of errors, such as `VaultError`, which cannot be a secret. */
export const ERROR_NAME = /^[A-Z][A-Za-z]{0,30}(?:Error|Exception)$|^Error$/;
