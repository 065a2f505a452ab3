import { type HeldToken, isDue, isExpired, isFresh } from '../access-token.js';
import { isOpenBankingAuthError, OpenBankingAuthError } from '../errors.js';
import type { TokenRequestReason } from '../events.js';
import { getSecret } from '../grant/client-secret.js';
import { REFRESH_RETRY_MS, SAME_TOKEN_RETRY_MS, SECRET_CHECK_MS, STORE_RECHECK_MS } from '../policy.js';
import { untilAborted } from '../web/time-limit.js';
import { type Acquired, type SourceContext, TokenAcquirer } from './acquire.js';
import { PendingRequest } from './pending-request.js';
import { RenewalCooldown } from './renewal-cooldown.js';
import { RequestCooldown } from './request-cooldown.js';

/**
 * The token of one scope, and everything known about it: the state diagram of ARCHITECTURE.md. It decides when a token is
 * requested; how that is done is {@link TokenAcquirer}'s. There are no timers: a change of state is noticed by the next call.
 */
export class ScopedToken {
  readonly #source: SourceContext;
  readonly #scope: string;
  readonly #acquirer: TokenAcquirer;
  readonly #requestCooldown: RequestCooldown;
  readonly #renewalCooldown: RenewalCooldown;
  #held: HeldToken | undefined;
  #pending: PendingRequest | undefined;
  /** Earliest next background refresh (monotonic). */
  #nextRefreshAt = 0;
  /** Until then the held token is used although it is due, unless it has expired (monotonic). */
  #useHeldUntil = 0;
  /** Earliest next check of the store during a cooldown (monotonic). */
  #nextStoreCheckAt = 0;

  constructor(source: SourceContext, scope: string) {
    this.#source = source;
    this.#scope = scope;
    this.#acquirer = new TokenAcquirer(source, scope);
    this.#requestCooldown = new RequestCooldown(source.clock);
    this.#renewalCooldown = new RenewalCooldown(source.clock);
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
    const held = this.peek();
    if (held && settings.refreshAhead && !this.#pending && isDue(held, clock)) {
      const now = clock.monotonic();
      if (now >= this.#nextRefreshAt) {
        this.#nextRefreshAt = now + REFRESH_RETRY_MS;
        if (!this.#requestCooldown.active) this.#join('ahead');
      }
    }
    return held;
  }

  /** The current token, or a new one. */
  async get(signal: AbortSignal | undefined): Promise<HeldToken> {
    signal?.throwIfAborted();
    const current = this.current();
    if (current) return current;
    const old = this.#held;
    try {
      return await this.#request(old ? 'expiring' : 'missing', signal);
    } catch (error) {
      // A cooldown that began with a transient failure counts as one too.
      const isTransient =
        isOpenBankingAuthError(error) &&
        (error.isTransient || (this.#requestCooldown.active && this.#requestCooldown.isTransient));
      if (isTransient && old && this.#held === old && !isExpired(old, this.#source.clock)) return old;
      throw error;
    }
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
    const renewed = await this.#request('rejected', signal);
    if (renewed.token.value !== unauthorized) return renewed;
    this.#didNotHelp(unauthorized);
    return undefined;
  }

  /** Whether a 401 for this token may lead to a renewal. */
  mayRenew({ token: { value } }: HeldToken): boolean {
    // If another one is held by now, sending that costs no token request.
    return (this.#held !== undefined && this.#held.token.value !== value) || this.#renewalCooldown.allows(value);
  }

  /** The API accepted a request with this token. */
  accepted({ token }: HeldToken): void {
    this.#renewalCooldown.accepts(token.value);
  }

  renewalHelped(): void {
    this.#renewalCooldown.helped();
  }

  renewalDidNotHelp({ token }: HeldToken): void {
    this.#didNotHelp(token.value);
  }

  #didNotHelp(unauthorized: string): void {
    const pauseMs = this.#renewalCooldown.didNotHelp(unauthorized);
    if (pauseMs === undefined) return;
    const { unhelpful } = this.#renewalCooldown;
    this.#source.settings.emit({ type: 'token.renewal_paused', scope: this.#scope, pauseMs, unhelpful });
  }

  /** A token by request: the pending one, or a new one. */
  async #request(reason: TokenRequestReason, signal: AbortSignal | undefined): Promise<HeldToken> {
    if (!this.#pending && this.#requestCooldown.active) {
      await untilAborted(this.#passCooldown(), signal);
      // Another caller may have been faster meanwhile.
      const held = this.peek();
      if (held) return held;
    }
    const pending = this.#join(reason);
    try {
      return await pending.wait(signal);
    } catch (error) {
      // A background refresh is tried once, as nobody waits for it. A caller who has joined it gets the usual attempts.
      const joinedBackground = pending.reason === 'ahead' && isOpenBankingAuthError(error) && error.isTransient;
      if (joinedBackground && !signal?.aborted) return this.#request(reason, signal);
      throw error;
    }
  }

  /**
   * During a cooldown, throws its error, unless the secret has changed; once per STORE_RECHECK_MS one caller may check the
   * store instead.
   */
  async #passCooldown(): Promise<void> {
    const { settings, clock } = this.#source;
    const cooldown = this.#requestCooldown;
    let mayCheckStore = this.#acquirer.hasStore && clock.monotonic() >= this.#nextStoreCheckAt;
    if (cooldown.dependsOnSecret && typeof settings.clientSecret === 'function') {
      const secret = await getSecret(settings, clock, SECRET_CHECK_MS).catch(() => undefined);
      cooldown.offer(secret);
      mayCheckStore &&= secret !== undefined;
    }
    const error = cooldown.error();
    if (!error) return;
    if (!mayCheckStore) throw error;
    this.#nextStoreCheckAt = clock.monotonic() + STORE_RECHECK_MS;
  }

  /** Joins the pending request, or starts one. The slot is taken before anything is awaited. */
  #join(reason: TokenRequestReason): PendingRequest {
    if (this.#pending) return this.#pending;
    const pending = new PendingRequest(reason, this.#source.clock.monotonic(), (request) => this.#run(request));
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
      throw cooldown ?? this.#fail(asOwnError(thrown), pending);
    }
  }

  #hold(acquired: Acquired, pending: PendingRequest, previous: HeldToken | undefined): HeldToken {
    const { settings, clock } = this.#source;
    const { held, adopted, lifetimeMs } = acquired;
    const now = clock.monotonic();
    this.#held = held;
    this.#requestCooldown.end();
    this.#nextRefreshAt = 0;
    // The same token again, or one about to expire: it is used, and not requested again at once.
    if (held.token.value === previous?.token.value || !isFresh(held, clock)) {
      this.#nextRefreshAt = this.#useHeldUntil = now + SAME_TOKEN_RETRY_MS;
    }
    const about = { scope: this.#scope, reason: pending.reason, token: held.fingerprint };
    settings.emit(
      adopted
        ? {
            type: 'token.adopted',
            ...about,
            remainingMs: held.monotonicDeadline - now,
            durationMs: now - pending.startedAt,
          }
        : { type: 'token.received', ...about, lifetimeMs, durationMs: now - pending.requestedAt },
    );
    return held;
  }

  #fail(error: OpenBankingAuthError, pending: PendingRequest): OpenBankingAuthError {
    const { settings, clock } = this.#source;
    const { code, message, status, oauthError } = error;
    // A background refresh has its own interval after a transient failure; its callers still have a token.
    const ownInterval = pending.reason === 'ahead' && error.isTransient;
    const retryAt = ownInterval ? undefined : this.#requestCooldown.begin(error, pending.secret);
    settings.emit({
      type: 'token.failed',
      scope: this.#scope,
      reason: pending.reason,
      code,
      message,
      ...(status === undefined ? {} : { status }),
      ...(oauthError === undefined ? {} : { oauthError }),
      ...(retryAt === undefined ? {} : { retryAt }),
      durationMs: clock.monotonic() - pending.requestedAt,
    });
    return error;
  }
}

/** Token requests throw only OpenBankingAuthError. Anything else may quote secrets, so its text is dropped. */
function asOwnError(thrown: unknown): OpenBankingAuthError {
  if (isOpenBankingAuthError(thrown)) return thrown;
  return new OpenBankingAuthError({
    code: 'token_request_failed',
    problem: 'The token request failed in an unexpected way',
    hint: 'Please report this, with your configuration but without your secret',
  });
}
