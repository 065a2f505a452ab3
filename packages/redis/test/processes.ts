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
async function buildProgram(): Promise<{ readonly file: string; readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-'));
  const file = join(folder, 'process.cjs');
  await build({
    entryPoints: [`${packages}/redis/test/fleet-process.ts`],
    outfile: file,
    bundle: true,
    minify: true, // There is less to read for each process.
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
  return { file, folder };
}

/** Processes that run one application after the other. */
export class Processes {
  readonly #file: string;
  readonly #folder: string;
  readonly #idle: ChildProcess[] = [];
  #applications: Application[] = [];

  private constructor({ file, folder }: { readonly file: string; readonly folder: string }) {
    this.#file = file;
    this.#folder = folder;
  }

  static async build(): Promise<Processes> {
    return new Processes(await buildProgram());
  }

  /** An application in a process of its own. */
  async start(settings: ProcessSettings): Promise<Application> {
    const application = new Application(this.#idle.pop() ?? fork(this.#file, { execArgv: [] }));
    this.#applications.push(application);
    await application.begin(settings);
    return application;
  }

  get running(): readonly Application[] {
    return this.#applications;
  }

  /** Ends the applications, and keeps their processes for the next ones. */
  async endAll(): Promise<void> {
    const ended = await Promise.all(this.#applications.map((application) => application.end()));
    this.#applications = [];
    this.#idle.push(...ended.flatMap((process) => process ?? []));
  }

  async remove(): Promise<void> {
    await this.endAll();
    await Promise.all(this.#idle.map(kill));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const isOver = (process: ChildProcess) => process.exitCode !== null || process.signalCode !== null;

async function kill(process: ChildProcess): Promise<void> {
  if (isOver(process)) return;
  process.kill('SIGKILL');
  await once(process, 'exit');
}

/** An application in a process, as the test sees it. */
export class Application {
  readonly events: AuthEvent[] = [];
  readonly #process: ChildProcess;
  readonly #reports: Report[] = [];
  #arrived = () => {};

  constructor(process: ChildProcess) {
    this.#process = process;
    process.on('message', this.#receive);
    process.on('exit', this.#exited);
  }

  readonly #exited = () => this.#arrived();
  readonly #receive = (report: Report) => {
    if (report.type === 'event') this.events.push(report.event);
    else this.#reports.push(report);
    this.#arrived();
  };

  async begin(settings: ProcessSettings): Promise<void> {
    await this.#tell({ do: 'begin', settings });
  }

  /** Its process is free then, unless that has ended. */
  async end(): Promise<ChildProcess | undefined> {
    if (isOver(this.#process)) return undefined;
    for (let report = await this.#tell({ do: 'end' }); report.type !== 'ended'; report = await this.#next());
    this.#process.off('message', this.#receive).off('exit', this.#exited);
    return this.#process;
  }

  kill(): Promise<void> {
    return kill(this.#process);
  }

  /** Makes requests one after the other. Resolves to what became of those that failed. */
  async call(times: number, { busy = false } = {}): Promise<readonly string[]> {
    const report = await this.#tell({ do: 'call', times, busy });
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
    if (isOver(this.#process)) throw new Error('The process has ended');
    await new Promise<void>((resolve) => {
      this.#arrived = resolve;
    });
  }
}
