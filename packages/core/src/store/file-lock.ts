import { lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fieldsOf } from '../errors.js';
import type { FileOwner } from './file-owner.js';

/**
 * Takes a lock that is a folder with one entry, named after its holder; without an entry it is free. Each change is a single
 * rename or removal by name, of which the operating system lets one process succeed:
 *
 * - taken: a folder prepared under another name is renamed to this one, which fails if there is an entry already
 * - taken over: the entry of a holder that is gone is renamed, which fails if another process has done that
 * - released: the holder's own entry is removed, which does nothing if it was taken over
 *
 * So whenever a process is killed, it has the lock or it does not.
 */
export function takeLock(folder: string, owner: FileOwner, ttlMs: number): (() => void) | undefined {
  const entries = entriesOf(folder);
  if (entries.some((entry) => owner.inUse(entry))) return undefined;
  const mine = owner.name(ttlMs);
  // All who see these entries try the same one.
  const [gone] = entries.toSorted();
  const taken =
    gone === undefined
      ? create(folder, mine, owner.temporaryIn(dirname(folder)))
      : replace(join(folder, gone), join(folder, mine));
  if (!taken) return undefined;
  return () => {
    rmSync(join(folder, mine), { recursive: true, force: true });
    removeIfEmpty(folder);
  };
}

/** Removes a lock whose holder is gone. */
export function sweepLock(folder: string, owner: FileOwner): void {
  for (const entry of entriesOf(folder)) {
    if (!owner.inUse(entry)) rmSync(join(folder, entry), { recursive: true, force: true });
  }
  removeIfEmpty(folder);
}

function entriesOf(folder: string): string[] {
  try {
    // A link to a folder elsewhere is not read: entries of that one would be renamed.
    if (lstatSync(folder).isDirectory()) return readdirSync(folder);
    rmSync(folder, { force: true });
  } catch (error) {
    if (fieldsOf(error).code !== 'ENOENT') throw error;
  }
  return [];
}

function create(folder: string, mine: string, temporary: string): boolean {
  mkdirSync(temporary, 0o700);
  try {
    mkdirSync(join(temporary, mine), 0o700);
    // One that was left empty would be replaced anyway, but not on Windows.
    removeIfEmpty(folder);
    renameSync(temporary, folder);
    return true;
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    // The codes differ between platforms: what counts is whether somebody was faster.
    if (entriesOf(folder).length > 0 || isTaken(error)) return false;
    throw error;
  }
}

const isTaken = (error: unknown) => ['ENOTEMPTY', 'EEXIST'].includes(String(fieldsOf(error).code));

function replace(gone: string, mine: string): boolean {
  try {
    renameSync(gone, mine);
    return true;
  } catch (error) {
    if (fieldsOf(error).code === 'ENOENT') return false;
    throw error;
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Not empty, not there, or replaced meanwhile: then it is somebody else's.
  }
}
