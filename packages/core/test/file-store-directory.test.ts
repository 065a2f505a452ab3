import { spawnSync } from 'node:child_process';
import fs, { chmodSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { createTokenSource } from '@open-banking-auth/core';
import { fileTokenStore } from '@open-banking-auth/core/node';
import { recordEvents } from '@open-banking-auth/test-kit/recorded-events';
import { CONFIG, grantedWith, recordCalls, until } from '@open-banking-auth/test-kit/token-endpoint';

const ownPlatform = Object.getOwnPropertyDescriptor(process, 'platform');

let home: string;
let directory: string;
beforeEach(() => {
  home = fs.mkdtempSync(join(os.tmpdir(), 'file-store-'));
  directory = join(home, 'tokens');
});
afterEach(() => {
  spawnSync('umount', [directory]);
  jest.restoreAllMocks();
  Object.defineProperty(process, 'platform', { ...ownPlatform });
  rmSync(home, { recursive: true, force: true });
});

/** A program that is started, and needs a token. */
async function program(options: { readonly directory?: string } = { directory }) {
  const { calls, fetch } = recordCalls((n) => grantedWith(n, { access_token: crypto.randomUUID() }));
  const { events, onEvent } = recordEvents();
  const store = fileTokenStore(options);
  let locks = 0;
  const lock = async (key: string, ttlMs: number) => {
    const release = await store.lock?.(key, ttlMs);
    if (!release) return undefined;
    locks++;
    return () => release().finally(() => locks--);
  };
  const tokens = createTokenSource({ ...CONFIG, fetch, onEvent, store: { ...store, lock } });
  const { value } = await tokens.get();
  // The token is written in the background, and its lock released after that.
  await until(() => locks === 0);
  return { tokens, value, events, requests: calls.length, failures: events('store.failed') };
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('the directory', () => {
  test.each([0o000, 0o022, 0o077])('is for its user alone, as are its files, under the umask %i', async (umask) => {
    const before = process.umask(umask);
    try {
      const store = fileTokenStore({ directory });
      await store.set('key', 'value', 60_000);
      await store.lock?.('key', 60_000);
    } finally {
      process.umask(before);
    }
    expect(modeOf(directory)).toBe('700');
    expect(readdirSync(directory).toSorted()).toEqual(['key.open-banking-lock', 'key.open-banking-token']);
    expect(modeOf(join(directory, 'key.open-banking-token'))).toBe('600');
    expect(modeOf(join(directory, 'key.open-banking-lock'))).toBe('700');
  });

  test.each<[string, NodeJS.Platform, Record<string, string>, string]>([
    ['$XDG_CACHE_HOME', 'linux', { XDG_CACHE_HOME: '/HOME/xdg' }, 'xdg/open-banking-auth'],
    ['~/.cache without it', 'linux', {}, '.cache/open-banking-auth'],
    ['~/.cache where it is a relative path', 'linux', { XDG_CACHE_HOME: 'xdg' }, '.cache/open-banking-auth'],
    ['~/Library/Caches on macOS', 'darwin', { XDG_CACHE_HOME: '/HOME/xdg' }, 'Library/Caches/open-banking-auth'],
    ['%LOCALAPPDATA% on Windows', 'win32', { LOCALAPPDATA: '/HOME/local' }, 'local/open-banking-auth'],
    ['AppData/Local on Windows without it', 'win32', {}, 'AppData/Local/open-banking-auth'],
  ])('is by default in %s', async (_, platform, variables, expected) => {
    Object.defineProperty(process, 'platform', { ...ownPlatform, value: platform });
    jest.spyOn(os, 'homedir').mockReturnValue(home);
    const { XDG_CACHE_HOME: _xdg, LOCALAPPDATA: _local, ...env } = process.env;
    const given = Object.entries(variables).map(([name, path]) => [name, path.replace('/HOME', home)]);
    jest.replaceProperty(process, 'env', { ...env, ...Object.fromEntries(given) });
    await fileTokenStore().set('key', 'value', 60_000);
    expect(readdirSync(join(home, expected))).toEqual(['key.open-banking-token']);
  });

  test.each([
    ['may be written to by its group', () => chmodSync(directory, 0o770)],
    ['may be written to by everybody', () => chmodSync(directory, 0o702)],
    ['belongs to another user', () => void jest.spyOn(process, 'getuid').mockReturnValue(4_711)],
    [
      'is a symbolic link',
      () => {
        fs.renameSync(directory, join(home, 'elsewhere'));
        symlinkSync(join(home, 'elsewhere'), directory);
      },
    ],
  ])('that %s is not used, which is reported once, and the program goes on without', async (_, make) => {
    const { value } = await program();
    expect((await program()).value).toBe(value);
    const before = readdirSync(directory);
    make();
    const { requests, tokens, events } = await program();
    expect(requests).toBe(1);
    await tokens.renew(await tokens.get());
    expect(events('store.failed')).toEqual([
      expect.objectContaining({ operation: 'get', error: 'ERR_INSECURE_DIRECTORY' }),
    ]);
    expect(readdirSync(directory)).toEqual(before);
  });

  test('that others may read is used: what is in there is sealed', async () => {
    await program();
    chmodSync(directory, 0o755);
    expect(await program()).toMatchObject({ requests: 0, failures: [] });
  });

  test('that vanishes is made again, at the price of one token request', async () => {
    await program();
    rmSync(directory, { recursive: true });
    expect(await program()).toMatchObject({ requests: 1, failures: [] });
    expect(await program()).toMatchObject({ requests: 0, failures: [] });
  });

  test.each([
    ['is a file', () => writeFileSync(directory, ''), 'ENOTDIR'],
    [
      'is to be made below a file',
      () => {
        writeFileSync(join(home, 'file'), '');
        directory = join(home, 'file', 'tokens');
      },
      'ENOTDIR',
    ],
    [
      'cannot be found, because there is no home directory',
      () =>
        void jest.spyOn(os, 'homedir').mockImplementation(() => {
          throw Object.assign(new Error('no home'), { code: 'ERR_SYSTEM_ERROR' });
        }),
      'ERR_SYSTEM_ERROR',
    ],
  ])('that %s is a store that fails: the program goes on alone', async (_, make, error) => {
    make();
    jest.replaceProperty(process, 'env', { ...process.env, XDG_CACHE_HOME: '' });
    const options = error === 'ERR_SYSTEM_ERROR' ? {} : { directory };
    const { requests, failures } = await program(options);
    expect(requests).toBe(1);
    expect(failures).toEqual([expect.objectContaining({ error })]);
  });

  test.each<[unknown, string]>([
    ['/tmp/tokens', 'The options of fileTokenStore are a string. Give { directory }'],
    [{ path: '/tmp/tokens' }, '"path" is not an option of fileTokenStore. Give { directory }'],
    [{ directroy: '/tmp/tokens' }, '"directroy" is not an option of fileTokenStore. Did you mean "directory"?'],
  ])('cannot be given as %j', (options, says) => {
    expect(() => fileTokenStore(options as object)).toThrow(says);
  });

  test.each(['', '~/tokens', 7, null])('cannot be %j', (given) => {
    expect(() => fileTokenStore({ directory: given as string })).toThrow(
      expect.objectContaining({
        code: 'invalid_config',
        message: expect.stringMatching(/^"directory" is .*\. Give a path/),
      }),
    );
  });
});

describe('a disk', () => {
  const mount = (...options: string[]) => spawnSync('mount', ['-t', 'tmpfs', ...options, 'tmpfs', directory]).status;
  // Root alone may mount one. Everybody else gets what the calls of such a disk would report.
  const isRoot = process.getuid?.() === 0;

  test('that is full: the program goes on alone, which is reported once, and leaves nothing behind', async () => {
    mkdirSync(directory, { mode: 0o700 });
    if (isRoot && mount('-o', 'size=16k,mode=700') === 0) {
      expect(() => writeFileSync(join(directory, 'filler'), Buffer.alloc(65_536))).toThrow('ENOSPC');
    } else {
      jest.spyOn(fs, 'writeFileSync').mockImplementation(() => {
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      });
    }
    const { requests, failures } = await program();
    expect(requests).toBe(1);
    expect(failures).toEqual([expect.objectContaining({ error: 'ENOSPC' })]);
    expect(readdirSync(directory).filter((name) => name !== 'filler')).toEqual([]);
  });

  test('that cannot be written to: its tokens are used as long as they last, then the program goes on alone', async () => {
    mkdirSync(directory, { mode: 0o700 });
    const mounted = isRoot && mount('-o', 'mode=700') === 0;
    await program();
    if (mounted) expect(spawnSync('mount', ['-o', 'remount,ro', directory]).status).toBe(0);
    else chmodSync(directory, 0o500);
    const { requests, failures, tokens, events } = await program();
    expect({ requests, failures }).toEqual({ requests: 0, failures: [] });
    expect(await tokens.renew(await tokens.get())).toBeDefined();
    expect(events('store.failed')).toEqual([
      expect.objectContaining({ operation: 'lock', error: mounted ? 'EROFS' : 'EACCES' }),
    ]);
    if (!mounted) chmodSync(directory, 0o700);
  });
});
