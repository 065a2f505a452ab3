import type { Clock } from '../clock.js';
import type { Settings } from '../config/settings.js';
import { OpenBankingAuthError } from '../errors.js';
import { loadTokenRequest } from '../grant/load.js';
import {
  FAILURE_COOLDOWN_FACTOR,
  FAILURE_COOLDOWN_MS,
  LONGEST_FAILURE_COOLDOWN_MS,
  LONGEST_REJECTION_COOLDOWN_MS,
  REJECTION_COOLDOWN_FACTOR,
  REJECTION_COOLDOWN_MS,
  SECRET_CHECK_MS,
} from '../policy.js';
import type { SharedRejection } from '../store/shared-rejection.js';

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
    const next = this.after(reason);
    this.adopt(next, secret);
    return next.until;
  }

  /** The cooldown that would begin with this failure. */
  after(reason: OpenBankingAuthError): SharedRejection {
    const wall = this.#clock.wall();
    const failures = 1 + (reason.isTransient ? this.#failures : this.#rejections);
    const ownMs = reason.isTransient
      ? Math.min(FAILURE_COOLDOWN_MS * FAILURE_COOLDOWN_FACTOR ** (failures - 1), LONGEST_FAILURE_COOLDOWN_MS)
      : Math.min(REJECTION_COOLDOWN_MS * REJECTION_COOLDOWN_FACTOR ** (failures - 1), LONGEST_REJECTION_COOLDOWN_MS);
    const requestedMs = reason.retryAt ? reason.retryAt.getTime() - wall : 0;
    return { reason, until: new Date(wall + Math.max(ownMs, requestedMs)), failures };
  }

  /** Begins a cooldown with a known end: this process's own, or one that another process has begun for the fleet. */
  adopt({ reason, until, failures }: SharedRejection, secret: string | undefined): void {
    this.#until = this.#clock.monotonic() + (until.getTime() - this.#clock.wall());
    this.#reason = reason;
    if (reason.isTransient) this.#failures = failures;
    else this.#rejections = failures;
    this.#rejectedSecret = reason.isTransient ? undefined : (secret ?? UNREAD);
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

  /**
   * Resolves to `true` if the cooldown is over, which another secret brings about too, and to `false` if it is not, but the
   * caller may check the store.
   *
   * @throws OpenBankingAuthError the error of the cooldown, if it is not over.
   */
  async pass(settings: Settings, mayCheckStore: boolean): Promise<boolean> {
    let secretKnown = true;
    if (this.#rejectedSecret !== undefined && typeof settings.credential === 'function') {
      const { getCredential } = await loadTokenRequest();
      const current = await getCredential(settings, this.#clock, SECRET_CHECK_MS).catch(() => undefined);
      secretKnown = current !== undefined;
      if (current && current.id !== this.#rejectedSecret) this.end();
    }
    const error = this.error();
    if (error && !(mayCheckStore && secretKnown)) throw error;
    return error === undefined;
  }

  end(): void {
    this.#until = 0;
    this.#reason = undefined;
    this.#failures = 0;
    this.#rejections = 0;
    this.#rejectedSecret = undefined;
  }
}
