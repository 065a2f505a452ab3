import type { Clock } from './clock.js';
import { OpenBankingAuthError } from './errors.js';
import {
  FAILURE_PAUSE_FACTOR,
  FAILURE_PAUSE_MS,
  LONGEST_FAILURE_PAUSE_MS,
  LONGEST_REFUSAL_PAUSE_MS,
  REFUSAL_PAUSE_FACTOR,
  REFUSAL_PAUSE_MS,
} from './policy.js';
import { isPassing } from './token-failure.js';

/** Keeps a token request that has failed from being repeated at once. One for each scope. */
export class RequestPause {
  #until = 0;
  #reason: OpenBankingAuthError | undefined;
  #failures = 0;
  #refusals = 0;
  #secret: string | undefined;

  constructor(readonly clock: Clock) {}

  /** Begins a pause, longer with each failure in a row. Returns the moment of its end, on the wall clock. */
  begin(reason: OpenBankingAuthError, secret: string | undefined): Date {
    const passing = isPassing(reason);
    const wall = this.clock.wall();
    const pauseMs = passing
      ? Math.min(FAILURE_PAUSE_MS * FAILURE_PAUSE_FACTOR ** this.#failures++, LONGEST_FAILURE_PAUSE_MS)
      : Math.min(REFUSAL_PAUSE_MS * REFUSAL_PAUSE_FACTOR ** this.#refusals++, LONGEST_REFUSAL_PAUSE_MS);
    const asked = reason.retryAt ? reason.retryAt.getTime() - wall : 0;
    const lengthMs = Math.max(pauseMs, asked);
    this.#until = this.clock.monotonic() + lengthMs;
    this.#reason = reason;
    this.#secret = passing ? undefined : (secret ?? '');
    return new Date(wall + lengthMs);
  }

  get active(): boolean {
    return this.clock.monotonic() < this.#until;
  }

  /** The error for callers in the pause; `undefined` out of it. */
  error(): OpenBankingAuthError | undefined {
    const reason = this.#reason;
    const leftMs = this.#until - this.clock.monotonic();
    if (!reason || leftMs <= 0) return undefined;
    return new OpenBankingAuthError({
      code: 'token_request_paused',
      problem: `No token was requested, because the last request failed and is not repeated for another ${Math.ceil(leftMs / 1_000)} s. It failed like this: ${reason.problem}`,
      hint: reason.hint,
      status: reason.status,
      oauthError: reason.oauthError,
      requestId: reason.requestId,
      retryAt: new Date(this.clock.wall() + leftMs),
    });
  }

  /** Whether the reason passes by itself. */
  get passing(): boolean {
    return this.#reason !== undefined && isPassing(this.#reason);
  }

  /** Whether another secret than the refused one would end the pause. */
  get dependsOnSecret(): boolean {
    return this.#secret !== undefined;
  }

  /** Ends the pause if this is another secret than the one that was refused. */
  offer(secret: string | undefined): void {
    if (secret !== undefined && this.#secret !== undefined && secret !== this.#secret) this.end();
  }

  end(): void {
    this.#until = 0;
    this.#reason = undefined;
    this.#failures = 0;
    this.#refusals = 0;
    this.#secret = undefined;
  }
}
