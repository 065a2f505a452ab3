import type { Clock } from './clock.js';
import { LONGEST_RENEWAL_PAUSE_MS, REFUSALS_IN_A_ROW, RENEWAL_PAUSE_FACTOR, RENEWAL_PAUSE_MS } from './policy.js';

/**
 * Keeps 401s that have another cause than the token from becoming a stream of token requests. One for each scope.
 *
 * A renewal that did not help begins a pause. In it, one thing still speaks for the token being at fault: that it has been
 * accepted since, and is then refused several times in a row, with no success between.
 */
export class RenewalPause {
  #until = 0;
  #unhelpful = 0;
  #blamed: string | undefined;
  #accepted: string | undefined;
  #refusedInARow = 0;

  constructor(readonly clock: Clock) {}

  /** Whether this refusal of the token may lead to a renewal. */
  allows(refused: string): boolean {
    if (this.clock.monotonic() >= this.#until) return true;
    if (this.#accepted !== refused) return false;
    this.#refusedInARow++;
    return this.#refusedInARow >= REFUSALS_IN_A_ROW * RENEWAL_PAUSE_FACTOR ** (this.#unhelpful - 1);
  }

  /** A request with this token was not refused. */
  accepts(token: string): void {
    if (this.#unhelpful === 0) return;
    this.#accepted = token;
    this.#refusedInARow = 0;
  }

  /** The replay with this new token was accepted. */
  helped(): void {
    this.#until = 0;
    this.#unhelpful = 0;
    this.#blamed = undefined;
    this.#accepted = undefined;
    this.#refusedInARow = 0;
  }

  /**
   * The replay with this new token was refused too. Returns the length of the pause that begins, or `undefined` if this
   * renewal has been counted already, for another request.
   */
  didNotHelp(token: string): number | undefined {
    if (this.#blamed === token) return undefined;
    this.#blamed = token;
    this.#accepted = undefined;
    this.#refusedInARow = 0;
    const pauseMs = Math.min(RENEWAL_PAUSE_MS * RENEWAL_PAUSE_FACTOR ** this.#unhelpful++, LONGEST_RENEWAL_PAUSE_MS);
    this.#until = this.clock.monotonic() + pauseMs;
    return pauseMs;
  }

  get unhelpful(): number {
    return this.#unhelpful;
  }
}
