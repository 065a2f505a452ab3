import { type HeldToken, isDue, isExpired, isFresh, type Renewal } from '../access-token.js';
import { isOpenBankingAuthError, type OpenBankingAuthError } from '../errors.js';
import type { TokenRequestReason } from '../events.js';
import { asOwnError } from '../grant/own-error.js';
import { REFRESH_RETRY_MS, SAME_TOKEN_RETRY_MS, STORE_RECHECK_MS } from '../policy.js';
import { RejectedElsewhere } from '../store/rejected-elsewhere.js';
import { abortReason } from '../web/abort.js';
import { untilAborted } from '../web/time-limit.js';
import { type Acquired, type SourceContext, TokenAcquirer } from './acquire.js';
import { PendingRequest } from './pending-request.js';
import { RenewalEvidence } from './renewal-evidence.js';
import { RequestCooldown } from './request-cooldown.js';
import { TokenEvents } from './token-events.js';

/**
 * The token of one scope, and everything known about it: the state diagram of ARCHITECTURE.md. It decides when a token is
 * requested; how that is done is {@link TokenAcquirer}'s. There are no timers: a change of state is noticed by the next call.
 */
export class ScopedToken {
  readonly #source: SourceContext;
  readonly evidence: RenewalEvidence;
  readonly #acquirer: TokenAcquirer;
  readonly #requestCooldown: RequestCooldown;
  readonly #events: TokenEvents;
  #held: HeldToken | undefined;
  #pending: PendingRequest | undefined;
  #requests = 0;
  /** Earliest next background refresh (monotonic). */
  #nextRefreshAt = 0;
  /** Until then the held token is used although it is due, unless it has expired (monotonic). */
  #useHeldUntil = 0;
  /** Earliest next check of the store during a cooldown (monotonic). */
  #nextStoreCheckAt = 0;
  #storeCheck: Promise<void> | undefined;

  constructor(source: SourceContext, scope: string) {
    this.#source = source;
    this.#requestCooldown = new RequestCooldown(source.clock);
    this.#acquirer = new TokenAcquirer(source, scope, this.#requestCooldown);
    this.#events = new TokenEvents(source.settings, scope);
    this.evidence = new RenewalEvidence(source.clock, source.random, {
      onHelped: ({ token }) => this.#acquirer.accepted(token.value),
      onUnhelpful: (renewal) => this.#events.unhelpful(renewal, source.clock.monotonic()),
    });
  }

  /** How many token requests have been started. */
  get requests(): number {
    return this.#requests;
  }

  /** Whether there is neither a token nor a request for one. */
  get isIdle(): boolean {
    return this.#pending === undefined && (this.#held === undefined || isExpired(this.#held, this.#source.clock));
  }

  /** The token that may be sent now. */
  peek(): HeldToken | undefined {
    const { clock } = this.#source;
    const held = this.#held;
    if (!held) return undefined;
    if (isFresh(held, clock)) return held;
    return clock.monotonic() < this.#useHeldUntil && !isExpired(held, clock) ? held : undefined;
  }

  /** The token that may be sent now; the first use after it has become due starts the background refresh. */
  current(): HeldToken | undefined {
    const { settings, clock } = this.#source;
    // By far the most frequent case: not even due, so fresh. Reading the clocks is what costs here.
    if (this.#held && !isDue(this.#held, clock)) return this.#held;
    const held = this.peek();
    if (held && settings.refreshAhead && !this.#pending) {
      const now = clock.monotonic();
      if (now >= this.#nextRefreshAt) {
        this.#nextRefreshAt = now + REFRESH_RETRY_MS;
        if (!this.#requestCooldown.active) this.#join('ahead', this.evidence.noRenewal());
      }
    }
    return held;
  }

  /** The current token, or a new one. As few promises as possible: ten thousand callers may be waiting. */
  get(signal: AbortSignal | undefined): Promise<HeldToken> {
    if (signal?.aborted) return Promise.reject(abortReason(signal));
    const current = this.current();
    if (current) return Promise.resolve(current);
    const old = this.#held;
    if (!old) return this.#request('missing', signal);
    return this.#request('expiring', signal).catch((error) => {
      // A cooldown that began with a transient failure counts as one too.
      const isTransient =
        isOpenBankingAuthError(error) &&
        (error.isTransient || (this.#requestCooldown.active && this.#requestCooldown.isTransient));
      if (isTransient && this.#held === old && !isExpired(old, this.#source.clock)) return old;
      throw error;
    });
  }

  /**
   * A token in place of one that got a 401: the one held, if that is another, else a new one. Resolves to `undefined` if
   * the server returns the very same token.
   */
  async renew(unauthorized: string, signal: AbortSignal | undefined): Promise<HeldToken | undefined> {
    signal?.throwIfAborted();
    const held = this.peek();
    if (held && held.token.value !== unauthorized) return held;
    if (this.#held?.token.value === unauthorized) this.#held = undefined;
    this.#acquirer.unauthorized(unauthorized);
    const renewed = await this.#request('rejected', signal, this.evidence.next(unauthorized));
    return renewed.token.value === unauthorized ? undefined : renewed;
  }

  /**
   * Whether a 401 with this token, while it is held, may lead to another send. During a renewal cooldown it may if another
   * process has a newer token by now.
   */
  async mayRenew(held: HeldToken, url: string, resent: boolean, signal: AbortSignal | undefined): Promise<boolean> {
    const verdict = this.evidence.judge(held, url, resent);
    if (verdict === 'wait') await this.#checkStore(signal);
    return verdict === 'renew' || this.isReplaced(held);
  }

  /** Whether another token is held by now, or on its way: to send that costs no further token request. */
  isReplaced({ token }: HeldToken): boolean {
    const held = this.peek();
    return held === undefined ? this.#pending !== undefined : held.token.value !== token.value;
  }

  /** During a renewal cooldown, once per STORE_RECHECK_MS: another process may have a newer token. */
  async #checkStore(signal: AbortSignal | undefined): Promise<void> {
    const now = this.#source.clock.monotonic();
    if (!this.#storeCheck) {
      if (!this.#acquirer.hasStore || now < this.#nextStoreCheckAt) return;
      this.#nextStoreCheckAt = now + STORE_RECHECK_MS;
      this.#storeCheck = this.#adoptNewer(now).finally(() => {
        this.#storeCheck = undefined;
      });
    }
    await untilAborted(this.#storeCheck, signal);
  }

  async #adoptNewer(now: number): Promise<void> {
    const times = { startedAt: now, requestedAt: now };
    const need = { reason: 'rejected' as const, number: this.#requests, ...times, hasWaiters: true, secret: undefined };
    const before = this.#held;
    const found = await this.#acquirer.find(need).catch(() => undefined);
    // Whatever was held meanwhile is newer.
    if (found && this.#held === before) this.#hold(found, need, undefined);
  }

  /** A token by request: the pending one, or a new one. */
  #request(
    reason: TokenRequestReason,
    signal: AbortSignal | undefined,
    renewal: Renewal = this.evidence.noRenewal(),
  ): Promise<HeldToken> {
    if (this.#pending || !this.#requestCooldown.active) return this.#wait(reason, signal, renewal);
    const passed = untilAborted(this.#passCooldown(), signal);
    // Another caller may have been faster meanwhile.
    return passed.then(() => this.peek() ?? this.#wait(reason, signal, renewal));
  }

  #wait(reason: TokenRequestReason, signal: AbortSignal | undefined, renewal: Renewal): Promise<HeldToken> {
    const pending = this.#join(reason, renewal);
    const token = pending.wait(signal);
    if (pending.reason !== 'ahead') return token;
    return token.catch((error) => {
      // A background refresh is tried once, as nobody waits for it. A caller who has joined it gets the usual attempts.
      const joinedBackground = isOpenBankingAuthError(error) && error.isTransient;
      if (joinedBackground && !signal?.aborted) return this.#request(reason, signal, renewal);
      throw error;
    });
  }

  /** @throws the error of the request cooldown; once per STORE_RECHECK_MS one caller may check the store instead. */
  async #passCooldown(): Promise<void> {
    const { settings, clock } = this.#source;
    const mayCheckStore = this.#acquirer.hasStore && clock.monotonic() >= this.#nextStoreCheckAt;
    const isOver = await this.#requestCooldown.pass(settings, mayCheckStore);
    if (!isOver) this.#nextStoreCheckAt = clock.monotonic() + STORE_RECHECK_MS;
  }

  /** Joins the pending request, or starts one. The slot is taken before anything is awaited. */
  #join(reason: TokenRequestReason, renewal: Renewal): PendingRequest {
    if (this.#pending) return this.#pending;
    const pending = new PendingRequest(
      { reason, number: ++this.#requests, renewal },
      this.#source.clock.monotonic(),
      (request) => this.#run(request),
    );
    const done = () => {
      this.#pending = undefined;
    };
    // Also keeps a failure that nobody waits for any more from being an unhandled rejection.
    pending.token.then(done, done);
    this.#pending = pending;
    return pending;
  }

  async #run(pending: PendingRequest): Promise<HeldToken> {
    const previous = this.#held;
    // During a cooldown only the store is checked, and nothing is requested.
    const cooldown = this.#acquirer.hasStore ? this.#requestCooldown.error() : undefined;
    try {
      const acquired = cooldown ? await this.#acquirer.find(pending) : await this.#acquirer.acquire(pending);
      if (!acquired) throw cooldown;
      return this.#hold(acquired, pending, previous);
    } catch (thrown) {
      if (thrown instanceof RejectedElsewhere) throw this.#adoptRejection(thrown, pending);
      throw cooldown ?? this.#fail(asOwnError(thrown), pending);
    }
  }

  #hold(
    acquired: Acquired,
    pending: Pick<PendingRequest, 'reason' | 'startedAt' | 'requestedAt'>,
    previous: HeldToken | undefined,
  ): HeldToken {
    const { held } = acquired;
    const now = this.#source.clock.monotonic();
    this.#held = held;
    this.evidence.hold(held);
    this.#requestCooldown.end();
    this.#nextRefreshAt = 0;
    // The same token again, or one about to expire: it is used, and not requested again at once.
    if (held.token.value === previous?.token.value || !isFresh(held, this.#source.clock)) {
      this.#nextRefreshAt = this.#useHeldUntil = now + SAME_TOKEN_RETRY_MS;
    }
    this.#events.held(acquired, pending, now);
    return held;
  }

  #fail(error: OpenBankingAuthError, pending: PendingRequest): OpenBankingAuthError {
    // A background refresh has its own interval after a transient failure; its callers still have a token.
    const ownInterval = pending.reason === 'ahead' && error.isTransient;
    const retryAt = ownInterval ? undefined : this.#requestCooldown.begin(error, pending.secret);
    this.#events.failed(error, pending, retryAt === undefined ? {} : { retryAt }, this.#source.clock.monotonic());
    return error;
  }

  /** Another process was rejected, and that holds for this one too. */
  #adoptRejection({ rejection }: RejectedElsewhere, pending: PendingRequest): OpenBankingAuthError {
    const { reason, until: retryAt } = rejection;
    this.#requestCooldown.adopt(rejection, pending.secret);
    this.#events.failed(reason, pending, { retryAt, shared: true }, this.#source.clock.monotonic());
    return this.#requestCooldown.error() ?? reason;
  }
}
