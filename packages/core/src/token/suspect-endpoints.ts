import type { Clock } from '../clock.js';
import {
  ENDPOINT_COOLDOWN_MS,
  LENIENT_STRIKES,
  LONGEST_RENEWAL_COOLDOWN_MS,
  REMEMBERED_ENDPOINTS,
  RENEWAL_COOLDOWN_FACTOR,
  RENEWAL_COOLDOWN_MS,
  UNAUTHORIZED_IN_A_ROW,
} from '../policy.js';

/**
 * Endpoints that answer a renewed token with a 401 while others accept it: there the token is not what is wrong, and each
 * renewal for them would cost a token. They have a cooldown of their own, which does not touch the endpoints that accept
 * tokens; those that are not known yet share it.
 */
export class SuspectEndpoints {
  readonly #clock: Clock;
  /** The last renewed token that each of them has answered with a 401. */
  readonly #suspects = new Map<string, string>();
  /** Endpoints that have accepted a token while there were suspects. */
  readonly #healthy = new Set<string>();
  #until = 0;
  #strikes = 0;
  /** The token of the last strike: however many requests it fails for, it counts once. */
  #struckFor = '';
  #unauthorizedInARow = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#suspects.size === 0;
  }

  /** Whether an endpoint has answered tokens with a 401 that others accept, more than once. */
  has(url: string): boolean {
    return this.#strikes > 0 && this.#suspects.has(endpointOf(url));
  }

  /** An endpoint has answered a renewed token with a 401. */
  add(url: string, token: string): void {
    const endpoint = endpointOf(url);
    const now = this.#clock.monotonic();
    // After a quiet time old strikes say nothing any more.
    if (this.isEmpty || now > this.#until + LONGEST_RENEWAL_COOLDOWN_MS) this.#strikes = 0;
    const again = this.#strikes > 0 && this.#suspects.has(endpoint);
    this.#healthy.delete(endpoint);
    this.#suspects.set(endpoint, token);
    dropOldest(this.#suspects);
    // Whether others accept it shows from now on: it may have been revoked after they did so before.
    if (again) this.#strike(token);
  }

  /** A renewal has just helped somewhere, so the next 401 may be one that it helps against too. */
  forgive(): void {
    this.#until = 0;
    this.#strikes = 0;
  }

  accepted(url: string, token: string): void {
    if (this.isEmpty) return;
    const endpoint = endpointOf(url);
    this.#unauthorizedInARow = 0;
    this.#healthy.add(endpoint);
    dropOldest(this.#healthy);
    if (this.#suspects.delete(endpoint) && this.isEmpty) {
      this.#healthy.clear();
      this.forgive();
    }
    for (const suspected of this.#suspects.values()) if (suspected === token) this.#strike(token);
  }

  /** Whether a 401 from this endpoint must be passed on rather than lead to a renewal. */
  blocks(url: string): boolean {
    const endpoint = endpointOf(url);
    if (this.isEmpty || this.#healthy.has(endpoint)) return false;
    if (this.#clock.monotonic() >= this.#until) return false;
    if (this.#suspects.has(endpoint)) return true;
    // Nothing is known of this endpoint: if such 401s come without a success between them, it may be the token after all.
    this.#unauthorizedInARow++;
    return this.#unauthorizedInARow < UNAUTHORIZED_IN_A_ROW * RENEWAL_COOLDOWN_FACTOR ** (this.#strikes - 1);
  }

  #strike(token: string): void {
    if (token === this.#struckFor) return;
    this.#struckFor = token;
    this.#strikes++;
    const shortMs = RENEWAL_COOLDOWN_MS * RENEWAL_COOLDOWN_FACTOR ** (this.#strikes - 1);
    const longMs = ENDPOINT_COOLDOWN_MS * RENEWAL_COOLDOWN_FACTOR ** (this.#strikes - 1 - LENIENT_STRIKES);
    const cooldownMs = this.#strikes <= LENIENT_STRIKES ? shortMs : longMs;
    this.#until = this.#clock.monotonic() + Math.min(cooldownMs, LONGEST_RENEWAL_COOLDOWN_MS);
  }
}

/** The part of a URL that says what is asked: without the query, which varies. */
export function endpointOf(url: string): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

function dropOldest(remembered: Map<string, unknown> | Set<string>): void {
  if (remembered.size <= REMEMBERED_ENDPOINTS) return;
  const [oldest] = remembered.keys();
  if (oldest !== undefined) remembered.delete(oldest);
}
