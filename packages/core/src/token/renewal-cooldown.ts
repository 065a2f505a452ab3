import type { Clock } from '../clock.js';
import {
  LONGEST_RENEWAL_COOLDOWN_MS,
  RENEWAL_COOLDOWN_FACTOR,
  RENEWAL_COOLDOWN_MS,
  UNAUTHORIZED_IN_A_ROW,
} from '../policy.js';

/**
 * Keeps 401s that the token did not cause from becoming a stream of token requests. One for each scope.
 *
 * A renewal that did not help begins a cooldown. During it, one thing still suggests that the token is at fault: it has
 * been accepted since, and then gets several 401s in a row, with no success between.
 */
export class RenewalCooldown {
  readonly #clock: Clock;
  #until = 0;
  #unhelpful = 0;
  #blamed: string | undefined;
  #accepted: string | undefined;
  #unauthorizedInARow = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether this 401 of the token may lead to a renewal. */
  allows(unauthorized: string): boolean {
    if (this.#clock.monotonic() >= this.#until) return true;
    if (this.#accepted !== unauthorized) return false;
    this.#unauthorizedInARow++;
    // The threshold doubles with each renewal that did not help.
    return this.#unauthorizedInARow >= UNAUTHORIZED_IN_A_ROW * RENEWAL_COOLDOWN_FACTOR ** (this.#unhelpful - 1);
  }

  /** The API accepted a request with this token. */
  accepts(token: string): void {
    if (this.#unhelpful === 0) return;
    this.#accepted = token;
    this.#unauthorizedInARow = 0;
  }

  /** The replay with the new token was accepted. */
  helped(): void {
    this.#until = 0;
    this.#unhelpful = 0;
    this.#blamed = undefined;
    this.#accepted = undefined;
    this.#unauthorizedInARow = 0;
  }

  /**
   * The replay with this new token was answered with a 401 too. Returns the length of the cooldown that begins, or
   * `undefined` if this renewal has been counted already, for another request.
   */
  didNotHelp(token: string): number | undefined {
    if (this.#blamed === token) return undefined;
    this.#blamed = token;
    this.#accepted = undefined;
    this.#unauthorizedInARow = 0;
    const cooldownMs = Math.min(
      RENEWAL_COOLDOWN_MS * RENEWAL_COOLDOWN_FACTOR ** this.#unhelpful++,
      LONGEST_RENEWAL_COOLDOWN_MS,
    );
    this.#until = this.#clock.monotonic() + cooldownMs;
    return cooldownMs;
  }

  get unhelpful(): number {
    return this.#unhelpful;
  }
}
