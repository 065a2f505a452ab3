import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Clock } from '../clock.js';
import { fieldsOf } from '../errors.js';
import { LONGEST_CLOCK_STEP_MS, TEMPORARY_FILE_MS } from '../policy.js';

const NAME = /^(?<since>\d{1,16})\.(?<ttlMs>\d{1,16})\.(?<place>[0-9a-f]{16})\.(?<pid>\d{1,10})\.[0-9a-f]{16}$/;

/** Whether something is still good that was made at `since` on the wall clock, for `ttlMs`. */
export function isLive(clock: Clock, since: number, ttlMs: number): boolean {
  const ageMs = clock.wall() - since;
  return ageMs < ttlMs && ageMs > -Math.min(ttlMs, LONGEST_CLOCK_STEP_MS);
}

/**
 * Names for locks and temporary files that say whose they are and until when. A name is there as a whole or not at all, so
 * a process that is killed cannot leave a torn one behind, and no two are the same.
 */
export class FileOwner {
  readonly #clock: Clock;
  #place: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new name of this process, for `ttlMs`. */
  name(ttlMs: number): string {
    const random = randomBytes(8).toString('hex');
    return [Math.floor(this.#clock.wall()), Math.ceil(ttlMs), this.#ownPlace(), process.pid, random].join('.');
  }

  /** A path for something that is made here, and renamed when it is complete. */
  temporaryIn(directory: string): string {
    return join(directory, `${this.name(TEMPORARY_FILE_MS)}.open-banking-temporary`);
  }

  /** Whether what has this name is still in use: its time is not up, and nobody knows that its process has ended. */
  inUse(name: string): boolean {
    const { since, ttlMs, place, pid } = NAME.exec(name)?.groups ?? {};
    if (!isLive(this.#clock, Number(since), Number(ttlMs))) return false;
    return place !== this.#ownPlace() || isRunning(Number(pid));
  }

  #ownPlace(): string {
    this.#place ??= placeOf();
    return this.#place;
  }
}

/**
 * Where this process's id means what it says: on another host, after a restart of the machine or in another container the
 * same id is another process. Where that cannot be found out, no id means anything.
 */
function placeOf(): string {
  try {
    const parts =
      process.platform === 'linux'
        ? [readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'), readlinkSync('/proc/self/ns/pid')]
        : [hostname()];
    return createHash('sha256').update(parts.join()).digest('hex').slice(0, 16);
  } catch {
    return randomBytes(8).toString('hex');
  }
}

/** A process that has got the id of one that ended counts as that one: what it had is then kept until its time is up. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Anything else, such as EPERM, comes from a process that is there.
    return fieldsOf(error).code !== 'ESRCH';
  }
}
