import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandOf } from './programs.js';

/** Whether this machine can start a Redis server. */
export const canStartRedis = commandOf('redis-server') !== undefined;

/** A Redis server of a test's own, on a socket in a folder of its own. It can be stopped, started, paused and killed. */
export class RedisServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'redis-'));
  readonly #path = join(this.#folder, 'redis.sock');
  /** Both clients take it. */
  readonly url = `unix://${this.#path}`;
  #process: ChildProcess | undefined;

  async start(): Promise<void> {
    const options = [
      '--port',
      '0',
      '--unixsocket',
      this.#path,
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      this.#folder,
    ];
    this.#process = spawn('redis-server', options, { stdio: 'ignore' });
    for (let attempt = 0; attempt < 1_000; attempt++) {
      if (await this.#answers()) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('redis-server was started, but does not answer');
  }

  /** It ends at once, and all that it held is gone. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (!running) return;
    running.kill('SIGKILL');
    if (running.exitCode === null && running.signalCode === null) await once(running, 'exit');
  }

  /** It stands still: connections stay, and nothing is answered. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.#path, () => socket.write('PING\r\n'));
      socket.once('data', (answer) => {
        socket.destroy();
        resolve(String(answer).startsWith('+PONG'));
      });
      socket.once('error', () => resolve(false));
    });
  }
}
