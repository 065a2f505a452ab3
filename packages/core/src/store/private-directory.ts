import { lstatSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import process from 'node:process';

/** Owner alone: what a new directory gets. */
const PRIVATE = 0o700;
/** Write permission of the group, and of everybody else. An access control list shows as the group's. */
const OTHERS_WRITE = 0o022;

/**
 * Where this user's programs keep what they can do without, by the convention of the platform.
 *
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function cacheDirectory(): string {
  const ours = 'open-banking-auth';
  const { XDG_CACHE_HOME: cache = '', LOCALAPPDATA } = process.env;
  if (process.platform === 'win32') return join(LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), ours);
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', ours);
  // The specification says to ignore a relative one.
  return join(isAbsolute(cache) ? cache : join(homedir(), '.cache'), ours);
}

/**
 * Whether the directory is there. Checked before each operation, since it can be replaced at any time.
 *
 * @throws Error `ERR_INSECURE_DIRECTORY` unless it belongs to this user, who alone may write to it, and is not a symbolic
 * link; `ENOTDIR` if it is something else.
 */
export function isPrivateDirectory(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return false;
  if (found.isSymbolicLink()) throw failure('ERR_INSECURE_DIRECTORY', `${path} is a symbolic link: give its target`);
  if (!found.isDirectory()) throw failure('ENOTDIR', `${path} is not a directory`);
  // On Windows there are no such bits. Its default directory is the user's own.
  const user = process.getuid?.();
  if (user === undefined) return true;
  if (found.uid !== user) {
    throw failure('ERR_INSECURE_DIRECTORY', `${path} belongs to another user: give a directory of your own`);
  }
  if (found.mode & OTHERS_WRITE) {
    throw failure('ERR_INSECURE_DIRECTORY', `Others may write to ${path}: chmod 700 it, or give another directory`);
  }
  return true;
}

/** Makes the directory unless it is there. @throws Error as {@link isPrivateDirectory}, and when it cannot be made. */
export function makePrivateDirectory(path: string): void {
  if (isPrivateDirectory(path)) return;
  mkdirSync(path, { recursive: true, mode: PRIVATE });
  isPrivateDirectory(path);
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
