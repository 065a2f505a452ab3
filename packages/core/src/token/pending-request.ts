import type { HeldToken, Renewal } from '../access-token.js';
import type { TokenRequestReason } from '../events.js';
import { untilAborted } from '../web/time-limit.js';

/** A token request in flight, shared by every caller that needs its token. */
export class PendingRequest {
  readonly reason: TokenRequestReason;
  /** Counts the requests for one scope, from 1. */
  readonly number: number;
  /** What its token will carry. */
  readonly renewal: Renewal;
  readonly token: Promise<HeldToken>;
  /** When the need arose, on the monotonic clock. */
  readonly startedAt: number;
  /** When the token endpoint was asked; before that, when the need arose. */
  requestedAt: number;
  /** The secret it was made with, once that is known. */
  secret: string | undefined;
  #waiters = 0;

  constructor(
    { reason, number, renewal }: Pick<PendingRequest, 'reason' | 'number' | 'renewal'>,
    startedAt: number,
    run: (request: PendingRequest) => Promise<HeldToken>,
  ) {
    this.reason = reason;
    this.number = number;
    this.renewal = renewal;
    this.startedAt = startedAt;
    this.requestedAt = startedAt;
    // One turn later, when its owner has stored it: a listener may ask for a token on hearing that one is requested.
    this.token = Promise.resolve().then(() => run(this));
  }

  get hasWaiters(): boolean {
    return this.#waiters > 0;
  }

  /** Waits for the token and counts as a waiter; only requests with waiters are retried. An abort ends this wait alone. */
  wait(signal: AbortSignal | undefined): Promise<HeldToken> {
    this.#waiters++;
    return untilAborted(this.token, signal, () => this.#waiters--);
  }
}
