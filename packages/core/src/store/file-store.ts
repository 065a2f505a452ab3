import { randomInt } from 'node:crypto';
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Clock, systemClock } from '../clock.js';
import { assertOptions } from '../config/option.js';
import { invalidConfig, kindOf } from '../errors.js';
import { LONGEST_LIFETIME_MS, SWEPT_FILES } from '../policy.js';
import type { TokenStore } from '../token-store.js';
import { sweepLock, takeLock } from './file-lock.js';
import { FileOwner, isLive } from './file-owner.js';
import { cacheDirectory, isPrivateDirectory, makePrivateDirectory } from './private-directory.js';
import { readToken, writeToken } from './token-file.js';

/**
 * The names of our files, which nothing else has: everything else in the directory is left alone, such as a `yarn.lock`, should
 * somebody give the directory of a project.
 */
const OURS = /^(?<name>[\w.-]+)\.open-banking-(?<kind>token|lock|temporary)$/;

/**
 * A token store in a directory on this machine: a program that starts again, or several times at once, uses the token that
 * is there. For one user on one machine with a local disk; for several machines there is `@open-banking-auth/redis`.
 *
 * Tokens are encrypted with a key derived from the client secret. The directory gets the mode 0700 and files 0600. If the
 * directory is a symbolic link, belongs to another user, or can be written to by others, it is not used: the source emits
 * `store.failed` with `ERR_INSECURE_DIRECTORY`, and goes on without.
 *
 * @param options.directory Where the tokens are kept; it is made when it is missing. Default: `open-banking-auth` in
 * `$XDG_CACHE_HOME` or `~/.cache`, on macOS in `~/Library/Caches`, on Windows in `%LOCALAPPDATA%`.
 * @param runtime For tests: time.
 * @throws OpenBankingAuthError `invalid_config` unless `directory` is a path, and the only option.
 *
 * @example
 * ```ts
 * const fetch = openBankingFetch({ ...config, store: fileTokenStore() });
 * ```
 */
export function fileTokenStore(
  options: { readonly directory?: string | undefined } = {},
  runtime: { readonly clock?: Clock } = {},
): TokenStore {
  // The calls are synchronous. On a local disk a read takes hundredths of a millisecond, and a write, about one an hour, some
  // milliseconds at most; on a busy machine each of their trips through the thread pool would take longer than that.
  assertOptions(options, ['directory'], 'fileTokenStore');
  const given = parseDirectory(options.directory);
  const { clock = systemClock } = runtime;
  const owner = new FileOwner(clock);
  // Not before it is needed: a user without a home directory is a store that fails, not a program that does not start.
  const directory = () => given ?? cacheDirectory();
  const pathOf = (key: string, kind: 'token' | 'lock') => {
    if (/^[\w-]{1,128}$/.test(key)) return join(directory(), `${key}.open-banking-${kind}`);
    throw new TypeError('A key consists of up to 128 letters, digits, "_" and "-"');
  };

  return Object.freeze({
    async get(key: string) {
      const path = pathOf(key, 'token');
      return isPrivateDirectory(directory()) ? readToken(path, clock, owner) : undefined;
    },
    async set(key: string, value: string, ttlMs: number) {
      const path = pathOf(key, 'token');
      makePrivateDirectory(directory());
      writeToken(path, value, ttlMs, clock, owner);
      try {
        sweep(directory(), clock, owner);
      } catch {
        // The token is there all the same.
      }
    },
    async delete(key: string) {
      const path = pathOf(key, 'token');
      if (isPrivateDirectory(directory())) rmSync(path, { force: true });
    },
    async lock(key: string, ttlMs: number) {
      const path = pathOf(key, 'lock');
      makePrivateDirectory(directory());
      const release = takeLock(path, owner, ttlMs);
      return release && (async () => release());
    },
  });
}

function parseDirectory(directory: unknown): string | undefined {
  if (directory === undefined) return undefined;
  if (typeof directory === 'string' && directory !== '' && !directory.startsWith('~')) return resolve(directory);
  const given = typeof directory === 'string' ? JSON.stringify(directory) : kindOf(directory);
  const hint = 'Give a path without "~", which only a shell replaces, or leave it out for the user\'s cache directory';
  throw invalidConfig(`"directory" is ${given}`, hint);
}

/** Removes what has expired or was left behind, a part of the directory at a time. */
function sweep(directory: string, clock: Clock, owner: FileOwner): void {
  const ours = readdirSync(directory).filter((name) => OURS.test(name));
  const first = randomInt(ours.length + 1);
  const some = [...ours.slice(first), ...ours.slice(0, first)].slice(0, SWEPT_FILES);
  for (const file of some) {
    const path = join(directory, file);
    const { name = '', kind } = OURS.exec(file)?.groups ?? {};
    if (kind === 'lock') sweepLock(path, owner);
    else if (kind === 'temporary' && !owner.inUse(name)) rmSync(path, { recursive: true, force: true });
    else if (kind === 'token' && readToken(path, clock, owner) === undefined) removeOld(path, clock);
  }
}

/** A file that cannot be read goes when no token lives that long. It may be of a version to come, which is in use too. */
function removeOld(path: string, clock: Clock): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found && !isLive(clock, found.mtimeMs, LONGEST_LIFETIME_MS)) rmSync(path, { force: true });
}
