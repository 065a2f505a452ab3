import { expiryMarginMs, type Grant, type Renewal } from '../access-token.js';
import { type Clock, delay, inBackground } from '../clock.js';
import type { Settings } from '../config/settings.js';
import { isOpenBankingAuthError, type OpenBankingAuthError } from '../errors.js';
import type { TokenRequestContext } from '../grant/context.js';
import {
  LOCK_MARGIN_MS,
  LOCK_PATIENCE_MS,
  LONGEST_LOCK_POLL_MS,
  SHORTEST_LOCK_POLL_MS,
  STORE_WRITE_PATIENCE_MS,
  SUCCESSOR_PATIENCE_MS,
} from '../policy.js';
import type { TokenStore } from '../token-store.js';
import { within } from '../web/time-limit.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { type Seal, sealFactory } from './sealing.js';
import { assertNotRejected, concernsFleet, type SharedRejection, writeRejection } from './shared-rejection.js';
import { parseStoredToken, type StoredToken } from './stored-token.js';

/** The store as all tokens of one source use it. */
export interface SharedStore {
  readonly breaker: CircuitBreaker;
  readonly sealFor: (secret: string) => Promise<Seal>;
}

export function sharedStore(store: TokenStore, settings: Settings, clock: Clock): SharedStore {
  return { breaker: new CircuitBreaker(store, clock, settings.emit), sealFor: sealFactory(settings) };
}

/** A token, and whether another process had requested it. */
export interface SharedGrant {
  readonly grant: Grant;
  readonly adopted: boolean;
  readonly renewal: Renewal;
}

/** How a token is requested from the token endpoint, if it comes to that. */
export interface TokenRequest {
  readonly renewal: Renewal;
  send(): Promise<Grant>;
  /** The cooldown that begins with a failure. */
  rejection(reason: OpenBankingAuthError): SharedRejection;
}

/** A token as this process writes it. */
interface OwnToken {
  readonly entry: StoreEntry;
  readonly grant: Grant;
  readonly renewal: Renewal;
  readonly order: number;
}

/** The place of this token in the store, for the secret of one request. */
interface StoreEntry {
  readonly key: string;
  readonly seal: Seal;
  readonly breaker: CircuitBreaker;
  readonly clock: Clock;
}

/**
 * Lets the processes that share a store use one token: it checks the store, takes the lock, checks again, and only then
 * requests a token. One for each scope. If the store fails at any point, the token is requested all the same.
 */
export class SharedToken {
  readonly #store: SharedStore;
  /** Order of the newest token that this process has had ... */
  #newest = 0;
  /** ... and that it has seen in the store. */
  #seen = 0;
  #unauthorized: string | undefined;
  #written: (OwnToken & { readonly done: Promise<void> }) | undefined;

  constructor(store: SharedStore) {
    this.#store = store;
  }

  /** The API answered this token with a 401: it is not taken from the store again. */
  unauthorized(value: string): void {
    this.#unauthorized = value;
  }

  /**
   * The API has accepted this token: if it was fetched because of a 401, the other processes should know that this helped.
   * Under the lock, so that no newer token is overwritten; if somebody has it, that one will write a newer token.
   */
  async accepted(value: string): Promise<void> {
    const written = this.#written;
    if (written?.grant.value !== value) return;
    this.#written = undefined;
    await written.done;
    const { entry } = written;
    const clock = inBackground(entry.clock);
    const release = await this.#store.breaker.lock(entry.key, LOCK_MARGIN_MS, clock);
    if (!release) return;
    try {
      const current = await this.#read(entry);
      if (current?.value === value) await this.#set({ ...written, renewal: { streak: 0, proven: true } });
    } finally {
      release();
    }
  }

  /** The token in the store, if this process can use it. */
  async find(context: TokenRequestContext): Promise<SharedGrant | undefined> {
    return this.#adopt(await this.#entryFor(context));
  }

  /** @throws RejectedElsewhere while another process's rejection holds. */
  async get(context: TokenRequestContext, request: TokenRequest): Promise<SharedGrant> {
    const entry = await this.#entryFor(context);
    const found = await this.#adopt(entry);
    if (found) return found;
    if (!this.#store.breaker.hasLocks) return this.#request(entry, request);

    // A holder that was killed or is stuck keeps its lock. All have waited equally long then, and a second lock lets one of
    // them take its place.
    const { startedAt } = context;
    const lockedUntil = startedAt + LOCK_PATIENCE_MS;
    return (
      (await this.#inTurn(entry, context, request, entry.key, lockedUntil)) ??
      (await this.#inTurn(entry, context, request, `${entry.key}-successor`, lockedUntil + SUCCESSOR_PATIENCE_MS)) ??
      this.#request(entry, request)
    );
  }

  /** Requests a token under a lock, or waits for the token of the lock's holder; `undefined` if that takes too long. */
  async #inTurn(
    entry: StoreEntry,
    { settings, random }: TokenRequestContext,
    request: TokenRequest,
    lock: string,
    until: number,
  ): Promise<SharedGrant | undefined> {
    const { breaker } = this.#store;
    const { clock } = entry;
    const ttlMs = Math.ceil(settings.budgetMs) + LOCK_MARGIN_MS;
    do {
      const release = await breaker.lock(lock, ttlMs, clock);
      if (release) {
        const found = await this.#adopt(entry, true);
        if (!found) return this.#request(entry, request, release);
        release();
        return found;
      }
      if (breaker.isOpen) return this.#request(entry, request);
      await delay(clock, SHORTEST_LOCK_POLL_MS + (LONGEST_LOCK_POLL_MS - SHORTEST_LOCK_POLL_MS) * random());
      const found = await this.#adopt(entry);
      if (found) return found;
      await assertNotRejected(entry);
    } while (clock.monotonic() < until);
    return undefined;
  }

  async #entryFor({ secret, scope, clock }: TokenRequestContext): Promise<StoreEntry> {
    const seal = await this.#store.sealFor(secret);
    return { key: await seal.keyOf(scope), seal, breaker: this.#store.breaker, clock };
  }

  /**
   * The stored token, if it is of use: newer than any that this process has had, not the one that got a 401, and not about
   * to expire. The lock's holder deletes one that got a 401, so that nobody else takes it.
   */
  async #adopt(entry: StoreEntry, locked = false): Promise<SharedGrant | undefined> {
    const stored = await this.#read(entry);
    if (!stored) return undefined;
    if (stored.value === this.#unauthorized) {
      if (locked) await this.#store.breaker.delete(entry.key, entry.clock);
      return undefined;
    }
    const grant = grantOf(stored, entry.clock);
    const leftMs = grant.startedMonotonic + grant.lifetimeMs - entry.clock.monotonic();
    if (stored.order <= this.#newest || leftMs <= expiryMarginMs(grant.lifetimeMs)) return undefined;
    this.#newest = stored.order;
    const { streak, proven } = stored;
    return { grant, adopted: true, renewal: { streak, proven } };
  }

  async #read({ seal, key, clock }: StoreEntry): Promise<StoredToken | undefined> {
    const sealed = await this.#store.breaker.get(key, clock);
    const stored = sealed === undefined ? undefined : parseStoredToken(await seal.open(key, sealed));
    if (stored) this.#seen = Math.max(this.#seen, stored.order);
    return stored;
  }

  /** @param release Called when the others may look: the token or the rejection is in the store. */
  async #request(
    entry: StoreEntry,
    { renewal, send, rejection }: TokenRequest,
    release: () => void = () => {},
  ): Promise<SharedGrant> {
    let grant: Grant;
    try {
      await assertNotRejected(entry);
      grant = await send();
    } catch (error) {
      if (isOpenBankingAuthError(error) && concernsFleet(error)) await writeRejection(entry, rejection(error));
      release();
      throw error;
    }
    // The wall clock orders tokens of processes that know nothing of each other. Where they do, the order holds however far
    // apart their hosts' clocks are.
    const order = Math.max(Math.ceil(grant.startedWall), this.#newest + 1, this.#seen + 1);
    this.#newest = order;
    const token = { entry, grant, renewal, order };
    const done = this.#write(token).finally(release);
    this.#written = renewal.streak > 0 ? { ...token, done } : undefined;
    // A program that ends with its first response would take the store's client with it, and leave its lock behind. But a
    // slow store must not hold callers up, nor let a token grow old before its first use.
    await within(entry.clock, STORE_WRITE_PATIENCE_MS, done);
    return { grant, adopted: false, renewal };
  }

  async #write(token: OwnToken): Promise<void> {
    // If this request took longer than a lock holds, or there are no locks, a later token may be there: it stays.
    const current = await this.#read(token.entry);
    if (!current || current.order < token.order) await this.#set(token);
  }

  async #set({ entry: { seal, key, clock }, grant, renewal, order }: OwnToken): Promise<void> {
    // By the store's clock it ends when nobody would take it any more, whatever the readers' clocks say.
    const ageMs = clock.monotonic() - grant.startedMonotonic;
    const ttlMs = Math.floor(grant.lifetimeMs - ageMs - expiryMarginMs(grant.lifetimeMs));
    if (ttlMs < 1) return;
    const { value, scope, lifetimeMs, startedWall } = grant;
    const token: StoredToken = { value, scope, lifetimeMs, expiresAt: startedWall + lifetimeMs, order, ...renewal };
    await this.#store.breaker.set(key, await seal.seal(key, token), ttlMs, clock);
  }
}

/**
 * A stored token as if this process had requested it, on this host's clocks. Its expiry is on the clock of another host:
 * - If the reader's clock is ahead of the writer's, the token seems older than it is, and is renewed that much early.
 * - If it is behind, the token seems younger, at worst brand new: its remaining life is capped at a whole lifetime. It can
 *   then be sent for some time after it has expired. The API answers 401, and by then the store has dropped it by its own
 *   clock, or holds the next one: the reader adopts that, and the request is replayed.
 */
function grantOf({ value, scope, lifetimeMs, expiresAt }: StoredToken, clock: Clock): Grant {
  const leftMs = Math.min(expiresAt - clock.wall(), lifetimeMs);
  const ageMs = lifetimeMs - leftMs;
  return {
    value,
    scope,
    lifetimeMs,
    startedWall: clock.wall() - ageMs,
    startedMonotonic: clock.monotonic() - ageMs,
  };
}
