import { type Grant, renewBeforeMs } from './access-token.js';
import { budgetOf } from './attempts.js';
import type { Clock } from './clock.js';
import type { Settings } from './config.js';
import {
  LOCK_MARGIN_MS,
  LOCK_PATIENCE_MS,
  LONGEST_LOCK_POLL_MS,
  SHORTEST_LOCK_POLL_MS,
  SUCCESSOR_PATIENCE_MS,
} from './policy.js';
import type { Seal, StoredToken } from './sealing.js';
import type { StoreCircuit } from './store-circuit.js';

/** What all tokens of a source share. */
export interface Fleet {
  readonly settings: Settings;
  readonly circuit: StoreCircuit;
  readonly sealFor: (secret: string) => Promise<Seal>;
}

/** One need of a token. */
export interface SharedErrand {
  readonly secret: string;
  /** Whose timers are used: in the background those that do not keep the process alive. */
  readonly clock: Clock;
  readonly random: () => number;
  /** When the need arose, on the monotonic clock: patience counts from there. */
  readonly started: number;
  /** Why no token may be requested at the moment. */
  readonly paused: Error | undefined;
  /** Requests a token from the token endpoint. */
  readonly request: () => Promise<Grant>;
}

/** A token, and whether another process has requested it. */
export interface Obtained {
  readonly grant: Grant;
  readonly adopted: boolean;
}

/** An errand, with its place in the store. */
interface Place extends SharedErrand {
  readonly seal: Seal;
  readonly key: string;
}

/**
 * Has the processes that share a store use one token: it looks into the store, takes the lock, looks again, and only then
 * requests a token. One for each scope. The store can fail at any point: then the token is requested all the same.
 */
export class SharedToken {
  readonly #fleet: Fleet;
  readonly #scope: string;
  /** Order of the newest token that this process has had ... */
  #newest = 0;
  /** ... and that it has seen in the store. */
  #seen = 0;
  #refused: string | undefined;

  constructor(fleet: Fleet, scope: string) {
    this.#fleet = fleet;
    this.#scope = scope;
  }

  /** The API refused this token: it is not taken from the store again. */
  refuse(value: string): void {
    this.#refused = value;
  }

  /** @throws `errand.paused`, if there is no token without a request. */
  async obtain(errand: SharedErrand): Promise<Obtained> {
    const { circuit, settings, sealFor } = this.#fleet;
    const { clock, random, started } = errand;
    const seal = await sealFor(errand.secret);
    const place = { ...errand, seal, key: await seal.keyOf(this.#scope) };
    const ttlMs = Math.ceil(budgetOf(settings)) + LOCK_MARGIN_MS;

    const ready = await this.#adopt(place);
    if (ready) return ready;
    if (errand.paused) throw errand.paused;
    if (!circuit.locks) return this.#request(place);
    for (const { lock, until } of [
      { lock: place.key, until: started + LOCK_PATIENCE_MS },
      // The holder was killed or is stuck. All have waited as long, and one of them takes its place.
      { lock: `${place.key}-successor`, until: started + LOCK_PATIENCE_MS + SUCCESSOR_PATIENCE_MS },
    ]) {
      do {
        const release = await circuit.lock(lock, ttlMs, clock);
        if (release) {
          try {
            return (await this.#adopt(place, true)) ?? (await this.#request(place));
          } finally {
            release();
          }
        }
        if (circuit.open) return this.#request(place);
        const waitMs = SHORTEST_LOCK_POLL_MS + (LONGEST_LOCK_POLL_MS - SHORTEST_LOCK_POLL_MS) * random();
        await new Promise<void>((resolve) => clock.after(waitMs, resolve));
        const given = await this.#adopt(place);
        if (given) return given;
      } while (clock.monotonic() < until);
    }
    return this.#request(place);
  }

  /**
   * The store's token, if it is of use: newer than any that this process has had, not the one that the API refused, and
   * not about to run out. Whoever has the lock drops a refused one, so that nobody else takes it.
   */
  async #adopt(place: Place, locked = false): Promise<Obtained | undefined> {
    const { circuit } = this.#fleet;
    const stored = await this.#look(place);
    if (!stored) return undefined;
    if (stored.value === this.#refused) {
      if (locked) await circuit.delete(place.key, place.clock);
      return undefined;
    }
    const grant = grantOf(stored, place.clock);
    const leftMs = grant.startedMonotonic + grant.lifetimeMs - place.clock.monotonic();
    if (stored.order <= this.#newest || leftMs <= renewBeforeMs(grant.lifetimeMs)) return undefined;
    this.#newest = stored.order;
    return { grant, adopted: true };
  }

  async #look({ seal, key, clock }: Place): Promise<StoredToken | undefined> {
    const sealed = await this.#fleet.circuit.get(key, clock);
    const stored = sealed === undefined ? undefined : await seal.open(key, sealed);
    if (stored) this.#seen = Math.max(this.#seen, stored.order);
    return stored;
  }

  async #request(place: Place): Promise<Obtained> {
    const grant = await place.request();
    // The wall clock orders tokens of processes that know nothing of each other. Where they do, the order holds however far
    // the clocks of their hosts are apart.
    const order = Math.max(Math.ceil(grant.startedWall), this.#newest + 1, this.#seen + 1);
    this.#newest = order;
    // Waited for, though no caller needs it: a process that is frozen or ended after its answer would leave a lock and no
    // token behind.
    await this.#write(place, grant, order);
    return { grant, adopted: false };
  }

  async #write(place: Place, grant: Grant, order: number): Promise<void> {
    const { circuit } = this.#fleet;
    const { seal, key, clock } = place;
    // This request took longer than a lock holds, or there are no locks: what came later stays.
    const current = await this.#look(place);
    if (current && current.order >= order) return;
    // The store's clock ends it when nobody would take it any more, whatever the clocks of the readers say.
    const ageMs = clock.monotonic() - grant.startedMonotonic;
    const ttlMs = Math.floor(grant.lifetimeMs - ageMs - renewBeforeMs(grant.lifetimeMs));
    if (ttlMs < 1) return;
    const { value, scope, lifetimeMs, startedWall } = grant;
    const token = { value, scope, lifetimeMs, expiresAt: startedWall + lifetimeMs, order };
    await circuit.set(key, await seal.seal(key, token), ttlMs, clock);
  }
}

/**
 * A stored token as if this process had requested it, on this host's clocks. Its expiry is on the clock of another host:
 * - Where the reader's clock is ahead of the writer's, the token seems older than it is. It is renewed that much early.
 * - Where it is behind, the token seems younger, at the worst brand new: never is more believed than a whole lifetime from
 *   now. It can then be sent for some time after its end. The API refuses it, and by then the store has dropped it by its own
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
