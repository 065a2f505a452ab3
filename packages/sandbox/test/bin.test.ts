import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCommandLine } from './built-command-line.js';

const folder = mkdtempSync(join(tmpdir(), 'open-banking-sandbox-'));
const program = join(folder, 'bin.mjs');

beforeAll(() => buildCommandLine(program));
afterAll(() => rmSync(folder, { recursive: true }));

function start(...args: string[]) {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += text));
  return { child, printed: () => printed, ended: once(child, 'close') as Promise<[number | null, string | null]> };
}

async function line(child: ChildProcess, text: string, printed: () => string): Promise<void> {
  while (!printed().includes(text)) await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'close')]);
}

// On Windows a signal from another process kills the program at once, so there is nothing to check.
const onPosix = process.platform === 'win32' ? test.skip : test;

onPosix.each(['SIGINT', 'SIGTERM'] as const)('%s stops it cleanly, even with a pending request', async (signal) => {
  const { child, printed, ended } = start('--fault', 'api:hang');
  await line(child, 'Press Ctrl-C to stop it', printed);
  const api = /apiOrigins: \['(.+)'\]/.exec(printed())?.[1] ?? '';
  const { port, hostname } = new URL(api);
  const socket = connect(Number(port), hostname).on('error', () => {});
  await once(socket, 'connect');
  socket.write('GET /echo HTTP/1.1\r\nHost: x\r\n\r\n');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  child.kill(signal);
  expect(await ended).toEqual([0, null]);
  expect(printed()).toMatch(/Stopped\.\n$/);
  await closed;
});

test('--version prints the version that it was started with', async () => {
  const { printed, ended } = start('--version');
  expect(await ended).toEqual([0, null]);
  expect(printed()).toBe('1.2.3\n');
});

test('an invalid flag ends it with status 1', async () => {
  const { printed, ended } = start('--lifetime-seconds', 'long');
  expect(await ended).toEqual([1, null]);
  expect(printed()).toContain("--lifetime-seconds must be a number of seconds above 0, got 'long'");
});

test('the check reads the environment and exits with a status for scripts', async () => {
  const { printed, ended } = start('check');
  expect(await ended).toEqual([1, null]);
  expect(printed()).toContain('OPEN_BANKING_CLIENT_ID and OPEN_BANKING_CLIENT_SECRET are not set.');
});
