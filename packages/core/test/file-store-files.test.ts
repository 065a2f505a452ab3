import { spawnSync } from 'node:child_process';
import fs, {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TokenStore } from '@open-banking-auth/core';
import { fileTokenStore } from '@open-banking-auth/core/node';
import { FakeClock, HOUR, MINUTE, SECOND } from '@open-banking-auth/test-kit/fake-clock';

let directory: string;
let elsewhere: string;
let clock: FakeClock;
let store: Required<TokenStore>;
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'file-store-'));
  elsewhere = fs.mkdtempSync(join(tmpdir(), 'file-store-elsewhere-'));
  clock = new FakeClock();
  store = another();
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const folder of [directory, elsewhere]) rmSync(folder, { recursive: true, force: true });
});

/** The store as another process has it. */
const another = () => fileTokenStore({ directory }, { clock }) as Required<TokenStore>;
const inDirectory = (name: string) => join(directory, name);
const names = () => readdirSync(directory).toSorted();

describe('a file', () => {
  const ours = (over: Record<string, unknown>) =>
    JSON.stringify({ format: 1, writtenAt: clock.wall(), ttlMs: HOUR, value: 'value', ...over });

  test('is read as it is written here', async () => {
    writeFileSync(inDirectory('key.open-banking-token'), ours({}));
    expect(await store.get('key')).toBe('value');
  });

  test.each<[string, (path: string) => unknown]>([
    ['that is empty', (path) => writeFileSync(path, '')],
    ['that was cut', (path) => writeFileSync(path, ours({}).slice(0, -1))],
    ['of nothing but zeros', (path) => writeFileSync(path, Buffer.alloc(200))],
    ['of another format', (path) => writeFileSync(path, ours({ format: 0 }))],
    ['without an end', (path) => writeFileSync(path, ours({ ttlMs: undefined }))],
    ['with a value that is not text', (path) => writeFileSync(path, ours({ value: 7 }))],
    ['with something else', (path) => writeFileSync(path, 'null')],
    ['that is far too large', (path) => writeFileSync(path, ours({ padding: 'x'.repeat(70_000) }))],
    ['that is a pipe which nobody writes to', (path) => spawnSync('mkfifo', [path])],
  ])('%s is a miss, and is replaced', async (_, make) => {
    make(inDirectory('key.open-banking-token'));
    expect(await store.get('key')).toBeUndefined();
    await store.set('key', 'another', HOUR);
    expect(await store.get('key')).toBe('another');
  });

  test('that has expired is removed when it is met', async () => {
    await store.set('key', 'value', HOUR);
    clock.advance(HOUR);
    expect(await store.get('key')).toBeUndefined();
    expect(names()).toEqual([]);
  });

  test('that another process replaces while it is removed as expired stays', async () => {
    await store.set('key', 'value', HOUR);
    clock.advance(HOUR);
    const rename = fs.renameSync;
    jest.spyOn(fs, 'renameSync').mockImplementationOnce((from, to) => {
      writeFileSync(from, ours({ value: 'newer' }));
      rename(from, to);
    });
    expect(await store.get('key')).toBeUndefined();
    expect(await store.get('key')).toBe('newer');
    expect(names()).toEqual(['key.open-banking-token']);
  });

  test('from before the clock was set back is of no use, unless that was by less than a minute', async () => {
    await store.set('key', 'value', HOUR);
    clock.setWallBy(-59 * SECOND);
    expect(await store.get('key')).toBe('value');
    clock.setWallBy(-2 * SECOND);
    expect(await store.get('key')).toBeUndefined();
    expect(names()).toEqual([]);
  });

  test('has a name and a content that do not show the value in part while it is written', async () => {
    await store.set('key', 'first', HOUR);
    const seen: (string | undefined)[] = [];
    const rename = fs.renameSync;
    jest.spyOn(fs, 'renameSync').mockImplementationOnce((from, to) => {
      seen.push(readFileSync(from, 'utf8'), readFileSync(to, 'utf8'));
      rename(from, to);
    });
    await store.set('key', 'second', HOUR);
    expect(seen).toEqual([expect.stringContaining('second'), expect.stringContaining('first')]);
  });

  test.each(['../key', 'a/b', '', '.', 'key\0', 'x'.repeat(200)])('has no key such as %j', async (key) => {
    await expect(store.set(key, 'value', HOUR)).rejects.toThrow(TypeError);
    await expect(store.get(key)).rejects.toThrow(TypeError);
    await expect(store.lock(key, HOUR)).rejects.toThrow(TypeError);
    expect(names()).toEqual([]);
  });
});

describe('a symbolic link in the directory', () => {
  const content = () => readdirSync(elsewhere).map((name) => [name, readFileSync(join(elsewhere, name), 'utf8')]);

  test('is not followed by a get, set or delete', async () => {
    const target = join(elsewhere, 'target');
    writeFileSync(target, JSON.stringify({ format: 1, writtenAt: clock.wall(), ttlMs: HOUR, value: 'planted' }));
    const before = content();
    symlinkSync(target, inDirectory('key.open-banking-token'));
    expect(await store.get('key')).toBeUndefined();
    await store.delete('key');
    symlinkSync(target, inDirectory('key.open-banking-token'));
    await store.set('key', 'value', HOUR);
    expect(content()).toEqual(before);
    expect(await store.get('key')).toBe('value');
    expect(fs.lstatSync(inDirectory('key.open-banking-token')).isFile()).toBe(true);
  });

  test('is not followed by a lock, nor when the directory is swept', async () => {
    for (const name of ['one', 'other']) writeFileSync(join(elsewhere, name), name);
    const before = content();
    for (const name of [
      'key.open-banking-lock',
      'other.open-banking-lock',
      'old.open-banking-temporary',
      'old.open-banking-token',
    ])
      symlinkSync(elsewhere, inDirectory(name));
    fs.lutimesSync(inDirectory('old.open-banking-token'), 0, 0);
    const release = await store.lock('key', MINUTE);
    expect(release).toBeDefined();
    await store.set('key', 'value', HOUR);
    await release?.();
    expect(content()).toEqual(before);
    expect(names()).toEqual(['key.open-banking-token']);
  });
});

describe('leftovers', () => {
  test('go as tokens are written, so that the directory does not grow; what is not ours stays', async () => {
    for (let n = 0; n < 100; n++) await store.set(`old-${n}`, 'value', MINUTE);
    for (let n = 0; n < 20; n++) await store.lock(`old-${n}`, MINUTE);
    const foreign = ['Session.token', 'work.tmp', 'yarn.lock'];
    for (const name of foreign) writeFileSync(inDirectory(name), '');
    mkdirSync(inDirectory('empty.open-banking-lock'));
    clock.advance(MINUTE);
    for (let n = 0; n < 10; n++) await store.set('key', 'value', HOUR);
    expect(names()).toEqual([...foreign, 'key.open-banking-token'].toSorted());
  });

  test('of a write that was cut off go when its process has ended, or after a minute', async () => {
    jest.spyOn(fs, 'renameSync').mockImplementation(() => {
      throw Object.assign(new Error('not yet'), { code: 'EIO' });
    });
    jest.spyOn(fs, 'rmSync').mockReturnValue();
    await expect(store.set('key', 'value', HOUR)).rejects.toThrow('not yet');
    await expect(store.lock('key', HOUR)).rejects.toThrow('not yet');
    jest.restoreAllMocks();
    expect(names()).toEqual([
      expect.stringMatching(/\.open-banking-temporary$/),
      expect.stringMatching(/\.open-banking-temporary$/),
    ]);
    clock.advance(MINUTE - 1);
    await store.set('key', 'value', HOUR);
    expect(names()).toHaveLength(3);
    clock.advance(1);
    await store.set('key', 'value', HOUR);
    expect(names()).toEqual(['key.open-banking-token']);
  });

  test('that nobody can read go after a day', async () => {
    writeFileSync(inDirectory('old.open-banking-token'), 'of a version to come');
    const age = (ms: number) =>
      utimesSync(inDirectory('old.open-banking-token'), new Date(), new Date(clock.wall() - ms));
    age(23 * HOUR);
    await store.set('key', 'value', HOUR);
    expect(names()).toEqual(['key.open-banking-token', 'old.open-banking-token']);
    age(24 * HOUR);
    await store.set('key', 'value', HOUR);
    expect(names()).toEqual(['key.open-banking-token']);
  });
});

describe('a lock', () => {
  /** Its holder becomes the process with this id. */
  const [nobody, somebodyElse] = [spawnSync('true').pid, process.ppid];
  function handTo(pid: number, place?: string): void {
    const [holder = ''] = readdirSync(inDirectory('key.open-banking-lock'));
    const [since, ttlMs, ownPlace, , random] = holder.split('.');
    const name = [since, ttlMs, place ?? ownPlace, pid, random].join('.');
    fs.renameSync(inDirectory(`key.open-banking-lock/${holder}`), inDirectory(`key.open-banking-lock/${name}`));
  }

  test('of a process that has ended is free at once', async () => {
    const late = await store.lock('key', MINUTE);
    handTo(somebodyElse);
    expect(await another().lock('key', MINUTE)).toBeUndefined();
    handTo(nobody);
    expect(await another().lock('key', MINUTE)).toBeDefined();
    await late?.();
    expect(await another().lock('key', MINUTE)).toBeUndefined();
  });

  test('of another container or host is free when its time is up, since ids mean nothing there', async () => {
    await store.lock('key', MINUTE);
    handTo(nobody, '0123456789abcdef');
    clock.advance(MINUTE - 1);
    expect(await another().lock('key', MINUTE)).toBeUndefined();
    clock.advance(1);
    expect(await another().lock('key', MINUTE)).toBeDefined();
  });

  test('is free after twice its time at the latest if the clock is set back', async () => {
    await store.lock('key', 20 * SECOND);
    clock.setWallBy(-19 * SECOND);
    expect(await another().lock('key', MINUTE)).toBeUndefined();
    clock.setWallBy(-HOUR);
    expect(await another().lock('key', MINUTE)).toBeDefined();
  });

  test('that expired under several goes to one of them', async () => {
    await store.lock('key', SECOND);
    clock.advance(SECOND);
    const read = fs.readdirSync;
    let other: unknown;
    // Between the moment at which this one has found it expired, and that at which it takes it, another one does.
    jest.spyOn(fs, 'readdirSync').mockImplementationOnce(((path: string) => {
      const entries = read(path);
      other = another().lock('key', MINUTE);
      return entries;
    }) as never);
    expect(await store.lock('key', MINUTE)).toBeUndefined();
    expect(await other).toBeDefined();
    expect(await another().lock('key', MINUTE)).toBeUndefined();
  });

  test('that is free goes to one of several who find it free', async () => {
    const make = fs.mkdirSync;
    let other: unknown;
    jest.spyOn(fs, 'mkdirSync').mockImplementationOnce(((path: string, options: number) => {
      other = another().lock('key', MINUTE);
      return make(path, options);
    }) as never);
    expect(await store.lock('key', MINUTE)).toBeUndefined();
    expect(await other).toBeDefined();
    expect(names()).toEqual(['key.open-banking-lock']);
  });

  test('can be taken where an unknown file, a file in its place or an empty folder was left', async () => {
    mkdirSync(inDirectory('empty.open-banking-lock'));
    mkdirSync(inDirectory('foreign.open-banking-lock'));
    writeFileSync(inDirectory('foreign.open-banking-lock/.DS_Store'), '');
    writeFileSync(inDirectory('file.open-banking-lock'), '');
    for (const key of ['empty', 'foreign', 'file']) {
      const release = await store.lock(key, MINUTE);
      expect(await another().lock(key, MINUTE)).toBeUndefined();
      await release?.();
    }
    expect(names()).toEqual([]);
    expect(existsSync(directory)).toBe(true);
  });
});
