import type { Settings } from '../config/settings.js';
import type { OpenBankingAuthError } from '../errors.js';
import type { Acquired } from './acquire.js';
import type { PendingRequest } from './pending-request.js';
import type { UnhelpfulRenewal } from './renewal-cooldown.js';

type Need = Pick<PendingRequest, 'reason' | 'startedAt' | 'requestedAt'>;

/** Tells the application's listener about the token of one scope. `now` is on the monotonic clock. */
export class TokenEvents {
  readonly #settings: Settings;
  readonly #scope: string;

  constructor(settings: Settings, scope: string) {
    this.#settings = settings;
    this.#scope = scope;
  }

  held({ held, lifetimeMs }: Acquired, { reason, startedAt, requestedAt }: Need, now: number): void {
    const about = { scope: this.#scope, reason, token: held.fingerprint };
    const remainingMs = held.monotonicDeadline - now;
    this.#settings.emit(
      held.adopted
        ? { type: 'token.adopted', ...about, remainingMs, durationMs: now - startedAt }
        : { type: 'token.received', ...about, lifetimeMs, durationMs: now - requestedAt },
    );
  }

  failed(
    { code, message, status, oauthError }: OpenBankingAuthError,
    { reason, requestedAt }: Need,
    more: { readonly retryAt?: Date; readonly shared?: true },
    now: number,
  ): void {
    this.#settings.emit({
      type: 'token.failed',
      scope: this.#scope,
      reason,
      code,
      message,
      ...(status === undefined ? {} : { status }),
      ...(oauthError === undefined ? {} : { oauthError }),
      ...more,
      durationMs: now - requestedAt,
    });
  }

  unhelpful({ unhelpful, until }: UnhelpfulRenewal, now: number): void {
    const pauseMs = Math.ceil(until - now);
    this.#settings.emit({ type: 'token.renewal_paused', scope: this.#scope, pauseMs, unhelpful });
  }
}
