import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
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
export function readToken(path: string, clock: Clock, owner: FileOwner): string | undefined {
  const file = read(path);
  if (!file || isLive(clock, file.writtenAt, file.ttlMs)) return file?.value;
  try {
    removeExpired(path, clock, owner);
  } catch {
    // Where nothing can be removed, that is no reason to fail.
  }
  return undefined;
}

/**
 * A file that is complete before it gets its name. It is not synced to the disk first: if the machine loses power, the file
 * may be torn, which is a miss and costs one token request, while waiting for a busy disk would hold up the application.
 */
export function writeToken(path: string, value: string, ttlMs: number, clock: Clock, owner: FileOwner): void {
  const file: TokenFile = { format: FORMAT, writtenAt: clock.wall(), ttlMs, value };
  const temporary = owner.temporaryIn(dirname(path));
  try {
    withFile(openSync(temporary, CREATE, 0o600), (descriptor) => writeFileSync(descriptor, JSON.stringify(file)));
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Another process may have replaced the file since it was read. So it is moved aside first, and put back if it turns out to
 * be of use; by a link, because that fails if there is a yet newer one.
 */
function removeExpired(path: string, clock: Clock, owner: FileOwner): void {
  const aside = owner.temporaryIn(dirname(path));
  renameSync(path, aside);
  try {
    const file = read(aside);
    if (file && isLive(clock, file.writtenAt, file.ttlMs)) linkSync(aside, path);
  } finally {
    rmSync(aside, { force: true });
  }
}

function read(path: string): TokenFile | undefined {
  try {
    return parse(withFile(openSync(path, READ), readText));
  } catch {
    return undefined;
  }
}

function readText(descriptor: number): string {
  const found = fstatSync(descriptor);
  return found.isFile() && found.size <= STORE_FILE_LIMIT_BYTES ? readFileSync(descriptor, 'utf8') : '';
}

function withFile<T>(descriptor: number, run: (descriptor: number) => T): T {
  try {
    return run(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function parse(text: string): TokenFile | undefined {
  const file: Partial<Record<keyof TokenFile, unknown>> | null = JSON.parse(text);
  const { format, writtenAt, ttlMs, value } = file ?? {};
  if (format !== FORMAT || typeof value !== 'string') return undefined;
  if (typeof writtenAt !== 'number' || typeof ttlMs !== 'number') return undefined;
  return { format, writtenAt, ttlMs, value };
}
