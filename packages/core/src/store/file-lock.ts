import { lstat, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
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
export async function takeLock(
  folder: string,
  owner: FileOwner,
  ttlMs: number,
): Promise<(() => Promise<void>) | undefined> {
  const entries = await entriesOf(folder);
  for (const entry of entries) if (await owner.inUse(entry)) return undefined;
  const mine = await owner.name(ttlMs);
  // All who see these entries try the same one.
  const [gone] = entries.toSorted();
  const taken =
    gone === undefined
      ? await create(folder, mine, await owner.temporaryIn(dirname(folder)))
      : await succeeds(rename(join(folder, gone), join(folder, mine)));
  if (!taken) return undefined;
  return async () => {
    await rm(join(folder, mine), { recursive: true, force: true });
    await removeIfEmpty(folder);
  };
}

/** Removes a lock whose holder is gone. */
export async function sweepLock(folder: string, owner: FileOwner): Promise<void> {
  for (const entry of await entriesOf(folder)) {
    if (!(await owner.inUse(entry))) await rm(join(folder, entry), { recursive: true, force: true });
  }
  await removeIfEmpty(folder);
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    // A link to a folder elsewhere is not read: entries of that one would be renamed.
    if ((await lstat(folder)).isDirectory()) return await readdir(folder);
    await rm(folder, { force: true });
  } catch (error) {
    if (fieldsOf(error).code !== 'ENOENT') throw error;
  }
  return [];
}

async function create(folder: string, mine: string, temporary: string): Promise<boolean> {
  await mkdir(join(temporary, mine), { recursive: true, mode: 0o700 });
  try {
    // One that was left empty would be replaced anyway, but not on Windows.
    await removeIfEmpty(folder);
    await rename(temporary, folder);
    return true;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // The codes differ between platforms: what counts is whether somebody was faster.
    if ((await entriesOf(folder)).length > 0 || isTaken(error)) return false;
    throw error;
  }
}

const isTaken = (error: unknown) => ['ENOTEMPTY', 'EEXIST'].includes(String(fieldsOf(error).code));

async function succeeds(renaming: Promise<void>): Promise<boolean> {
  try {
    await renaming;
    return true;
  } catch (error) {
    if (fieldsOf(error).code === 'ENOENT') return false;
    throw error;
  }
}

async function removeIfEmpty(folder: string): Promise<void> {
  // Not empty, not there, or replaced meanwhile: then it is somebody else's.
  await rmdir(folder).catch(() => {});
}
