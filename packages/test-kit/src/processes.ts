import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuthEvent } from '@open-banking-auth/core';
import { build } from 'esbuild';
import type { ApplicationSettings, Order, Report } from './application.js';
import { aliasesOfEntries } from './entries.js';

/** The program of a process, with all that it imports, so that plain Node runs it. */
async function buildProgram(program: string): Promise<{ readonly file: string; readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'processes-'));
  const file = join(folder, 'process.cjs');
  await build({
    entryPoints: [program],
    outfile: file,
    bundle: true,
    minify: true, // There is less to read for each process.
    platform: 'node',
    logLevel: 'warning',
    alias: aliasesOfEntries(),
    // Only for a fetch with a certificate.
    external: ['undici'],
  });
  return { file, folder };
}

/** Processes that run one application after the other. */
export class Processes<Place> {
  readonly #file: string;
  readonly #folder: string;
  readonly #idle: ChildProcess[] = [];
  #applications: Application<Place>[] = [];

  private constructor({ file, folder }: { readonly file: string; readonly folder: string }) {
    this.#file = file;
    this.#folder = folder;
  }

  /** @param program The file that calls `runApplications` of `application.ts`. */
  static async build<Place>(program: string): Promise<Processes<Place>> {
    return new Processes(await buildProgram(program));
  }

  /** An application in a process of its own. */
  async start(settings: ApplicationSettings<Place>): Promise<Application<Place>> {
    const application = new Application<Place>(this.#idle.pop() ?? fork(this.#file, { execArgv: [] }));
    this.#applications.push(application);
    await application.begin(settings);
    return application;
  }

  get running(): readonly Application<Place>[] {
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
export class Application<Place> {
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

  async begin(settings: ApplicationSettings<Place>): Promise<void> {
    await this.#tell({ do: 'begin', settings });
  }

  /** Its process is free then, unless that has ended. */
  async end(): Promise<ChildProcess | undefined> {
    if (isOver(this.#process)) return undefined;
    for (let report = await this.#tell({ do: 'end' }); report.type !== 'ended'; report = await this.#next());
    this.#process.off('message', this.#receive).off('exit', this.#exited);
    return this.#process;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  kill(): Promise<void> {
    return kill(this.#process);
  }

  /** Makes requests one after the other. Resolves to what became of those that failed. */
  async call(times: number, { busy = false } = {}): Promise<readonly string[]> {
    const report = await this.#tell({ do: 'call', times, busy });
    return report.type === 'done' && report.accepted + report.failures.length === times ? report.failures : ['lost'];
  }

  /** Has it clear its tokens. */
  clear(): void {
    this.#process.send({ do: 'clear' } satisfies Order<Place>);
  }

  /** Has time pass for it, also for what it is just waiting for. */
  skip(ms: number): void {
    this.#process.send({ do: 'skip', ms } satisfies Order<Place>);
  }

  /** Resolves when its client is connected again. */
  async reconnect(): Promise<void> {
    await this.#tell({ do: 'reconnect' });
  }

  async saw(type: AuthEvent['type']): Promise<void> {
    while (!this.events.some((event) => event.type === type)) await this.#something();
  }

  #tell(order: Order<Place>): Promise<Report> {
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
