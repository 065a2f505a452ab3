import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { AuthEvent } from '@open-banking-auth/core';
import { build } from 'esbuild';
import type { Order, ProcessSettings, Report } from './fleet-process.js';

const packages = resolve(__dirname, '../..');
const built = process.env.TEST_BUILT === 'true';

/** The program of a process, with all that it imports, so that plain Node runs it. */
export async function buildProgram(): Promise<{ readonly file: string; readonly remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-'));
  const file = join(folder, 'process.cjs');
  await build({
    entryPoints: [`${packages}/redis/test/fleet-process.ts`],
    outfile: file,
    bundle: true,
    platform: 'node',
    logLevel: 'warning',
    alias: built
      ? {}
      : {
          '@open-banking-auth/core': `${packages}/core/src/index.ts`,
          '@open-banking-auth/core/client': `${packages}/core/src/client.ts`,
          '@open-banking-auth/redis': `${packages}/redis/src/index.ts`,
        },
  });
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A process of the application, as the test sees it. */
export class Application {
  readonly events: AuthEvent[] = [];
  readonly #process: ChildProcess;
  readonly #reports: Report[] = [];
  #arrived = () => {};

  constructor(file: string, settings: ProcessSettings) {
    this.#process = fork(file, [JSON.stringify(settings)], { execArgv: [] });
    this.#process.on('message', (report: Report) => {
      if (report.type === 'event') this.events.push(report.event);
      else this.#reports.push(report);
      this.#arrived();
    });
    this.#process.once('exit', () => this.#arrived());
  }

  async ready(): Promise<void> {
    await this.#next();
  }

  /** Makes requests one after the other. Resolves to what became of those that failed. */
  async call(times: number): Promise<readonly string[]> {
    const report = await this.#tell({ do: 'call', times });
    return report.type === 'done' && report.accepted + report.failures.length === times ? report.failures : ['lost'];
  }

  /** Has time pass for it, also for what it is just waiting for. */
  skip(ms: number): void {
    this.#process.send({ do: 'skip', ms } satisfies Order);
  }

  /** Resolves when its client is connected again. */
  async reconnect(): Promise<void> {
    await this.#tell({ do: 'reconnect' });
  }

  async saw(type: AuthEvent['type']): Promise<void> {
    while (!this.events.some((event) => event.type === type)) await this.#something();
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }

  #tell(order: Order): Promise<Report> {
    this.#process.send(order);
    return this.#next();
  }

  async #next(): Promise<Report> {
    for (;;) {
      const report = this.#reports.shift();
      if (report) return report;
      await this.#something();
    }
  }

  async #something(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) throw new Error('The process has ended');
    await new Promise<void>((resolve) => {
      this.#arrived = resolve;
    });
  }
}
