import { type AccessToken, type HeldToken, holdToken, isExpired, isFresh } from './access-token.js';
import { type Clock, systemClock } from './clock.js';
import { type OpenBankingAuthConfig, parseConfig } from './config.js';
import { isOpenBankingAuthError, OpenBankingAuthError } from './errors.js';
import type { TokenRequestReason } from './events.js';
import { attachExchange, createExchange, type TokenKeeper } from './exchange.js';
import { type RequestAuthOptions, scopeReader } from './request-options.js';
import { untilAborted } from './time-limit.js';
import { requestToken } from './token-request.js';

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
  /** Forgets all tokens. A token request under way is left to those who wait for it; its token is not kept. */
  clear(): void;
}

/** What is known for one whole scope. */
interface Slot {
  held: HeldToken | undefined;
  flight: Promise<HeldToken> | undefined;
}

/**
 * Makes a token source. Nothing is requested before the first token is asked for.
 *
 * @param runtime For tests: time.
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
export function createTokenSource(
  config: OpenBankingAuthConfig,
  runtime: { readonly clock?: Clock } = {},
): TokenSource {
  const settings = parseConfig(config);
  const clock = runtime.clock ?? systemClock;
  const slots = new Map<string, Slot>();

  function slotOf(scope: string): Slot {
    let slot = slots.get(scope);
    if (!slot) {
      slot = { held: undefined, flight: undefined };
      slots.set(scope, slot);
    }
    return slot;
  }

  /** Joins the token request under way, or starts one. The slot is taken before anything is awaited. */
  function join(scope: string, slot: Slot, reason: TokenRequestReason): Promise<HeldToken> {
    if (slot.flight) return slot.flight;
    const flight = fly(scope, reason).then((held) => {
      slot.held = held;
      return held;
    });
    const landed = () => {
      slot.flight = undefined;
    };
    // Also keeps a failure that nobody waits for any more from being an unhandled rejection.
    flight.then(landed, landed);
    slot.flight = flight;
    return flight;
  }

  async function fly(scope: string, reason: TokenRequestReason): Promise<HeldToken> {
    const started = clock.monotonic();
    settings.emit({ type: 'token.requested', scope, reason });
    try {
      const grant = await requestToken(settings, scope, clock);
      const held = await holdToken(grant);
      settings.emit({
        type: 'token.received',
        scope,
        token: held.fingerprint,
        lifetimeMs: grant.lifetimeMs,
        durationMs: clock.monotonic() - started,
      });
      return held;
    } catch (thrown) {
      const error = asOwnError(thrown);
      const { code, message, status, oauthError } = error;
      settings.emit({
        type: 'token.failed',
        scope,
        code,
        message,
        ...(status === undefined ? {} : { status }),
        ...(oauthError === undefined ? {} : { oauthError }),
        durationMs: clock.monotonic() - started,
      });
      throw error;
    }
  }

  const keeper: TokenKeeper = {
    peek(scope) {
      const held = slots.get(scope)?.held;
      return held && isFresh(held, clock) ? held : undefined;
    },

    async obtain(scope, signal) {
      signal?.throwIfAborted();
      const slot = slotOf(scope);
      const { held } = slot;
      if (held && isFresh(held, clock)) return held;
      try {
        return await untilAborted(join(scope, slot, held ? 'expiring' : 'missing'), signal);
      } catch (error) {
        if (held && slot.held === held && !isExpired(held, clock) && isPassing(error)) return held;
        throw error;
      }
    },

    async renew(scope, rejected, signal) {
      signal?.throwIfAborted();
      const slot = slotOf(scope);
      if (slot.held && slot.held.token.value !== rejected && isFresh(slot.held, clock)) return slot.held;
      if (slot.held?.token.value === rejected) slot.held = undefined;
      const held = await untilAborted(join(scope, slot, 'rejected'), signal);
      return held.token.value === rejected ? undefined : held;
    },
  };

  const readScope = scopeReader(settings);
  const source: TokenSource = {
    async get(options) {
      return (await keeper.obtain(readScope(options), options?.signal)).token;
    },
    peek: (options) => keeper.peek(readScope(options))?.token,
    async renew(rejected, options) {
      const value = typeof rejected === 'string' ? rejected : rejected.value;
      return (await keeper.renew(readScope(options), value, options?.signal))?.token;
    },
    clear: () => slots.clear(),
  };
  attachExchange(source, createExchange(settings, keeper, readScope, clock));
  return Object.freeze(source);
}

/** Whether the same request may well succeed in a moment. */
function isPassing(error: unknown): boolean {
  return (
    isOpenBankingAuthError(error) && (error.code === 'token_request_failed' || error.code === 'token_request_timeout')
  );
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
