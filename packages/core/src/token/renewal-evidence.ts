import type { HeldToken, Renewal } from '../access-token.js';
import type { Clock } from '../clock.js';
import { RenewalCooldown, type UnhelpfulRenewal } from './renewal-cooldown.js';
import { SuspectEndpoints } from './suspect-endpoints.js';

/** Each is called once for a token that was fetched because of a 401. */
export interface RenewalListener {
  readonly onHelped: (held: HeldToken) => void;
  readonly onUnhelpful: (renewal: UnhelpfulRenewal) => void;
}

/**
 * What the API's responses say about the token of one scope: whether a 401 may cost a new one, or is likely to come back
 * with that too. A token that nothing accepts has a {@link RenewalCooldown}; a token that others accept makes the endpoint
 * a suspect.
 */
export class RenewalEvidence {
  readonly #cooldown: RenewalCooldown;
  readonly #suspects: SuspectEndpoints;
  readonly #onUnhelpful: (renewal: UnhelpfulRenewal) => void;
  #reported: HeldToken | undefined;

  constructor(clock: Clock, random: () => number, listener: RenewalListener) {
    this.#cooldown = new RenewalCooldown(clock, random, listener.onHelped);
    this.#suspects = new SuspectEndpoints(clock);
    this.#onUnhelpful = listener.onUnhelpful;
  }

  hold(held: HeldToken): void {
    this.#cooldown.hold(held);
  }

  /** A request with this token was not answered with a 401, perhaps after another token had been. */
  accepted(held: HeldToken, url: string, resent: boolean): void {
    this.#cooldown.accepted(held, url);
    if (resent) this.#suspects.forgive();
    this.#suspects.accepted(url, held.token.value);
  }

  /**
   * Whether a 401 for this token speaks for a new one: `wait` if the token has to reach a certain age first.
   *
   * @param resent Whether the request has been sent with another token before.
   */
  judge(held: HeldToken, url: string, resent: boolean): 'renew' | 'wait' | 'pass' {
    if (resent ? this.#suspects.has(url) : this.#suspects.blocks(url)) return 'pass';
    return this.#isUnhelpful(held) ? 'wait' : 'renew';
  }

  /** A request got a 401 with its last token too. */
  exhausted(held: HeldToken, url: string): void {
    if (!this.#cooldown.isAcceptedBy(held, url)) {
      this.#suspects.add(url, held.token.value);
    }
    this.#isUnhelpful(held);
  }

  /** What the token will carry that is fetched in place of this one. */
  next(unauthorized: string): Renewal {
    return this.#cooldown.next(unauthorized);
  }

  /** What a token will carry that is not fetched because of a 401. */
  noRenewal(): Renewal {
    return this.#cooldown.noRenewal();
  }

  #isUnhelpful(held: HeldToken): boolean {
    const renewal = this.#cooldown.unhelpful(held);
    if (renewal && this.#reported !== held) {
      this.#reported = held;
      this.#onUnhelpful(renewal);
    }
    return renewal !== undefined;
  }
}
