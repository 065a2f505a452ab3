import { runInThisContext } from 'node:vm';

const FATAL = ['uncaughtException', 'unhandledRejection'] as const;

/** What would have ended the process since the watch began. Jest would fail the test, without saying for which request. */
export class ProcessWatch {
  // Jest gives tests a copy, on which these events are not emitted.
  readonly #process: NodeJS.Process = runInThisContext('process');
  readonly #before = FATAL.map((event) => [event, this.#process.rawListeners(event)] as const);
  readonly #fatal: unknown[] = [];
  readonly #listener = (error: unknown) => void this.#fatal.push(error);

  constructor() {
    for (const event of FATAL) this.#process.removeAllListeners(event).on(event, this.#listener);
  }

  take(): unknown[] {
    return this.#fatal.splice(0);
  }

  end(): void {
    for (const [event, listeners] of this.#before) {
      this.#process.removeAllListeners(event);
      for (const listener of listeners) Reflect.apply(this.#process.on, this.#process, [event, listener]);
    }
  }
}
