import { constants } from 'node:fs';
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../clock.js';
import { STORE_FILE_LIMIT_BYTES } from '../policy.js';
import { type FileOwner, isLive } from './file-owner.js';

/** The content of a file. The time to live is on the wall clock, since a monotonic one begins anew with each process. */
interface TokenFile {
  readonly format: typeof FORMAT;
  readonly writtenAt: number;
  readonly ttlMs: number;
  readonly value: string;
}

/** Another format is a miss. */
const FORMAT = 1;
// A link is not followed, and a pipe not waited for. Windows has neither flag.
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** The value in this file. Nothing if that has expired, or the file is missing, torn or not one of ours. */
export async function readToken(path: string, clock: Clock, owner: FileOwner): Promise<string | undefined> {
  const file = await read(path);
  if (!file) return undefined;
  if (isLive(clock, file.writtenAt, file.ttlMs)) return file.value;
  // Where nothing can be removed, that is no reason to fail.
  await removeExpired(path, clock, owner).catch(() => {});
  return undefined;
}

/**
 * A file that is complete before it gets its name. It is not synced to the disk first: if the machine loses power, the file
 * may be torn, which is a miss and costs one token request, while waiting for a busy disk would make the store seem to fail.
 */
export async function writeToken(path: string, value: string, ttlMs: number, clock: Clock, owner: FileOwner) {
  const file: TokenFile = { format: FORMAT, writtenAt: clock.wall(), ttlMs, value };
  const temporary = await owner.temporaryIn(dirname(path));
  try {
    const handle = await open(temporary, CREATE, 0o600);
    await closing(handle, () => handle.writeFile(JSON.stringify(file)));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/**
 * Another process may have replaced the file since it was read. So it is moved aside first, and put back if it turns out to
 * be of use; a link, because it fails if there is a yet newer one.
 */
async function removeExpired(path: string, clock: Clock, owner: FileOwner): Promise<void> {
  const aside = await owner.temporaryIn(dirname(path));
  await rename(path, aside);
  const file = await read(aside);
  if (file && isLive(clock, file.writtenAt, file.ttlMs)) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

async function read(path: string): Promise<TokenFile | undefined> {
  let text: string;
  try {
    const handle = await open(path, READ);
    text = await closing(handle, () => readText(handle));
  } catch {
    return undefined;
  }
  return parse(text);
}

async function readText(handle: FileHandle): Promise<string> {
  const found = await handle.stat();
  return found.isFile() && found.size <= STORE_FILE_LIMIT_BYTES ? handle.readFile('utf8') : '';
}

function parse(text: string): TokenFile | undefined {
  try {
    const file: Partial<Record<keyof TokenFile, unknown>> | null = JSON.parse(text);
    const { format, writtenAt, ttlMs, value } = file ?? {};
    if (format !== FORMAT || typeof value !== 'string') return undefined;
    return typeof writtenAt === 'number' && typeof ttlMs === 'number'
      ? { format: FORMAT, writtenAt, ttlMs, value }
      : undefined;
  } catch {
    return undefined;
  }
}

async function closing<T>(handle: FileHandle, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } finally {
    await handle.close();
  }
}
