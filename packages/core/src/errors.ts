/** What went wrong, for programs. The README's table says for each what to do. */
export type OpenBankingAuthErrorCode =
  /** An option is missing or wrong; thrown when the source is made, or for an option given with a request. */
  | 'invalid_config'
  /** The token endpoint does not accept the client id and secret (RFC 6749 section 5.2). */
  | 'invalid_client'
  /** The token endpoint does not grant this scope to this client (RFC 6749 section 5.2). */
  | 'invalid_scope'
  /** The token endpoint refused the request for another reason, or redirected it. */
  | 'token_request_rejected'
  /** The token endpoint could not be reached, or is out of order (408, 429, 5xx). */
  | 'token_request_failed'
  /** The token endpoint did not answer in time. */
  | 'token_request_timeout'
  /** The token endpoint answered with something that is not a usable token. */
  | 'token_response_invalid'
  /** A token request failed a moment ago and is not repeated yet; `retryAt` says when. */
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
}

const brand = Symbol.for('@open-banking-auth/core:error');

/**
 * The error of this library: `message` says what is wrong, where, and what to do. It never holds a token or a client
 * secret, and has no `cause`, because the causes (a request, an answer's body) can.
 *
 * Recognise it with {@link isOpenBankingAuthError}: `instanceof` fails when the ES module and the CommonJS copy of this
 * package meet in one process.
 */
export class OpenBankingAuthError extends Error {
  /** What went wrong, for programs. */
  declare readonly code: OpenBankingAuthErrorCode;
  /** What is wrong, and where: `message` without the hint. */
  declare readonly problem: string;
  /** What to do about it, in a sentence or two. Also the end of `message`. */
  declare readonly hint: string;
  /** HTTP status of the token endpoint's answer, if there was one. */
  declare readonly status?: number;
  /** `error` of the token endpoint's answer (RFC 6749 section 5.2), if there was one. */
  declare readonly oauthError?: string;
  /** `X-Request-ID` of the token endpoint's answer, if there was one: name it when you ask the vendor. */
  declare readonly requestId?: string;
  /** From when on a new try makes sense, if that is known. */
  declare readonly retryAt?: Date;

  constructor(parts: OpenBankingAuthErrorParts) {
    super(`${parts.problem}. ${parts.hint}`);
    this.code = parts.code;
    // Not enumerable: console.log has shown the message already.
    Object.defineProperty(this, 'problem', { value: parts.problem });
    Object.defineProperty(this, 'hint', { value: parts.hint });
    Object.defineProperty(this, brand, { value: true });
    if (parts.status !== undefined) this.status = parts.status;
    if (parts.oauthError !== undefined) this.oauthError = parts.oauthError;
    if (parts.requestId !== undefined) this.requestId = parts.requestId;
    if (parts.retryAt !== undefined) this.retryAt = parts.retryAt;
  }

  /** For structured logs: `JSON.stringify` of a plain `Error` has no message. */
  toJSON(): object {
    const { name, message, code, hint, status, oauthError, requestId, retryAt } = this;
    return { name, message, code, hint, status, oauthError, requestId, retryAt };
  }
}

// On the prototype, where Error has it: as an own property it would be printed a second time.
Object.defineProperty(OpenBankingAuthError.prototype, 'name', { value: 'OpenBankingAuthError' });

/**
 * Whether a value is an error of this library, whichever copy of it made the error.
 *
 * @example
 * ```ts
 * if (isOpenBankingAuthError(error) && error.code === 'invalid_client') { ... }
 * ```
 */
export function isOpenBankingAuthError(value: unknown): value is OpenBankingAuthError {
  return typeof value === 'object' && value !== null && brand in value;
}

/** The caller's mistake: names the option in quotes and the rule. */
export function invalidConfig(problem: string, hint: string): OpenBankingAuthError {
  return new OpenBankingAuthError({ code: 'invalid_config', problem, hint });
}

/** What a wrong value is, without saying its content. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
