import { type HeldToken, holdToken, isExpired } from '../access-token.js';
import { type Clock, inBackground } from '../clock.js';
import type { Settings } from '../config/settings.js';
import { OpenBankingAuthError } from '../errors.js';
import { getSecret } from '../grant/client-secret.js';
import type { TokenRequestContext } from '../grant/context.js';
import { requestWithRetries } from '../grant/retry.js';
import { SECRET_CHECK_MS } from '../policy.js';
import { type SharedGrant, type SharedStore, SharedToken } from '../store/shared-token.js';
import type { PendingRequest } from './pending-request.js';

/** What the tokens of one source have in common. */
export interface SourceContext {
  readonly settings: Settings;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Undefined without a store. */
  readonly store: SharedStore | undefined;
}

export interface Acquired {
  readonly held: HeldToken;
  /** Whether another process had requested it. */
  readonly adopted: boolean;
  readonly lifetimeMs: number;
}

/** How the token of one scope is obtained: the secret, then the store or a grant, then a held token. */
export class TokenAcquirer {
  readonly #source: SourceContext;
  readonly #scope: string;
  readonly #shared: SharedToken | undefined;

  constructor(source: SourceContext, scope: string) {
    this.#source = source;
    this.#scope = scope;
    this.#shared = source.store && new SharedToken(source.store);
  }

  get hasStore(): boolean {
    return this.#shared !== undefined;
  }

  /** The API answered this token with a 401: the store's copy of it is of no use either. */
  unauthorized(value: string): void {
    this.#shared?.unauthorized(value);
  }

  async acquire(pending: PendingRequest): Promise<Acquired> {
    const { settings } = this.#source;
    // Without a store the need of a token is a request; with one it may not come to that.
    if (!this.#shared) this.#announce(pending);
    const context = await this.#contextOf(pending, settings.budgetMs);
    if (!this.#shared) return this.#hold({ grant: await requestWithRetries(context), adopted: false }, pending);
    const request = () => {
      this.#announce(pending);
      return requestWithRetries(context);
    };
    return this.#hold(await this.#shared.get(context, request), pending);
  }

  /** Another process's token from the store, without a token request. */
  async find(pending: PendingRequest): Promise<Acquired | undefined> {
    const context = await this.#contextOf(pending, SECRET_CHECK_MS);
    const found = await this.#shared?.find(context);
    return found && this.#hold(found, pending);
  }

  #announce(pending: PendingRequest): void {
    const { settings, clock } = this.#source;
    pending.requestedAt = clock.monotonic();
    settings.emit({ type: 'token.requested', scope: this.#scope, reason: pending.reason });
  }

  async #contextOf(pending: PendingRequest, secretLimitMs: number): Promise<TokenRequestContext> {
    const { settings, random, clock: foreground } = this.#source;
    // Nobody waits for a background refresh, so it must not keep the process alive.
    const clock = pending.reason === 'ahead' ? inBackground(foreground) : foreground;
    const secret = await getSecret(settings, clock, secretLimitMs);
    pending.secret = secret;
    const hasWaiters = () => pending.hasWaiters;
    return { settings, scope: this.#scope, secret, clock, random, startedAt: pending.startedAt, hasWaiters };
  }

  async #hold({ grant, adopted }: SharedGrant, pending: PendingRequest): Promise<Acquired> {
    const { clock, random } = this.#source;
    const tookMs = clock.monotonic() - (adopted ? pending.startedAt : grant.startedMonotonic);
    const held = await holdToken(grant, tookMs, random);
    if (isExpired(held, clock)) throw expiredOnArrival();
    return { held, adopted, lifetimeMs: grant.lifetimeMs };
  }
}

function expiredOnArrival(): OpenBankingAuthError {
  return new OpenBankingAuthError({
    code: 'token_response_invalid',
    problem: 'The token had expired before its response was complete',
    hint: 'Check the lifetime of the tokens, and what slows the responses of the token endpoint',
  });
}
