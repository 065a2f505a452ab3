import type { Clock } from '../clock.js';
import { OpenBankingAuthError } from '../errors.js';
import {
  FAILURE_COOLDOWN_FACTOR,
  FAILURE_COOLDOWN_MS,
  LONGEST_FAILURE_COOLDOWN_MS,
  LONGEST_REJECTION_COOLDOWN_MS,
  REJECTION_COOLDOWN_FACTOR,
  REJECTION_COOLDOWN_MS,
} from '../policy.js';

/** Where the secret could not be read, any secret is another one. */
const UNREAD = '';

/** Keeps a failed token request from being repeated at once. One for each scope. */
export class RequestCooldown {
  readonly #clock: Clock;
  #until = 0;
  #reason: OpenBankingAuthError | undefined;
  #failures = 0;
  #rejections = 0;
  #rejectedSecret: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins a cooldown, longer with each failure in a row. Returns the moment of its end, on the wall clock. */
  begin(reason: OpenBankingAuthError, secret: string | undefined): Date {
    const wall = this.#clock.wall();
    const ownMs = reason.isTransient
      ? Math.min(FAILURE_COOLDOWN_MS * FAILURE_COOLDOWN_FACTOR ** this.#failures++, LONGEST_FAILURE_COOLDOWN_MS)
      : Math.min(
          REJECTION_COOLDOWN_MS * REJECTION_COOLDOWN_FACTOR ** this.#rejections++,
          LONGEST_REJECTION_COOLDOWN_MS,
        );
    const requestedMs = reason.retryAt ? reason.retryAt.getTime() - wall : 0;
    const lengthMs = Math.max(ownMs, requestedMs);
    this.#until = this.#clock.monotonic() + lengthMs;
    this.#reason = reason;
    this.#rejectedSecret = reason.isTransient ? undefined : (secret ?? UNREAD);
    return new Date(wall + lengthMs);
  }

  get active(): boolean {
    return this.#clock.monotonic() < this.#until;
  }

  /** The error for callers during the cooldown; `undefined` outside it. */
  error(): OpenBankingAuthError | undefined {
    const reason = this.#reason;
    const leftMs = this.#until - this.#clock.monotonic();
    if (!reason || leftMs <= 0) return undefined;
    return new OpenBankingAuthError({
      code: 'token_request_paused',
      problem: `No token was requested, because the last request failed and is not repeated for another ${Math.ceil(leftMs / 1_000)} s. It failed like this: ${reason.problem}`,
      hint: reason.hint,
      status: reason.status,
      oauthError: reason.oauthError,
      requestId: reason.requestId,
      retryAt: new Date(this.#clock.wall() + leftMs),
    });
  }

  /** Whether the failure behind the cooldown is transient. */
  get isTransient(): boolean {
    return this.#reason?.isTransient === true;
  }

  /** Whether a secret other than the rejected one would end the cooldown. */
  get dependsOnSecret(): boolean {
    return this.#rejectedSecret !== undefined;
  }

  /** Ends the cooldown if this is not the secret that was rejected. */
  offer(secret: string | undefined): void {
    if (secret !== undefined && this.#rejectedSecret !== undefined && secret !== this.#rejectedSecret) this.end();
  }

  end(): void {
    this.#until = 0;
    this.#reason = undefined;
    this.#failures = 0;
    this.#rejections = 0;
    this.#rejectedSecret = undefined;
  }
}
