import { type Grant, type HeldToken, holdToken, isExpired } from '../access-token.js';
import { type Clock, inBackground } from '../clock.js';
import type { Settings } from '../config/settings.js';
import { OpenBankingAuthError } from '../errors.js';
import type { TokenRequestContext } from '../grant/context.js';
import { loadTokenRequest } from '../grant/load.js';
import { SECRET_CHECK_MS } from '../policy.js';
import type { SharedGrant, SharedToken } from '../store/shared-token.js';
import type { PendingRequest } from './pending-request.js';
import type { RequestCooldown } from './request-cooldown.js';

/** What the tokens of one source have in common. */
export interface SourceContext {
  readonly settings: Settings;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Makes the shared token of one scope; undefined without a store. */
  readonly share: (() => Promise<SharedToken>) | undefined;
}

export interface Acquired {
  readonly held: HeldToken;
  readonly lifetimeMs: number;
}

/** Why and since when a token is needed. */
export type TokenNeed = Pick<PendingRequest, 'reason' | 'number' | 'startedAt' | 'hasWaiters' | 'secret'>;

/** How the token of one scope is obtained: the secret, then the store or a grant, then a held token. */
export class TokenAcquirer {
  readonly #source: SourceContext;
  readonly #scope: string;
  readonly #cooldown: RequestCooldown;
  #sharing: Promise<SharedToken> | undefined;

  constructor(source: SourceContext, scope: string, cooldown: RequestCooldown) {
    this.#source = source;
    this.#scope = scope;
    this.#cooldown = cooldown;
  }

  get hasStore(): boolean {
    return this.#source.share !== undefined;
  }

  /** The API answered this token with a 401: the store's copy of it is of no use either. */
  unauthorized(value: string): void {
    // Before any later use of the store, which waits for the same promise.
    this.#shared?.then((shared) => shared.unauthorized(value)).catch(() => {});
  }

  /** The API has accepted this token. */
  accepted(value: string): void {
    // The store's failure is an event; nobody waits for this.
    this.#shared?.then((shared) => shared.accepted(value)).catch(() => {});
  }

  get #shared(): Promise<SharedToken> | undefined {
    this.#sharing ??= this.#source.share?.();
    return this.#sharing;
  }

  async acquire(pending: PendingRequest): Promise<Acquired> {
    const { settings } = this.#source;
    // Without a store the need of a token is a request; with one it may not come to that.
    if (!this.hasStore) this.#announce(pending);
    const context = await this.#contextOf(pending, settings.budgetMs);
    const { renewal } = pending;
    const shared = await this.#shared;
    if (!shared) {
      return this.#hold({ grant: await send(context), adopted: false, renewal }, pending);
    }
    const granted = await shared.get(context, {
      renewal,
      send: () => {
        this.#announce(pending);
        return send(context);
      },
      rejection: (reason) => this.#cooldown.after(reason),
    });
    return this.#hold(granted, pending);
  }

  /** Another process's token from the store, without a token request. */
  async find(need: TokenNeed): Promise<Acquired | undefined> {
    const context = await this.#contextOf(need, SECRET_CHECK_MS);
    const found = await (await this.#shared)?.find(context);
    return found && this.#hold(found, need);
  }

  #announce(pending: PendingRequest): void {
    const { settings, clock } = this.#source;
    pending.requestedAt = clock.monotonic();
    settings.emit({ type: 'token.requested', scope: this.#scope, reason: pending.reason });
  }

  async #contextOf(need: TokenNeed, secretLimitMs: number): Promise<TokenRequestContext> {
    const { settings, random, clock: foreground } = this.#source;
    // Nobody waits for a background refresh, so it must not keep the process alive.
    const clock = need.reason === 'ahead' ? inBackground(foreground) : foreground;
    const { getCredential } = await loadTokenRequest();
    const credential = await getCredential(settings, clock, secretLimitMs);
    const secret = credential.id;
    need.secret = secret;
    const hasWaiters = () => need.hasWaiters;
    return { settings, scope: this.#scope, credential, secret, clock, random, startedAt: need.startedAt, hasWaiters };
  }

  async #hold({ grant, adopted, renewal }: SharedGrant, need: TokenNeed): Promise<Acquired> {
    const { settings, clock, random } = this.#source;
    const tookMs = clock.monotonic() - (adopted ? need.startedAt : grant.startedMonotonic);
    const fingerprint = await settings.fingerprintOf(grant.value);
    const held = holdToken(grant, { adopted, fingerprint, requestNumber: need.number, renewal }, tookMs, random);
    if (isExpired(held, clock)) throw expiredOnArrival();
    return { held, lifetimeMs: grant.lifetimeMs };
  }
}

async function send(context: TokenRequestContext): Promise<Grant> {
  const { requestWithRetries } = await loadTokenRequest();
  return requestWithRetries(context);
}

function expiredOnArrival(): OpenBankingAuthError {
  return new OpenBankingAuthError({
    code: 'token_response_invalid',
    problem: 'The token had expired before its response was complete',
    hint: 'Check the lifetime of the tokens, and what slows the responses of the token endpoint',
  });
}
