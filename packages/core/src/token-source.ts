import { type AccessToken, type HeldToken, holdToken, isDue, isExpired, isFresh } from './access-token.js';
import { attemptToken, budgetOf } from './attempts.js';
import { readSecret } from './client-secret.js';
import { type Clock, inBackground, systemClock } from './clock.js';
import { type OpenBankingAuthConfig, parseConfig } from './config.js';
import { isOpenBankingAuthError, OpenBankingAuthError } from './errors.js';
import type { TokenRequestReason } from './events.js';
import { attachExchange, createExchange, type TokenKeeper } from './exchange.js';
import { REFRESH_RETRY_MS, SAME_TOKEN_RETRY_MS, SECRET_CHECK_MS, STORE_LOOK_MS } from './policy.js';
import { RenewalPause } from './renewal-pause.js';
import { type RequestAuthOptions, scopeReader } from './request-options.js';
import { RequestPause } from './request-pause.js';
import { sealer } from './sealing.js';
import { type Fleet, SharedToken } from './shared-token.js';
import { StoreCircuit } from './store-circuit.js';
import { untilAborted } from './time-limit.js';
import { isPassing } from './token-failure.js';

/**
 * Gets, keeps and renews access tokens. One source may serve any number of clients: they share one token per scope and
 * PSU context, and one token request at a time for each.
 */
export interface TokenSource {
  /**
   * A token that may be sent now: the one held, or a new one. Callers at the same time share one token request;
   * `signal` ends this caller's wait alone, with the signal's own reason.
   *
   * @throws OpenBankingAuthError when a token was needed and the token request failed.
   */
  get(options?: RequestAuthOptions & { readonly signal?: AbortSignal | undefined }): Promise<AccessToken>;
  /** The token held, if it may be sent now. Synchronous, no request is made. */
  peek(options?: RequestAuthOptions): AccessToken | undefined;
  /**
   * A token in place of one that the API refused. It compares: if another token than `rejected` is held by now, that one
   * is returned and nothing is requested; else `rejected` is dropped and a new one requested, once for all callers.
   * Resolves to `undefined` if the server hands out the very token that was refused: sending it again is no use.
   *
   * @throws OpenBankingAuthError when the token request failed.
   */
  renew(
    rejected: AccessToken | string,
    options?: RequestAuthOptions & { readonly signal?: AbortSignal | undefined },
  ): Promise<AccessToken | undefined>;
  /**
   * Forgets all tokens of this source. A token request under way is left to those who wait for it; its token is not kept.
   * A `store` keeps what it has: it belongs to all who share it. To have a token replaced there too, `renew` it.
   */
  clear(): void;
}

/** What is known for one whole scope. */
interface Slot {
  held: HeldToken | undefined;
  flight: Flight | undefined;
  /** Until then, on the monotonic clock, no background refresh is started ... */
  nextRefresh: number;
  /** ... and until then none that callers wait for either, unless the token has truly run out. */
  contentUntil: number;
  readonly pause: RequestPause;
  readonly renewals: RenewalPause;
  /** From then on, on the monotonic clock, the store may be asked in a pause. */
  nextLook: number;
  /** Undefined where there is no store. */
  readonly shared: SharedToken | undefined;
}

/** A token request under way. */
interface Flight {
  readonly token: Promise<HeldToken>;
  readonly reason: TokenRequestReason;
  waiting: number;
}

/** What tests put in place of the machine's. */
interface Runtime {
  readonly clock?: Clock;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/**
 * Makes a token source. Nothing is requested before the first token is asked for.
 *
 * @param runtime For tests: time and chance.
 * @throws OpenBankingAuthError `invalid_config`, naming the option, when the configuration is incomplete or wrong.
 *
 * @example
 * ```ts
 * const tokens = createTokenSource({
 *   environment: 'sandbox',
 *   clientId: process.env.OPEN_BANKING_CLIENT_ID,
 *   clientSecret: process.env.OPEN_BANKING_CLIENT_SECRET,
 *   scope: 'accountinformation private',
 * });
 * const { value } = await tokens.get();
 * ```
 */
export function createTokenSource(config: OpenBankingAuthConfig, runtime: Runtime = {}): TokenSource {
  const settings = parseConfig(config);
  const { clock = systemClock, random = Math.random } = runtime;
  const slots = new Map<string, Slot>();
  const { store } = settings;
  const fleet: Fleet | undefined = store && {
    settings,
    circuit: new StoreCircuit(store, clock, settings.emit),
    sealFor: sealer(settings),
  };

  function slotOf(scope: string): Slot {
    let slot = slots.get(scope);
    if (!slot) {
      const pauses = { pause: new RequestPause(clock), renewals: new RenewalPause(clock) };
      const shared = fleet && new SharedToken(fleet, scope);
      slot = { held: undefined, flight: undefined, nextRefresh: 0, contentUntil: 0, nextLook: 0, ...pauses, shared };
      slots.set(scope, slot);
    }
    return slot;
  }

  function usable({ held, contentUntil }: Slot): HeldToken | undefined {
    if (!held) return undefined;
    if (isFresh(held, clock)) return held;
    return clock.monotonic() < contentUntil && !isExpired(held, clock) ? held : undefined;
  }

  /** The token that may be sent now; the first use after it has become due starts the background refresh. */
  function use(scope: string, slot: Slot): HeldToken | undefined {
    const held = usable(slot);
    if (held && settings.refreshAhead && !slot.flight && isDue(held, clock) && clock.monotonic() >= slot.nextRefresh) {
      slot.nextRefresh = clock.monotonic() + REFRESH_RETRY_MS;
      if (!slot.pause.active) join(scope, slot, 'ahead');
    }
    return held;
  }

  /** Joins the token request under way, or starts one. The slot is taken before anything is awaited. */
  function join(scope: string, slot: Slot, reason: TokenRequestReason): Flight {
    if (slot.flight) return slot.flight;
    const flight: Flight = {
      reason,
      waiting: 0,
      // A turn later, when the slot is taken: a listener may ask for a token when it hears that one is requested.
      token: Promise.resolve().then(() => fly(scope, slot, reason, () => flight.waiting > 0)),
    };
    const landed = () => {
      slot.flight = undefined;
    };
    // Also keeps a failure that nobody waits for any more from being an unhandled rejection.
    flight.token.then(landed, landed);
    slot.flight = flight;
    return flight;
  }

  async function fly(scope: string, slot: Slot, reason: TokenRequestReason, wanted: () => boolean): Promise<HeldToken> {
    const { shared } = slot;
    const started = clock.monotonic();
    let requested = started;
    const previous = slot.held;
    const paused = shared && slot.pause.error();
    const timing = reason === 'ahead' ? inBackground(clock) : clock;
    let secret: string | undefined;
    const announce = () => {
      requested = clock.monotonic();
      settings.emit({ type: 'token.requested', scope, reason });
    };
    if (!shared) announce();
    try {
      secret = await readSecret(settings, timing, paused ? SECRET_CHECK_MS : budgetOf(settings));
      const errand = { settings, secret, scope, clock: timing, random, started, wanted };
      const request = () => {
        if (shared) announce();
        return attemptToken(errand);
      };
      const { grant, adopted } = shared
        ? await shared.obtain({ ...errand, paused, request })
        : { grant: await request(), adopted: false };
      const since = adopted ? started : grant.startedMonotonic;
      const held = await holdToken(grant, clock.monotonic() - since, random);
      if (isExpired(held, clock)) throw lateToken();
      slot.held = held;
      slot.pause.end();
      slot.nextRefresh = 0;
      if (held.token.value === previous?.token.value || !isFresh(held, clock)) {
        slot.nextRefresh = slot.contentUntil = clock.monotonic() + SAME_TOKEN_RETRY_MS;
      }
      const { fingerprint: token, monotonicDeadline } = held;
      const now = clock.monotonic();
      settings.emit(
        adopted
          ? {
              type: 'token.adopted',
              scope,
              reason,
              token,
              remainingMs: monotonicDeadline - now,
              durationMs: now - started,
            }
          : { type: 'token.received', scope, reason, token, lifetimeMs: grant.lifetimeMs, durationMs: now - requested },
      );
      return held;
    } catch (thrown) {
      // It was only a look into the store; nothing was requested.
      if (paused) throw paused;
      const error = asOwnError(thrown);
      const { code, message, status, oauthError } = error;
      // A background refresh that fails for a passing reason has its own interval; its callers still have a token.
      const retryAt = reason === 'ahead' && isPassing(error) ? undefined : slot.pause.begin(error, secret);
      settings.emit({
        type: 'token.failed',
        scope,
        reason,
        code,
        message,
        ...(status === undefined ? {} : { status }),
        ...(oauthError === undefined ? {} : { oauthError }),
        ...(retryAt === undefined ? {} : { retryAt }),
        durationMs: clock.monotonic() - requested,
      });
      throw error;
    }
  }

  /** Waits for a flight, as one of those that it is repeated for. */
  async function land(flight: Flight, signal: AbortSignal | undefined): Promise<HeldToken> {
    flight.waiting++;
    try {
      return await untilAborted(flight.token, signal);
    } finally {
      flight.waiting--;
    }
  }

  /**
   * Lets nobody through in a pause, but for those who have a better secret than the one that was refused; and now and then
   * somebody who looks into the store.
   */
  async function passPause(slot: Slot): Promise<void> {
    const { pause } = slot;
    let mayLook = slot.shared !== undefined && clock.monotonic() >= slot.nextLook;
    if (pause.dependsOnSecret && typeof settings.clientSecret === 'function') {
      const secret = await readSecret(settings, clock, SECRET_CHECK_MS).catch(() => undefined);
      pause.offer(secret);
      mayLook &&= secret !== undefined;
    }
    const error = pause.error();
    if (!error) return;
    if (!mayLook) throw error;
    slot.nextLook = clock.monotonic() + STORE_LOOK_MS;
  }

  /** A token by request: the one under way, or a new one. */
  async function request(
    scope: string,
    slot: Slot,
    reason: TokenRequestReason,
    signal: AbortSignal | undefined,
  ): Promise<HeldToken> {
    if (!slot.flight && slot.pause.active) {
      await untilAborted(passPause(slot), signal);
      // Somebody else may have been quicker meanwhile.
      const held = usable(slot);
      if (held) return held;
    }
    const flight = join(scope, slot, reason);
    try {
      return await land(flight, signal);
    } catch (error) {
      // A background refresh is tried once, since nobody waits for it. Whoever came to wait is worth the usual attempts.
      const again = flight.reason === 'ahead' && isOpenBankingAuthError(error) && isPassing(error) && !signal?.aborted;
      if (again) return request(scope, slot, reason, signal);
      throw error;
    }
  }

  function didNotHelp(scope: string, { renewals }: Slot, refused: string): void {
    const pauseMs = renewals.didNotHelp(refused);
    if (pauseMs === undefined) return;
    settings.emit({ type: 'token.renewal_paused', scope, pauseMs, unhelpful: renewals.unhelpful });
  }

  const keeper: TokenKeeper = {
    use: (scope) => use(scope, slotOf(scope)),

    async obtain(scope, signal) {
      signal?.throwIfAborted();
      const slot = slotOf(scope);
      const held = use(scope, slot);
      if (held) return held;
      const old = slot.held;
      try {
        return await request(scope, slot, old ? 'expiring' : 'missing', signal);
      } catch (error) {
        const passing =
          isOpenBankingAuthError(error) && (isPassing(error) || (slot.pause.active && slot.pause.passing));
        if (passing && old && slot.held === old && !isExpired(old, clock)) return old;
        throw error;
      }
    },

    async renew(scope, rejected, signal) {
      signal?.throwIfAborted();
      const slot = slotOf(scope);
      const held = usable(slot);
      if (held && held.token.value !== rejected) return held;
      if (slot.held?.token.value === rejected) slot.held = undefined;
      slot.shared?.refuse(rejected);
      const renewed = await request(scope, slot, 'rejected', signal);
      if (renewed.token.value !== rejected) return renewed;
      didNotHelp(scope, slot, rejected);
      return undefined;
    },

    mayRenew(scope, refused) {
      const slot = slotOf(scope);
      const { value } = refused.token;
      // Another one is held by now: to send that costs no token.
      return (slot.held !== undefined && slot.held.token.value !== value) || slot.renewals.allows(value);
    },

    accepted: (scope, token) => slots.get(scope)?.renewals.accepts(token.token.value),
    renewalHelped: (scope) => slots.get(scope)?.renewals.helped(),

    renewalDidNotHelp: (scope, token) => didNotHelp(scope, slotOf(scope), token.token.value),
  };

  const readScope = scopeReader(settings);
  const source: TokenSource = {
    async get(options) {
      return (await keeper.obtain(readScope(options), options?.signal)).token;
    },
    peek(options) {
      const slot = slots.get(readScope(options));
      return slot && usable(slot)?.token;
    },
    async renew(rejected, options) {
      const value = typeof rejected === 'string' ? rejected : rejected.value;
      return (await keeper.renew(readScope(options), value, options?.signal))?.token;
    },
    clear: () => slots.clear(),
  };
  attachExchange(source, createExchange(settings, keeper, readScope, clock));
  return Object.freeze(source);
}

function lateToken(): OpenBankingAuthError {
  return new OpenBankingAuthError({
    code: 'token_response_invalid',
    problem: 'The token had run out before its answer was complete',
    hint: 'Check the lifetime of the tokens, and what slows the answers of the token endpoint',
  });
}

/** A token request throws errors of ours alone; if it ever did not, its text could hold anything. */
function asOwnError(thrown: unknown): OpenBankingAuthError {
  if (isOpenBankingAuthError(thrown)) return thrown;
  return new OpenBankingAuthError({
    code: 'token_request_failed',
    problem: 'The token request failed in a way that is not expected',
    hint: 'Please report this, with your configuration but without your secret',
  });
}
