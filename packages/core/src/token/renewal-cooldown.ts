import type { HeldToken, Renewal } from '../access-token.js';
import type { Clock } from '../clock.js';
import {
  LONGEST_RENEWAL_COOLDOWN_MS,
  LONGEST_RENEWAL_JITTER,
  REMEMBERED_ENDPOINTS,
  RENEWAL_COOLDOWN_FACTOR,
  RENEWAL_COOLDOWN_MS,
  SHORTEST_RENEWAL_JITTER,
  UNPROVEN_RENEWAL_COOLDOWN_MS,
} from '../policy.js';
import { endpointOf } from './suspect-endpoints.js';

/** `unhelpful`: how many renewals in a row did not help; `until`: the cooldown's end on the monotonic clock. */
export interface UnhelpfulRenewal {
  readonly unhelpful: number;
  readonly until: number;
}

/**
 * Keeps an API that answers every token with a 401 from becoming a stream of token requests. It judges by evidence: a
 * renewal did not help only if the token was fetched after a 401, and gets a 401 before anything has accepted it. Then the
 * token stays in use, and the next one is not fetched before it has reached a certain age.
 */
export class RenewalCooldown {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #onHelped: (held: HeldToken) => void;
  /** Whether the API has ever accepted a token of this scope, as far as anybody knows. */
  #proven = false;
  /** When a token was last accepted, on the monotonic clock. */
  #acceptedAt = Number.NEGATIVE_INFINITY;
  #token: HeldToken | undefined;
  /** Endpoints that have accepted it. */
  readonly #acceptedBy = new Set<string>();
  #cooldownMs = 0;

  /** @param onHelped Called when a token that was fetched after a 401 is accepted for the first time. */
  constructor(clock: Clock, random: () => number, onHelped: (held: HeldToken) => void) {
    this.#clock = clock;
    this.#random = random;
    this.#onHelped = onHelped;
  }

  /** This is the token to be judged from now on. */
  hold(held: HeldToken): void {
    this.#token = held;
    this.#acceptedBy.clear();
    this.#proven ||= held.renewal.proven;
    this.#cooldownMs = this.#cooldownFor(held.renewal.streak);
  }

  accepted(held: HeldToken, url: string): void {
    this.#proven = true;
    this.#acceptedAt = this.#clock.monotonic();
    // Who has accepted it matters only for a token that was fetched after a 401.
    if (held !== this.#token || held.renewal.streak === 0) return;
    const isFirst = this.#acceptedBy.size === 0;
    if (this.#acceptedBy.size < REMEMBERED_ENDPOINTS) this.#acceptedBy.add(endpointOf(url));
    if (isFirst) this.#onHelped(held);
  }

  isAcceptedBy(held: HeldToken, url: string): boolean {
    return held === this.#token && this.#acceptedBy.has(endpointOf(url));
  }

  /** Whether anything has accepted this token. */
  isAccepted(held: HeldToken): boolean {
    return held === this.#token && this.#acceptedBy.size > 0;
  }

  /** For a 401 with this token: the renewal that did not help, if it is evidence of one and must be waited for. */
  unhelpful(held: HeldToken): UnhelpfulRenewal | undefined {
    const { streak } = held.renewal;
    if (held !== this.#token || streak === 0 || this.#acceptedBy.size > 0) return undefined;
    // Another process fetched it, and it may have been revoked since: that is one more dead token, and no evidence yet. Nor
    // are renewals that had not helped before, if the API has accepted another token of this process since then.
    const isCleared = streak === 1 || this.#acceptedAt > held.fetchedAt;
    if (held.adopted && this.#proven && isCleared) return undefined;
    const until = held.fetchedAt + this.#cooldownMs;
    return this.#clock.monotonic() < until ? { unhelpful: streak, until } : undefined;
  }

  /** What the token will carry that is fetched because this one got a 401. */
  next(unauthorized: string): Renewal {
    const token = this.#token;
    const helped = token?.token.value !== unauthorized || this.isAccepted(token);
    return { streak: helped ? 1 : token.renewal.streak + 1, proven: this.#proven };
  }

  /** What a token will carry that is not fetched because of a 401. */
  noRenewal(): Renewal {
    return { streak: 0, proven: this.#proven };
  }

  #cooldownFor(streak: number): number {
    const jitter = SHORTEST_RENEWAL_JITTER + (LONGEST_RENEWAL_JITTER - SHORTEST_RENEWAL_JITTER) * this.#random();
    const growth = RENEWAL_COOLDOWN_FACTOR ** (streak - 1);
    return this.#proven
      ? Math.min(RENEWAL_COOLDOWN_MS * growth, LONGEST_RENEWAL_COOLDOWN_MS) * (1 + jitter)
      : Math.min(UNPROVEN_RENEWAL_COOLDOWN_MS * growth, LONGEST_RENEWAL_COOLDOWN_MS);
  }
}
