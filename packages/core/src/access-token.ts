import type { Clock } from './clock.js';
import {
  EARLIEST_REFRESH_SHARE,
  REFRESH_AHEAD_MS,
  REFRESH_AHEAD_SHARE,
  REFRESH_JITTER_MS,
  REFRESH_JITTER_SHARE,
  REFRESH_LEAD_FACTOR,
  REFRESH_ROOM_FACTOR,
  RENEW_BEFORE_MS,
  RENEW_BEFORE_SHARE,
} from './policy.js';

/** An access token. It prints, serialises and clones without its value. */
export interface AccessToken {
  /** The token itself, for `Authorization: Bearer …` (RFC 6750 section 2.1). Not enumerable. */
  readonly value: string;
  /** What the token is for: as the server says, or as asked where it says nothing (RFC 6749 section 5.1). */
  readonly scope: string;
  /** When it runs out, on this machine's wall clock as it was when the token was requested. */
  readonly expiresAt: Date;
}

/** A token as the source holds it: with its deadline on both clocks. */
export interface HeldToken {
  readonly token: Token;
  /** The first 8 hex digits of the value's SHA-256. */
  readonly fingerprint: string;
  readonly wallDeadline: number;
  readonly monotonicDeadline: number;
  /** So long before its deadline a token is not sent any more. */
  readonly renewBeforeMs: number;
  /** So long before its deadline a new one is requested in the background. */
  readonly refreshBeforeMs: number;
}

/** What the token endpoint granted, and when it was asked. */
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

  /** For the header, made once: it is compared and sent with every request. */
  get authorization(): string {
    return this.#authorization;
  }

  // And console.log does not, even when it is told to call getters.
  [inspectCustom](_depth: number, options: object, inspect: (value: object, options: object) => string): string {
    return `AccessToken ${inspect({ scope: this.scope, expiresAt: this.expiresAt }, options)}`;
  }
}

/** @param tookMs How long the request for it took: the next one will take about as long. */
export async function holdToken(grant: Grant, tookMs: number, random: () => number): Promise<HeldToken> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(grant.value));
  const { lifetimeMs } = grant;
  const wallDeadline = grant.startedWall + lifetimeMs;
  const lastMs = renewBeforeMs(lifetimeMs);
  const windowMs = Math.min(REFRESH_AHEAD_MS, lifetimeMs * REFRESH_AHEAD_SHARE);
  const jitterMs = Math.min(REFRESH_JITTER_MS, windowMs * REFRESH_JITTER_SHARE) * random();
  const roomMs = Math.min(windowMs, lastMs + tookMs * REFRESH_ROOM_FACTOR);
  const leadMs = Math.max(windowMs - jitterMs, roomMs, lastMs + tookMs * REFRESH_LEAD_FACTOR);
  return Object.freeze({
    token: new Token(grant.value, grant.scope, new Date(wallDeadline)),
    fingerprint: Array.from(new Uint8Array(digest, 0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    wallDeadline,
    monotonicDeadline: grant.startedMonotonic + lifetimeMs,
    renewBeforeMs: lastMs,
    refreshBeforeMs: Math.min(leadMs, lifetimeMs * EARLIEST_REFRESH_SHARE),
  });
}

/** So long before its deadline a token of this lifetime is not sent any more. */
export function renewBeforeMs(lifetimeMs: number): number {
  return Math.min(RENEW_BEFORE_MS, lifetimeMs * RENEW_BEFORE_SHARE);
}

/** Whether a token may still be sent, and lasts long enough to arrive. */
export function isFresh(held: HeldToken, clock: Clock): boolean {
  return lasts(held, clock, held.renewBeforeMs);
}

/** Whether a token may be used, but a new one should be requested meanwhile. */
export function isDue(held: HeldToken, clock: Clock): boolean {
  return !lasts(held, clock, held.refreshBeforeMs);
}

/** Whether a token has run out, on either clock: one may have been set back, the other may have slept. */
export function isExpired(held: HeldToken, clock: Clock): boolean {
  return !lasts(held, clock, 0);
}

function lasts(held: HeldToken, clock: Clock, forMs: number): boolean {
  return clock.wall() + forMs < held.wallDeadline && clock.monotonic() + forMs < held.monotonicDeadline;
}
