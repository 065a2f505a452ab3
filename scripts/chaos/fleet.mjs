import { fork } from 'node:child_process';
import { once } from 'node:events';

/** The processes of a run: started, killed, frozen; and everything that they report. */
export class Fleet {
  /** Requests that have ended, those of killed processes in flight left out. */
  requests = [];
  /** Events of the library, by name of the process. */
  events = new Map();
  unhandled = [];
  /** Who was frozen, from when to when. */
  freezes = [];
  #program;
  #settings;
  #processes = [];
  #starts = 0;

  /** @param program The file that a process runs. */
  constructor(program, settings) {
    this.#program = program;
    this.#settings = settings;
  }

  start(index) {
    const name = `process ${index}${this.#processes[index] ? `, start ${++this.#starts}` : ''}`;
    const child = fork(this.#program, [JSON.stringify({ ...this.#settings, name })], { execArgv: [] });
    const member = { name, child, finished: false };
    this.events.set(name, []);
    child.on('message', (report) => {
      if (report.type === 'request') this.requests.push({ ...report, process: name });
      if (report.type === 'event') this.events.get(name).push(report);
      if (report.type === 'unhandled') this.unhandled.push(`${name}: ${report.error}`);
      if (report.type === 'finished') member.finished = true;
    });
    child.on('exit', (code, signal) => {
      if (!member.finished && signal !== 'SIGKILL') this.unhandled.push(`${name} ended with ${code ?? signal}`);
    });
    this.#processes[index] = member;
  }

  kill(index) {
    this.#processes[index].child.kill('SIGKILL');
  }

  freeze(index) {
    const { child, name } = this.#processes[index];
    child.kill('SIGSTOP');
    const freeze = { process: name, from: Date.now(), to: Number.POSITIVE_INFINITY };
    this.freezes.push(freeze);
    return () => {
      child.kill('SIGCONT');
      freeze.to = Date.now();
    };
  }

  /** Resolves when each process has had a first response. */
  async isUp() {
    const answered = () => new Set(this.requests.map(({ process }) => process)).size;
    while (answered() < this.#processes.length) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** No further requests; resolves when those under way have ended. */
  async finish() {
    await Promise.all(
      this.#processes.map(async ({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.send('finish');
        await once(child, 'exit');
      }),
    );
  }
}
