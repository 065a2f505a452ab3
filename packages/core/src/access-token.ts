import type { Clock } from './clock.js';
import {
  EARLIEST_REFRESH_SHARE,
  EXPIRY_MARGIN_MS,
  EXPIRY_MARGIN_SHARE,
  REFRESH_JITTER_MS,
  REFRESH_JITTER_SHARE,
  REFRESH_LEAD_FACTOR,
  REFRESH_ROOM_FACTOR,
  REFRESH_WINDOW_MS,
  REFRESH_WINDOW_SHARE,
} from './policy.js';

/** An access token. It prints, serialises and clones without its value. */
export interface AccessToken {
  /** The token itself, for `Authorization: Bearer …` (RFC 6750 section 2.1). Not enumerable. */
  readonly value: string;
  /** The scope as the server granted it, or as it was requested if the server does not say (RFC 6749 section 5.1). */
  readonly scope: string;
  /** When it expires, on this machine's wall clock as it was when the token was requested. */
  readonly expiresAt: Date;
}

/** A token as the source holds it: with its deadline on both clocks. */
export interface HeldToken {
  readonly token: Token;
  /** The first 8 hex digits of the value's SHA-256; empty if nobody listens to events. */
  readonly fingerprint: string;
  readonly wallDeadline: number;
  readonly monotonicDeadline: number;
  /** When its token request started, on this host's monotonic clock. */
  readonly fetchedAt: number;
  /** Whether another process had requested it. */
  readonly adopted: boolean;
  /** Which of this process's token requests for the scope brought it. */
  readonly requestNumber: number;
  readonly renewal: Renewal;
  /** How long before its deadline a token stops being sent. */
  readonly expiryMarginMs: number;
  /** How long before its deadline a new one is requested in the background. */
  readonly refreshLeadMs: number;
}

/** How a token came about after 401s, known to all processes that share it. */
export interface Renewal {
  /**
   * How many renewals in a row led to this token, none of which was seen to help before it was requested. 0: it was not
   * requested because of a 401.
   */
  readonly streak: number;
  /** Whether the API had ever accepted a token of this scope by then. */
  readonly proven: boolean;
}

/** A token as the token endpoint granted it, and when it was requested. */
export interface Grant {
  readonly value: string;
  readonly scope: string;
  readonly lifetimeMs: number;
  readonly startedWall: number;
  readonly startedMonotonic: number;
}

const inspectCustom: unique symbol = Symbol.for('nodejs.util.inspect.custom');

class Token implements AccessToken {
  readonly #value: string;
  readonly #authorization: string;

  constructor(
    value: string,
    readonly scope: string,
    readonly expiresAt: Date,
  ) {
    this.#value = value;
    this.#authorization = `Bearer ${value}`;
    Object.freeze(this);
  }

  // On the prototype, so that spreading, JSON and structuredClone do not meet it.
  get value(): string {
    return this.#value;
  }

  /** The header's value, built once: it is compared and sent with every request. */
  get authorization(): string {
    return this.#authorization;
  }

  // Keeps console.log from showing the value even when it is set to call getters.
  [inspectCustom](_depth: number, options: object, inspect: (value: object, options: object) => string): string {
    return `AccessToken ${inspect({ scope: this.scope, expiresAt: this.expiresAt }, options)}`;
  }
}

/**
 * Puts a granted token on its timeline. For a token of an hour:
 *
 * ```
 *  request                                  refresh window      expiry margin
 *  started                                 ┌──────────────────┐┌────────────┐
 *  ├─ fresh ───────────────────────────────┼─ jitter ─┬─ due ─┼─ expiring ─┤ expired
 *  0                                     -120 s     drawn   -30 s     deadline
 *                                                     └ room ─┘
 * ```
 *
 * A background refresh starts with the first request after the drawn moment. `room` keeps jitter from leaving too little
 * time: callers would block where the window ends. If the token endpoint is so slow that the window itself is too short,
 * the refresh starts before the window.
 *
 * @param tookMs How long the request for the token took: the next one will probably take as long.
 */
export function holdToken(
  grant: Grant,
  origin: Pick<HeldToken, 'adopted' | 'fingerprint' | 'requestNumber' | 'renewal'>,
  tookMs: number,
  random: () => number,
): HeldToken {
  const { lifetimeMs } = grant;
  const wallDeadline = grant.startedWall + lifetimeMs;
  const marginMs = expiryMarginMs(lifetimeMs);
  const windowMs = Math.min(REFRESH_WINDOW_MS, lifetimeMs * REFRESH_WINDOW_SHARE);
  const jitterMs = Math.min(REFRESH_JITTER_MS, windowMs * REFRESH_JITTER_SHARE) * random();
  const roomMs = Math.min(windowMs, marginMs + tookMs * REFRESH_ROOM_FACTOR);
  const leadMs = Math.max(windowMs - jitterMs, roomMs, marginMs + tookMs * REFRESH_LEAD_FACTOR);
  return Object.freeze({
    token: new Token(grant.value, grant.scope, new Date(wallDeadline)),
    wallDeadline,
    monotonicDeadline: grant.startedMonotonic + lifetimeMs,
    fetchedAt: grant.startedMonotonic,
    ...origin,
    expiryMarginMs: marginMs,
    refreshLeadMs: Math.min(leadMs, lifetimeMs * EARLIEST_REFRESH_SHARE),
  });
}

/** How long before its deadline a token of this lifetime stops being sent. */
export function expiryMarginMs(lifetimeMs: number): number {
  return Math.min(EXPIRY_MARGIN_MS, lifetimeMs * EXPIRY_MARGIN_SHARE);
}

/** Whether a token may still be sent, and lasts long enough to arrive. */
export function isFresh(held: HeldToken, clock: Clock): boolean {
  return lasts(held, clock, held.expiryMarginMs);
}

/** Whether the next token should be requested in the background while this one stays in use. */
export function isDue(held: HeldToken, clock: Clock): boolean {
  return !lasts(held, clock, held.refreshLeadMs);
}

/** Whether a token has expired on either clock: one may have been set back, the other may have slept. */
export function isExpired(held: HeldToken, clock: Clock): boolean {
  return !lasts(held, clock, 0);
}

function lasts(held: HeldToken, clock: Clock, forMs: number): boolean {
  return clock.wall() + forMs < held.wallDeadline && clock.monotonic() + forMs < held.monotonicDeadline;
}
